"""What a long command tells while it works; the console shows it, nothing else depends on it."""

from collections.abc import Callable

from drydock.values import dataclass


@dataclass(frozen=True)
class Phase:
    """A phase began (`seconds` is None), moved on (`detail` changed) or ended (`seconds` is its duration).

    `bytes` is the disk space the phase took, where it is known.
    """

    name: str
    detail: str = ""
    seconds: float | None = None
    bytes: int | None = None


@dataclass(frozen=True)
class Note:
    """A sentence worth reading that is no result."""

    text: str
    warning: bool = False


@dataclass(frozen=True)
class Trouble:
    """What went wrong, the last lines that tell of it, and the command or edit that mends it; shown even when quiet.

    `path` and `line` are the place in the repository that says so, where one does.
    """

    text: str
    remedy: str
    lines: tuple[str, ...] = ()
    path: str = ""
    line: int = 0


@dataclass(frozen=True)
class Remark:
    """A workflow command of GitHub's; shown in a GitHub workflow, where it becomes an annotation."""

    line: str


Event = object  # Phase, Note, or an event of a capability (told.Snapshot)
Tell = Callable[[Event], None]


def silent(event: Event) -> None:
    """Tell nobody."""
