"""Two builds side by side: their steps, layers and parts. Pure."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from app.ledger.builds import Build, Step
from app.ledger.images import Anatomy, Kind, Layer, Part

MOST_PARTS = 200

T = TypeVar("T")
Pair = tuple[T | None, T | None]


@dataclass(frozen=True)
class StepPair:
    """A step of either build; None where one has it not."""

    stage: str
    instruction: str
    before: Step | None
    after: Step | None


@dataclass(frozen=True)
class LayerPair:
    """A layer of either image, unpacked."""

    instruction: str
    stage: str
    base: bool
    before_bytes: int | None
    after_bytes: int | None


@dataclass(frozen=True)
class Side:
    """A part in one of the images; several versions of one package are counted together."""

    version: str
    disk_bytes: int


@dataclass(frozen=True)
class PartPair:
    """A part that is different in both images, and what the second has more of it."""

    kind: Kind
    name: str
    before: Side | None
    after: Side | None
    delta_bytes: int


@dataclass(frozen=True)
class Comparison:
    """Two builds, and what differs; unless both images were taken apart whole, there are no parts."""

    before: Build
    after: Build
    steps: tuple[StepPair, ...]
    layers: tuple[LayerPair, ...]
    parts: tuple[PartPair, ...]
    is_taken_apart: bool


Whole = tuple[Build, Sequence[Step], Anatomy | None]


def compared(before: Whole, after: Whole) -> Comparison:
    """Two builds, each with its steps and what its image is made of."""
    (old, old_steps, old_apart), (new, new_steps, new_apart) = before, after
    old_parts, new_parts = (one.parts if one else None for one in (old_apart, new_apart))
    return Comparison(
        before=old,
        after=new,
        steps=tuple(_step(*pair) for pair in paired(old_steps, new_steps, lambda one: (one.stage, one.instruction))),
        layers=_layers(old_apart.layers, new_apart.layers) if old_apart and new_apart else (),
        parts=() if old_parts is None or new_parts is None else _parts(old_parts, new_parts),
        is_taken_apart=old_parts is not None and new_parts is not None,
    )


def paired(before: Sequence[T], after: Sequence[T], key: Callable[[T], Hashable]) -> list[Pair[T]]:
    """What both have by key, the first of a key with the first; in the order of `after`, what is gone in its place."""
    old, new = _counted(before, key), _counted(after, key)
    places = {one: at for at, one in enumerate(new)}
    pairs: list[tuple[float, Pair[T]]] = [(at, (old.get(one), new[one])) for one, at in places.items()]
    last: float = -1
    for one in old:
        last = places.get(one, last)
        if one not in new:
            pairs.append((last + 0.5, (old[one], None)))
    return [pair for _, pair in sorted(pairs, key=lambda entry: entry[0])]


def _counted(entries: Iterable[T], key: Callable[[T], Hashable]) -> dict[tuple[Hashable, int], T]:
    """Entries by key and which of that key they are."""
    seen = Counter[Hashable]()
    found = {}
    for one in entries:
        found[key(one), seen[key(one)]] = one
        seen[key(one)] += 1
    return found


def _step(before: Step | None, after: Step | None) -> StepPair:
    one = after or before
    assert one  # noqa: S101  # narrows the type: a pair has one side at least
    return StepPair(one.stage, one.instruction, before, after)


def _layers(before: Sequence[Layer], after: Sequence[Layer]) -> tuple[LayerPair, ...]:
    return tuple(
        LayerPair(
            one.instruction, one.stage, one.base, old.disk_bytes if old else None, new.disk_bytes if new else None
        )
        for old, new in paired(before, after, lambda one: (one.base, one.stage, one.instruction))
        if (one := new or old)
    )


def _parts(before: Iterable[Part], after: Iterable[Part]) -> tuple[PartPair, ...]:
    """Those that differ, the largest difference first."""
    old, new = _summed(before), _summed(after)
    found = [
        PartPair(kind, name, was, now, (now.disk_bytes if now else 0) - (was.disk_bytes if was else 0))
        for kind, name in {**new, **old}
        if (was := old.get((kind, name))) != (now := new.get((kind, name)))
    ]
    return tuple(sorted(found, key=lambda one: (-abs(one.delta_bytes), one.kind, one.name))[:MOST_PARTS])


def _summed(parts: Iterable[Part]) -> dict[tuple[Kind, str], Side]:
    held: dict[tuple[Kind, str], list[Part]] = {}
    for part in parts:
        held.setdefault((part.kind, part.name), []).append(part)
    return {
        key: Side(", ".join(sorted({part.version for part in of} - {""})), sum(part.disk_bytes for part in of))
        for key, of in held.items()
    }
