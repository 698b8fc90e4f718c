"""Named places at which a test may end the process, to prove that nothing is lost there and nothing happens twice."""

from collections.abc import Callable


def crash_point(name: str) -> None:
    """Do nothing, unless a test has installed its hook."""
    _hooks[-1](name)


def _nothing(_name: str) -> None:
    pass


_hooks: list[Callable[[str], None]] = [_nothing]


def install(hook: Callable[[str], None]) -> None:
    """For tests alone: call `hook` at every point of this process from now on."""
    _hooks.append(hook)
