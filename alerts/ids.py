"""Ids as hashes of content, so that running history again gives the same ones."""

import hashlib


def hashed(prefix: str, *parts: str | int) -> str:
    """`prefix` and 20 hexadecimal digits made from `parts`; different parts give different ids."""
    content = "\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return f"{prefix}-{hashlib.sha256(content).hexdigest()[:20]}"


def alert_id(watch: str, story_id: str, number: int) -> str:
    """The id of the `number`-th message of `watch` on a story."""
    return hashed("al", watch, story_id, number)
