"""Columns find in common what the records have in common, whatever came and went before."""

from datetime import timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cluster.columns import Columns, Compared, beside
from cluster.rarity import Rarity
from cluster.state import ArticleState
from cluster.traits import NAMES, NUMBERS, Traits, mass
from tests.cluster.samples import START

TOKENS = st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), unique=True, max_size=5).map(tuple)
ARTICLES = st.builds(
    lambda language, words, names, numbers, hours: ArticleState(
        arrival=0,
        placed=START,
        event_time=START + timedelta(hours=hours),
        space="s",
        vector="",
        language=language,
        outlet="alpha",
        title="",
        words=words,
        names=names,
        numbers=numbers,
        word_mass=float(len(words)),
        name_mass=float(len(names)),
        number_mass=float(len(numbers)),
    ),
    st.sampled_from(["en", "uk"]),
    TOKENS,
    TOKENS,
    TOKENS,
    st.integers(0, 99),
)


def kinds(article: ArticleState) -> list[tuple[str, tuple[str, ...]]]:
    return [(article.language, article.words), (NAMES, article.names), (NUMBERS, article.numbers)]


@given(st.lists(ARTICLES, min_size=1, max_size=300), st.sets(st.integers(0, 299)), ARTICLES)
def test_what_is_in_common_is_what_the_records_say(
    articles: list[ArticleState], gone: set[int], one: ArticleState
) -> None:
    columns, rarity = Columns(), Rarity()

    def put(number: int) -> None:
        tokens = [rarity.add(group, tokens) for group, tokens in kinds(articles[number])]
        columns.add(str(number), articles[number], tokens)

    for number in range(len(articles)):
        put(number)
    again = sorted(gone & set(range(len(articles))))
    for number in again:
        columns.remove(str(number))
        for group, tokens in kinds(articles[number]):
            rarity.remove(group, tokens)
    for number in again[::2]:
        put(number)
    live = [number for number in range(len(articles)) if str(number) in columns]
    assert live == [number for number in range(len(articles)) if number not in again or number in again[::2]]
    weights = [rarity.weights(group, tokens) for group, tokens in kinds(one)]
    traits = Traits(language=one.language, words=weights[0], names=weights[1], numbers=weights[2])
    squares: dict[int, float] = {}
    for (group, _), own in zip(kinds(one), weights, strict=True):
        squares |= rarity.squares(group, own)
    for _ in range(2):  # asking changes nothing
        found = columns.compared(columns.numbers([str(number) for number in live]), squares, one.language)
        for row, number in enumerate(live):
            assert_row(found, row, beside(articles[number], traits))


def assert_row(found: Compared, row: int, expected: Compared) -> None:
    np.testing.assert_array_equal(found.common[row], expected.common[0])
    np.testing.assert_array_equal(found.masses[row], expected.masses[0])
    assert found.microseconds[row] == expected.microseconds[0]
    assert found.same_language[row] == expected.same_language[0]


def test_all_of_itself_is_in_common() -> None:
    words = {"probe": 1.5, "moon": 2.5}
    traits = Traits(language="en", words=words, names={}, numbers={})
    article = ArticleState(
        arrival=0,
        placed=START,
        event_time=START,
        space="s",
        vector="",
        language="en",
        outlet="alpha",
        title="",
        words=tuple(words),
    )
    assert beside(article, traits).common.tolist() == [[mass(words), 0.0, 0.0]]


def test_a_square_is_the_same_wherever_it_is_taken() -> None:
    weight = 1.519826
    assert weight * weight != weight**2
    article = ArticleState(
        arrival=0,
        placed=START,
        event_time=START,
        space="s",
        vector="",
        language="en",
        outlet="alpha",
        title="",
        names=("probe",),
    )
    columns, rarity = Columns(), Rarity()
    columns.add("1", article, [[], rarity.add(NAMES, article.names), []])
    squares = rarity.squares(NAMES, {"probe": weight})
    found = columns.compared(columns.numbers(["1"]), squares, "en")
    assert_row(found, 0, beside(article, Traits(language="en", words={}, names={"probe": weight}, numbers={})))
