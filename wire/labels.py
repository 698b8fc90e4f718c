"""Standing labels of headlines: The Latest:, LIVE |, (VIDEO).  They say how a piece is told, never what happened.

Two pieces under one label look alike to any measure of likeness, whatever they tell.
"""

import re

_FORMS = "|".join(
    (
        # English
        r"(?:the )?latest(?: news| updates?)?|live(?:[ -]?blog| updates?| coverage)?|updates?(?: \d{1,2})?|\d\. update",
        r"breaking(?: news)?|(?:news )?alert|videos?|watch(?: live)?|photos?|pictures?|in pictures|gallery|exclusive",
        r"explainer|explained|analysis|opinion|commentary|review|preview|recap|round-?up|report|factbox|timeline",
        r"podcast|transcript",
        # Spanish, Portuguese, French, German
        r"en vivo|última hora|urgente|vídeos?|fotos?|opinión|exclusivo|ao vivo|galeria|opinião",
        r"en direct|direct|urgent|vidéos?|exclusif|avis|(?:im )?live-?ticker|eilmeldung|bilder|kommentar|analyse",
        # Russian, Ukrainian, Polish, Slovenian, Arabic
        r"видео|фото|срочно|онлайн|обновлено|мнение|эксклюзив|репортаж|відео|терміново|оновлено|наживо|ексклюзив",
        r"wideo|zdjęcia|pilne|na żywo|relacja|v živo|عاجل|فيديو|بالفيديو|صور",
    )
)
_SEPARATOR = r"\s?(?:[:|–—]|>>|(?<=\s)-(?=\s))\s?"
_FIRST = re.compile(
    rf"[^\w\s]?(?:(?:{_FORMS})(?:\s?[&,+/]\s?(?:{_FORMS}))?[\])]?{_SEPARATOR}|[\[(](?:{_FORMS})[\])])", re.I
)
# A running report of anything: Election latest:, Storm live updates:.
_RUNNING = re.compile(rf"\w[\w' -]{{0,30}} (?:latest|(?:live )?updates?|live-?blog|live-?ticker){_SEPARATOR}", re.I)
_LAST = re.compile(rf"[\[(](?:{_FORMS})[\])]$|[|–—]\s?(?:{_FORMS})$", re.I)
# What is left must still be a headline.
_SHORTEST = 15


def unlabelled(headline: str) -> str:
    """`headline` without the labels before and behind it; as it is where little else would be left."""
    for pattern in (_FIRST, _RUNNING):
        label = pattern.match(headline)
        if label and len(headline) - label.end() >= _SHORTEST:
            headline = headline[label.end() :].lstrip()
    headline = headline.rstrip()
    label = _LAST.search(headline)
    return headline[: label.start()].rstrip() if label and label.start() >= _SHORTEST else headline
