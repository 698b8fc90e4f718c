"""Does an article say that it, or an earlier text of it, was wrong?  Pure."""

import re

from wire.messages import Article

# As outlets word it in the four languages; the beginnings of words, since most of them inflect.
_NOTICE = re.compile(
    r"\b(?:correction\b|corrected\b|retract(?:ed|ion|s)\b|an earlier version of this|clarification\b"
    r"|виправлен\w*|спростуван\w*|попередн\w+ верс\w+|уточнен\w*:|редакція перепрошує|новину видалено"
    r"|исправлен\w*|опроверж\w*|предыдущ\w+ верси\w+|редакция приносит извинения|новость удалена"
    r"|sprostowani\w*|korekta\b|poprzedni\w* wersj\w+)",
    re.IGNORECASE,
)
# Notices stand at the head or at the foot of a text; in between the words are more often news.
_HEAD_CHARS = 300
_FOOT_CHARS = 400


def says_correction(article: Article) -> bool:
    """Whether headline, head or foot of the text has a notice of correction or retraction."""
    text = article.body or article.summary
    parts = (article.title, text[:_HEAD_CHARS], text[-_FOOT_CHARS:] if len(text) > _HEAD_CHARS else "")
    return any(_NOTICE.search(part) for part in parts)
