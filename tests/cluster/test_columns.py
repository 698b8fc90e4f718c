"""Columns find in common what the records have in common, whatever came and went before."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cluster.columns import Columns, Compared, crossed
from cluster.rarity import Rarity, Weighed
from cluster.state import ArticleState
from cluster.traits import NAMES, Traits, stored_traits, tokens_of
from tests.cluster.samples import START

TOKENS = st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), unique=True, max_size=5).map(tuple)
ARTICLES = st.builds(
    lambda language, outlet, words, names, numbers, hours: ArticleState(
        arrival=0,
        placed=START,
        event_time=START + timedelta(hours=hours),
        space="s",
        vector=b"",
        language=language,
        outlet=outlet,
        title="",
        words=words,
        names=names,
        numbers=numbers,
        word_mass=float(len(words)),
        name_mass=float(len(names)),
        number_mass=float(len(numbers)),
    ),
    st.sampled_from(["en", "uk"]),
    st.sampled_from(["alpha", "en"]),
    TOKENS,
    TOKENS,
    TOKENS,
    st.integers(0, 99),
)


@given(st.lists(ARTICLES, min_size=1, max_size=300), st.sets(st.integers(0, 299)), ARTICLES)
def test_what_is_in_common_is_what_the_records_say(
    articles: list[ArticleState], gone: set[int], one: ArticleState
) -> None:
    columns, rarity = Columns(), Rarity()

    def put(number: int) -> None:
        tokens = [rarity.add(group, tokens) for group, tokens in tokens_of(articles[number])]
        columns.add(str(number), articles[number], tokens)

    for number in range(len(articles)):
        put(number)
    again = sorted(gone & set(range(len(articles))))
    for number in again:
        columns.remove(str(number))
        for group, tokens in tokens_of(articles[number]):
            rarity.remove(group, tokens)
    for number in again[::2]:
        put(number)
    live = [number for number in range(len(articles)) if str(number) in columns]
    assert live == [number for number in range(len(articles)) if number not in again or number in again[::2]]
    traits = stored_traits(one, rarity)
    squares = traits.words.squares | traits.names.squares | traits.numbers.squares
    expected = crossed([traits], [articles[number] for number in live])
    for _ in range(2):  # asking changes nothing
        found = columns.compared(columns.numbers([str(number) for number in live]), squares, one.language, one.outlet)
        assert_same(found, expected)


@given(st.lists(ARTICLES, min_size=1, max_size=6), st.lists(ARTICLES, min_size=1, max_size=6))
def test_many_beside_many_are_each_beside_each(ours: list[ArticleState], theirs: list[ArticleState]) -> None:
    rarity = Rarity()
    for article in theirs:
        for group, tokens in tokens_of(article):
            rarity.add(group, tokens)
    traits = [stored_traits(one, rarity) for one in ours]
    alone = [crossed([one], [other]) for one in traits for other in theirs]
    assert_same(crossed(traits, theirs), Compared(*(np.concatenate(rows) for rows in zip(*alone, strict=True))))
    for (one, other), found in zip(((one, other) for one in traits for other in theirs), alone, strict=True):
        shared = (weight * weight for token, weight in one.names.weights.items() if token in other.names)
        assert found.common[0, 1] == pytest.approx(sum(shared))


def assert_same(found: Compared, expected: Compared) -> None:
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


def an_article(**tokens: tuple[str, ...]) -> ArticleState:
    return ArticleState(
        arrival=0,
        placed=START,
        event_time=START,
        space="s",
        vector=b"",
        language="en",
        outlet="alpha",
        title="",
        words=tokens.get("words", ()),
        names=tokens.get("names", ()),
    )


def test_all_of_itself_is_in_common() -> None:
    article = an_article(words=("probe", "moon"))
    traits = stored_traits(article, Rarity())
    assert traits.masses[0] > 0
    np.testing.assert_allclose(crossed([traits], [article]).common, [traits.masses], atol=1e-6)


def test_a_square_is_the_same_wherever_it_is_taken() -> None:
    weight = 1.519826
    assert weight * weight != weight**2
    article, columns, rarity = an_article(names=("probe",)), Columns(), Rarity()
    columns.add("1", article, [[], rarity.add(NAMES, article.names), []])
    (number,) = rarity.weighed(NAMES, article.names).squares
    nothing = Weighed({}, {}, 0.0)
    traits = Traits("en", "alpha", nothing, Weighed({"probe": weight}, {number: weight * weight}, 0.0), nothing)
    found = columns.compared(columns.numbers(["1"]), traits.names.squares, "en", "alpha")
    assert_same(found, crossed([traits], [article]))
