"""A label of a headline goes, whatever the headline tells stays."""

import time

import pytest

from wire.labels import unlabelled

CASES = {  # name: headline -> what is left
    "running report": ("The Latest: Ferry runs aground near the port", "Ferry runs aground near the port"),
    "of something": ("Storm latest: Ferry runs aground off Odesa", "Ferry runs aground off Odesa"),
    "live updates": ("Harbour live updates | Ferry runs aground off Odesa", "Ferry runs aground off Odesa"),
    "in brackets before": ("[VIDEO] Ferry runs aground near the port", "Ferry runs aground near the port"),
    "in brackets behind": ("Ferry runs aground near the port (PHOTOS)", "Ferry runs aground near the port"),
    "behind a bar": ("Ferry runs aground near the port | Analysis", "Ferry runs aground near the port"),
    "two": ("BREAKING: Ferry runs aground near the port (video)", "Ferry runs aground near the port"),
    "Ukrainian": ("Відео: пором сів на мілину біля порту", "пором сів на мілину біля порту"),
    "Russian": ("Срочно – паром сел на мель у порта Одессы", "паром сел на мель у порта Одессы"),
    "Spanish": ("EN VIVO: el ferry encalla cerca del puerto", "el ferry encalla cerca del puerto"),
    "what happened is no label": ("Ferry accident: captain is questioned", "Ferry accident: captain is questioned"),
    "a word that goes on": ("Live music returns to the harbour", "Live music returns to the harbour"),
    "a hyphen inside a word": (
        "Live-fire drill: port is closed for a day",
        "Live-fire drill: port is closed for a day",
    ),
    "little else": ("Update: port opens", "Update: port opens"),
    "nothing": ("", ""),
}


@pytest.mark.parametrize(("headline", "left"), CASES.values(), ids=CASES.keys())
def test_unlabelled(headline: str, left: str) -> None:
    assert unlabelled(headline) == left


@pytest.mark.parametrize("hostile", ["(" * 50_000, "a " * 50_000, "| " * 50_000, "-" * 50_000, " " * 50_000])
def test_a_hostile_headline_costs_little(hostile: str) -> None:
    started = time.process_time()
    unlabelled(hostile)
    assert time.process_time() - started < 1
