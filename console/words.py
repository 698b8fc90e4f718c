"""How numbers, spans and words from outside are said to people."""

from datetime import timedelta


def plain(text: str, allowed: str = "") -> str:
    """`text` without control characters but those allowed, so that a hostile title cannot steer the terminal."""
    return "".join(char if char.isprintable() or char in allowed else " " for char in text)


def counted(number: int, thing: str) -> str:
    """`1 outlet`, `2 outlets`, `2 watches`."""
    ending = "" if number == 1 else "es" if thing.endswith("ch") else "s"
    return f"{number} {thing}{ending}"


def span_words(span: timedelta) -> str:
    """A span in its largest sensible unit: `4 s`, `6 min`, `3 h`, `2 d`."""
    seconds = max(0, int(span.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
