"""What was taken down, as the stages alerts and deliver remember it: by article, and the headlines by digest."""

from collections.abc import Iterator

from wire.codec import decode
from wire.log.port import Record
from wire.messages import ArticleId, Command, Message
from wire.stage import Change


class Removed(Message, frozen=True, kw_only=True):
    """An article was taken down.  Kept under `removed:<article>`, also over a reset."""

    article_id: ArticleId
    titles: tuple[str, ...] = ()  # digests of the headlines that it bore: records still to be read may bear them


class Takedowns:
    """All that were taken down: a function of the last value per key."""

    def __init__(self) -> None:
        self._removed: dict[ArticleId, Removed] = {}
        self.titles: set[str] = set()  # digests

    def fold(self, record: Record) -> None:
        """Take a record under `removed:`; what was taken down stays so."""
        if record.value is not None:
            removed = decode(record.value, Removed)
            self._removed[removed.article_id] = removed
            self.titles |= {*removed.titles}

    def remembered(self) -> Iterator[Change]:
        """Every record of the state topic, as it is here."""
        yield from (_kept(removed) for removed in self._removed.values())

    def taken(self, command: Command, titles: set[str]) -> Change:
        """The record that a takedown leaves; `titles`: digests that are known beside those that the command names."""
        known = self._removed.get(command.target)
        before = () if known is None else known.titles
        titles = {*titles, *command.titles, *before}
        return _kept(Removed(article_id=command.target, titles=tuple(sorted(titles))))

    def __contains__(self, article_id: object) -> bool:
        return article_id in self._removed


def _kept(removed: Removed) -> Change:
    return Change(f"removed:{removed.article_id}", removed)
