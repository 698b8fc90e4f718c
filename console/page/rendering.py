"""Templates to HTML: every word from outside is escaped, every link bears the sub-path."""

import hashlib
from datetime import UTC, datetime
from importlib.resources import files
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from console.index.queries import MARK_BEGIN, MARK_END
from console.words import counted, span_words

_STATIC = files("console.page").joinpath("static")
STATIC_TYPES = {"page.css": "text/css", "live.js": "text/javascript", "icon.svg": "image/svg+xml"}


def static_file(name: str) -> bytes | None:
    """A file of the page's own; None for any other name."""
    return _STATIC.joinpath(name).read_bytes() if name in STATIC_TYPES else None


def stamp(name: str) -> str:
    """Digest of a static file, so that browsers may keep it for ever."""
    return hashlib.sha256(static_file(name) or b"").hexdigest()[:12]


class Templates:
    """The page's templates, for a page that lives under `base` (no slash at its end)."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._jinja = Environment(
            loader=PackageLoader("console.page", "templates"),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._jinja.globals.update(url=self.url, static=self.static)
        self._jinja.filters.update(time=time, ago=ago, marked=marked, outside=outside, counted=counted)

    def url(self, path: str, **query: str | None) -> str:
        """A link to one of our own pages."""
        said = {name: value for name, value in query.items() if value}
        return f"{self._base}{path}" + (f"?{urlencode(said)}" if said else "")

    def static(self, name: str) -> str:
        """A link to a static file."""
        return self.url(f"/static/{name}", v=stamp(name))

    def render(self, name: str, **values: object) -> str:
        """The page as HTML."""
        return self._jinja.get_template(name).render(**values)


def time(at: datetime | None) -> Markup:
    """A time for people and machines."""
    if at is None:
        return Markup("-")
    utc = at.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(utc.strftime("%Y-%m-%dT%H:%M:%SZ"), f"{utc:%Y-%m-%d %H:%M}Z")


def ago(at: datetime | None, now: datetime) -> str:
    """How long ago, in words."""
    return "-" if at is None else f"{span_words(now - at)} ago"


def marked(snippet: str) -> Markup:
    """A snippet with its found words marked."""
    return Markup(str(escape(snippet)).replace(MARK_BEGIN, "<mark>").replace(MARK_END, "</mark>"))  # noqa: S704


def outside(url: str) -> str:
    """An address that may be linked to: http or https, else nothing."""
    return url if url.lower().startswith(("http://", "https://")) else ""
