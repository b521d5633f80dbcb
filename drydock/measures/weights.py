"""What images weigh and how that differs from a capture. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from drydock.measures.anatomy import Anatomy, Kind, Part
from drydock.measures.growth import Grown
from drydock.text import human_bytes, human_seconds, known_bytes, shortened, table
from drydock.values import dataclass

WIDTH = 70  # of an instruction


@dataclass(frozen=True)
class Weight:
    """One image: bytes unpacked on disk and compressed to pull, its layers, and how it splits into base and own part.

    Sizes are None where they could not be weighed or the base is not known. `seconds` is the duration of the last
    recorded build, `bases` the names it was built on, stand-ins marked; `wasted_bytes` are in its layers and not seen.
    """

    name: str
    tag: str
    disk_bytes: int | None
    pull_bytes: int | None
    base_bytes: int | None
    own_bytes: int | None
    layers: int
    seconds: float | None
    bases: tuple[str, ...] = ()
    wasted_bytes: int | None = None


@dataclass(frozen=True)
class Change:
    """A figure then and now; None where the image was not there."""

    image: str
    what: str
    before: float | None
    after: float | None

    @property
    def percent(self) -> float | None:
        if self.before and self.after is not None:
            return 100 * (self.after - self.before) / self.before
        return None


FIGURES = {
    "disk_bytes": "unpacked",
    "pull_bytes": "to pull",
    "own_bytes": "own part",
    "wasted_bytes": "wasted",
    "seconds": "last build",
}


def changes(before: Sequence[Mapping[str, Any]], after: Sequence[Weight]) -> tuple[Change, ...]:
    """Every figure of every image in either list, in the order of `after`; images that are gone come last."""
    old = {image["name"]: image for image in before}
    new = {weight.name: asdict(weight) for weight in after}
    names = [*new, *(name for name in old if name not in new)]
    return tuple(
        Change(name, what, old.get(name, {}).get(key), new.get(name, {}).get(key))
        for name in names
        for key, what in FIGURES.items()
    )


def show(weights: Sequence[Weight]) -> str:
    """The table of `inv size`."""
    header = ("image", "unpacked", "to pull", "base", "own part", "wasted", "layers", "last build", "built on")
    rows = [
        (
            weight.name,
            known_bytes(weight.disk_bytes),
            known_bytes(weight.pull_bytes),
            known_bytes(weight.base_bytes),
            known_bytes(weight.own_bytes),
            known_bytes(weight.wasted_bytes),
            str(weight.layers),
            "not recorded" if weight.seconds is None else human_seconds(weight.seconds),
            ", ".join(weight.bases) or "unknown",
        )
        for weight in weights
    ]
    return table(header, rows, right=range(1, 8))


def show_changes(found: Sequence[Change]) -> str:
    """Then, now, difference and percentage of each figure; an image that is new or gone is one line."""
    rows: list[tuple[str, ...]] = []
    for name in dict.fromkeys(change.image for change in found):
        own = [change for change in found if change.image == name]
        if all(change.before is None for change in own):
            rows.append((name, "new", "", "", "", ""))
        elif all(change.after is None for change in own):
            rows.append((name, "gone", "", "", "", ""))
        else:
            rows += [_row(change) for change in own if change.before is not None or change.after is not None]
    return table(("image", "what", "then", "now", "difference", ""), rows, right=(2, 3, 4, 5))


def _row(change: Change) -> tuple[str, ...]:
    spell = human_seconds if change.what == FIGURES["seconds"] else human_bytes
    then, now = ("unknown" if value is None else spell(value) for value in (change.before, change.after))
    if change.before is None or change.after is None:
        return change.image, change.what, then, now, "", ""
    difference = change.after - change.before
    sign = "+" if difference > 0 else "-" if difference < 0 else ""
    share = "" if change.percent is None else f"{change.percent:+.1f} %"
    return change.image, change.what, then, now, f"{sign}{spell(abs(difference))}", share


def show_largest(name: str, apart: Anatomy, count: int) -> str:
    """The `count` largest layers and parts of an image, each with what it is."""
    layers = sorted(apart.layers, key=lambda layer: -layer.disk_bytes)[:count]
    shown = [
        (
            human_bytes(layer.disk_bytes),
            human_bytes(layer.pull_bytes),
            "base" if layer.base else layer.stage,
            shortened(layer.instruction, WIDTH) or "not known",
        )
        for layer in layers
    ]
    parts = [
        (human_bytes(part.disk_bytes), part.kind.value, "base" if part.base else "own", spoken_part(part))
        for part in apart.parts[:count]
    ]
    return "\n\n".join(
        [
            f"largest layers of {name}:\n" + table(("unpacked", "to pull", "from", "instruction"), shown, right=(0, 1)),
            f"largest packages and files of {name}:\n" + table(("unpacked", "kind", "part", "name"), parts, right=(0,)),
        ]
    )


def spoken_part(part: Part) -> str:
    """A package with its version, or the path of a file."""
    if part.kind is Kind.FILE:
        return f"/{part.name}"
    return f"{part.name} {part.version}".rstrip()


def show_growth(name: str, grown: Sequence[Grown], count: int) -> str:
    """What made an image grow most, then what made it shrink, with what was left out."""
    rows = [
        (
            signed_bytes(one.bytes),
            one.kind.value,
            f"/{one.name}" if one.kind is Kind.FILE else one.name,
            _versions(one),
        )
        for one in grown[:count]
    ]
    rest = grown[count:]
    lines = [f"what {name} grew by:", table(("difference", "kind", "name", "version"), rows, right=(0,))]
    if rest:
        lines.append(f"and {len(rest)} more, together {signed_bytes(sum(one.bytes for one in rest))}")
    return "\n".join(lines)


def signed_bytes(size: float) -> str:
    """A difference of bytes, with its sign."""
    return f"{'+' if size > 0 else '-' if size < 0 else ''}{human_bytes(abs(size))}"


def _versions(one: Grown) -> str:
    then, now = one.before_version, one.after_version
    if not one.before_bytes:
        return f"{now} (new)".strip()
    if not one.after_bytes:
        return f"{then} (gone)".strip()
    return now if then == now else f"{then} -> {now}"
