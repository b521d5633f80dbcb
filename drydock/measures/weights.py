"""What images weigh and how that differs from a capture. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from drydock.text import human_bytes, human_seconds, known_bytes, table


@dataclass(frozen=True)
class Weight:
    """One image: bytes unpacked on disk and compressed to pull, its layers, and how it splits into base and own part.

    Sizes are None where they could not be weighed or the base is not known. `seconds` is the duration of the last
    recorded build, `bases` the names it was built on, stand-ins marked.
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


FIGURES = {"disk_bytes": "unpacked", "pull_bytes": "to pull", "own_bytes": "own part", "seconds": "last build"}


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
    header = ("image", "unpacked", "to pull", "base", "own part", "layers", "last build", "built on")
    rows = [
        (
            weight.name,
            known_bytes(weight.disk_bytes),
            known_bytes(weight.pull_bytes),
            known_bytes(weight.base_bytes),
            known_bytes(weight.own_bytes),
            str(weight.layers),
            "not recorded" if weight.seconds is None else human_seconds(weight.seconds),
            ", ".join(weight.bases) or "unknown",
        )
        for weight in weights
    ]
    return table(header, rows, right=range(1, 7))


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
