"""Did the day lead to what it must lead to?  Every sentence of the verdict is a failure."""

from collections import Counter
from collections.abc import Iterator, Mapping

from console.demo.watch import Seen
from demo.day import Day


def label_of_articles(day: Day, seen: Seen) -> dict[str, str]:
    """Article id -> the label of the story that the day tells in it."""
    labels = {article.path: article.story for article in day.articles}
    paths = {id_: "/" + article.url.split("/", 3)[3] for id_, article in seen.articles.items()}
    return {id_: labels[path] for id_, path in paths.items() if path in labels}


def failures(day: Day, seen: Seen, *, letters: int, posts: int) -> Iterator[str]:
    """What did not come out as the day's `expected.toml` says."""
    labels = label_of_articles(day, seen)
    yield from _articles(day, seen, labels)
    yield from _alert(day, seen, labels)
    yield from _grouping(day, seen, labels)
    for channel, count in (("e-mail", letters), ("Slack", posts)):
        if count != len(seen.alerts):
            yield f"{channel}: {count} messages were accepted for {len(seen.alerts)} alert(s)"
    if seen.dead_letters:
        yield f"{seen.dead_letters} record(s) went to the dead letters"


def _articles(day: Day, seen: Seen, labels: Mapping[str, str]) -> Iterator[str]:
    if len(labels) != len(day.articles):
        yield f"{len(labels)} of {len(day.articles)} articles arrived"
    without = [id_ for id_ in labels if id_ not in seen.story_of]
    if without:
        yield f"{len(without)} articles are in no story"


def _alert(day: Day, seen: Seen, labels: Mapping[str, str]) -> Iterator[str]:
    expected = day.expected.alert
    told = [_label(seen, alert.story_id, labels) for alert in seen.alerts]
    if told.count(expected.story) != 1:
        yield f"{told.count(expected.story)} alerts came for the story {expected.story}, exactly one was expected"
    for label in told:
        if label != expected.story:
            yield f"an alert came for {label}, which must not alert"
    for alert in seen.alerts:
        story = seen.story(alert.story_id)
        if story is None or _label(seen, alert.story_id, labels) != expected.story:
            continue
        if len(story.outlets) < expected.min_outlets:
            yield f"the story of the alert has {len(story.outlets)} outlets, {expected.min_outlets} were expected"
        if missing := set(expected.languages) - set(story.languages):
            yield f"the story of the alert lacks the languages {', '.join(sorted(missing))}"


def _grouping(day: Day, seen: Seen, labels: Mapping[str, str]) -> Iterator[str]:
    for label in day.expected.grouped.stories:
        together = [
            {seen.articles[id_].outlet for id_ in story.articles if labels.get(id_) == label}
            for story in seen.stories.values()
        ]
        most = max(map(len, together), default=0)
        if most < day.expected.grouped.min_outlets:
            yield f"no story brings outlets together on {label}"


def _label(seen: Seen, story_id: str, labels: Mapping[str, str]) -> str:
    """What most of a story's articles tell."""
    story = seen.story(story_id)
    counts = Counter(labels.get(id_, "?") for id_ in (story.articles if story else ()))
    return counts.most_common(1)[0][0] if counts else "?"
