"""Which of several fixes stay: all together first, then halves, until each that fails is alone. Pure."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from drydock.values import dataclass

Unit = TypeVar("Unit", bound=Hashable)


@dataclass(frozen=True)
class Settled(Generic[Unit]):
    """What stays, all of it judged together, and why each of the others does not."""

    kept: tuple[Unit, ...]
    refused: Mapping[Unit, str]


def settle(units: Sequence[Unit], judge: Callable[[tuple[Unit, ...]], str]) -> Settled[Unit]:
    """Keep as many units as possible. `judge` says why those it is given must not stay together, "" where they may.

    With k units that fail among n, it is asked about k times the logarithm of n, and once where none fails.
    """
    kept, refused = list[Unit](), dict[Unit, str]()

    def add(group: Sequence[Unit]) -> None:
        reason = judge((*kept, *group))
        if not reason:
            kept.extend(group)
        elif len(group) == 1:
            refused[group[0]] = reason
        else:
            middle = len(group) // 2
            add(group[:middle])
            add(group[middle:])

    if units:
        add(units)
    return Settled(tuple(kept), refused)
