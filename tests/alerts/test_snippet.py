"""A snippet's spans always name the same words as the mentions did, however much is cut."""

from hypothesis import given
from hypothesis import strategies as st

from alerts.snippet import LONGEST_WHOLE_CHARS, snippet_of
from wire.messages import Mention, Place, Sentence


@given(st.lists(st.sampled_from(["word", "ще", "*A*", "*B*", "x" * 300]), min_size=1, max_size=120))
def test_spans_follow_their_words(words: list[str]) -> None:
    text, mentions = "", []
    for word in words:
        if word.startswith("*"):
            mentions.append(Mention(entity=word[1], sentence=0, start=len(text), end=len(text) + 1))
        text += word.strip("*") + " "
    snippet = snippet_of(Sentence(text=text, place=Place.BODY, paragraph=1), mentions)
    assert {s.entity for s in snippet.spans} == {m.entity for m in mentions}
    assert all(snippet.text[s.start : s.end] == s.entity for s in snippet.spans)
    assert len(snippet.text) <= max(LONGEST_WHOLE_CHARS, 2 * 250 + 10)


def test_a_long_sentence_keeps_the_words_around() -> None:
    text = "so " * 300 + "MUSK met PUTIN" + " and on" * 300
    start = text.index("MUSK")
    mentions = [
        Mention(entity="musk", sentence=0, start=start, end=start + 4),
        Mention(entity="putin", sentence=0, start=start + 9, end=start + 14),
    ]
    snippet = snippet_of(Sentence(text=text, place=Place.BODY, paragraph=1), mentions)
    assert "so MUSK met PUTIN and" in snippet.text
    assert snippet.text.startswith(" … so")
    assert snippet.text.endswith("on …")
