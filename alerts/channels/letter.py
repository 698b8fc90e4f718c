"""A message as an e-mail: text and HTML, threaded by story, safe to hand to any SMTP server.  Pure."""

import re
from dataclasses import dataclass
from email.headerregistry import Address, HeaderRegistry, MessageIDHeader
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from alerts.channels.html import as_html
from alerts.channels.text import as_text
from alerts.message import Message

# Ids that do not fit into a line would be cut into encoded words as other text is, and be none any more.
_HEADERS = HeaderRegistry()
for _name in ("In-Reply-To", "References", "List-Id"):
    _HEADERS.map_to_type(_name, MessageIDHeader)  # type: ignore[arg-type]  # a mixin, as all of them are
_NOT_OF_AN_ID = re.compile(r"[^A-Za-z0-9._-]")
# 7 bit, so that the letter passes servers that announce no 8BITMIME.
_POLICY = SMTP.clone(cte_type="7bit", header_factory=_HEADERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """From whom and to whom; addresses without display names."""

    sender: str
    to: tuple[str, ...]

    @property
    def domain(self) -> str:
        """Of the sender; ids of messages and lists are made under it."""
        return self.sender.rsplit("@", 1)[1]


def letter(message: Message, envelope: Envelope) -> EmailMessage:
    """The letter.

    Its Message-ID is the idempotency key: a repeated attempt is the same letter, and many servers drop the second.
    All letters on one story for one watch refer to the same root, which no letter has: clients group them by it.

    Raises:
        ValueError: an address is none.
    """
    made = EmailMessage(policy=_POLICY)
    made["From"] = Address(display_name="Wirewatch", addr_spec=envelope.sender)
    made["To"] = [Address(addr_spec=address) for address in envelope.to]
    made["Subject"] = f"[{message.watch}] " + ("(may repeat) " if message.may_repeat else "") + message.subject
    made["Date"] = format_datetime(message.at)
    made["Message-ID"] = f"<{message.key}@{envelope.domain}>"
    root = f"<{message.thread}@{envelope.domain}>"
    made["In-Reply-To"] = root
    made["References"] = root
    made["List-Id"] = f"<{_NOT_OF_AN_ID.sub('-', message.watch)}.wirewatch.{envelope.domain}>"
    if message.urgent:
        made["Importance"] = "high"  # RFC 4021
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday note shall answer
    made["X-Wirewatch-Alert"] = message.alert_id
    made["X-Wirewatch-Attempt"] = str(message.attempt)
    made.set_content(as_text(message))
    made.add_alternative(as_html(message), subtype="html")
    return made
