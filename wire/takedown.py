"""What stands where an article's words stood, and how a headline is known again of which the words are gone."""

import hashlib

REMOVED_TITLE = "[removed]"


def digest(title: str) -> str:
    """Tells a headline from others without its words."""
    return hashlib.sha256(title.encode("utf-8", "surrogatepass")).hexdigest()
