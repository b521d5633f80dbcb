"""What made an image exceed a limit: what it grew by since an earlier state, or the steps that ran again. Pure."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from drydock.measures import anatomy, weights
from drydock.measures.anatomy import Anatomy, Kind, Part
from drydock.measures.budgets import SPOKEN, Figure
from drydock.measures.growth import Grown, growth
from drydock.text import human_bytes, table
from drydock.values import dataclass

WASTED = "overwritten or deleted in a later layer"


@dataclass(frozen=True)
class Excess:
    """What made a figure of an image exceed its limit, what did most of it first.

    `against` is the earlier state in words, or the capture that tells of `steps`, the instructions that ran again.
    Where no earlier state is known it is empty, and `largest` holds the parts over the base instead of what grew.
    """

    image: str
    figure: Figure
    against: str = ""
    grown: tuple[Grown, ...] = ()
    largest: tuple[Part, ...] = ()
    steps: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        """The first of them in words; empty where nothing grew."""
        if self.steps:
            return self.steps[0]
        if self.largest:
            return f"{weights.spoken_part(self.largest[0])} ({human_bytes(self.largest[0].disk_bytes)})"
        if not self.grown:
            return ""
        one = self.grown[0]
        name = f"/{one.name}" if one.kind is Kind.FILE else f"{one.name} {one.after_version}".rstrip()
        return f"{name} ({weights.signed_bytes(one.bytes)})"

    def document(self) -> dict[str, Any]:
        """The excess as plain data."""
        return {**asdict(self), "grown": [{**asdict(one), "bytes": one.bytes} for one in self.grown]}

    def text(self, count: int) -> str:
        """What it was compared with, and so many of what made it grow."""
        what = f"{self.image}, {SPOKEN[self.figure]}"
        if self.steps:
            return "\n".join([f"{what}, {self.against}:", *self.steps])
        if self.against:
            head = f"{what}, against {self.against}"
            return (
                f"{head}\n{weights.show_growth(self.image, self.grown, count)}"
                if self.grown
                else f"{head}: no part grew"
            )
        rows = [(human_bytes(one.disk_bytes), one.kind.value, weights.spoken_part(one)) for one in self.largest[:count]]
        shown = table(("unpacked", "kind", "name"), rows, right=(0,))
        return f"{what}: no earlier state that differs is known; the largest over its base:\n{shown}"


def since(image: str, figure: Figure, against: str, then: Mapping[str, Any], now: Anatomy) -> Excess | None:
    """What an image grew by since it was as `then`, as a capture holds it; None where its parts are not known."""
    old = anatomy.read(then.get("anatomy"))
    if not (old and old.is_whole and now.is_whole):
        return None
    grown = growth(_parts(old), _parts(now))
    return Excess(image, figure, against, tuple(one for one in grown if one.bytes > 0))


def alone(image: str, figure: Figure, now: Anatomy) -> Excess:
    """What an image has over its base, largest first, where there is nothing to compare it with."""
    own = sorted((part for part in _parts(now) if not part.base), key=lambda part: -part.disk_bytes)
    return Excess(image, figure, largest=tuple(own))


def _parts(apart: Anatomy) -> tuple[Part, ...]:
    """The parts of an image and what is wasted in it, which together are what it takes on disk."""
    return (*apart.parts, Part(Kind.REST, WASTED, "", apart.wasted_bytes or 0, base=False))
