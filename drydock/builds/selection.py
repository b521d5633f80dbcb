"""Which images are built because something that decides them is another, and why the others are not. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from drydock.causes import gathering
from drydock.config import Image
from drydock.text import table
from drydock.values import dataclass

FEW = 10  # images that are left as they are, up to which each has a line
HEADER = ("image", "what", "why")


@dataclass(frozen=True)
class Choice:
    """An image, whether it is built, and why."""

    image: str
    built: bool
    why: str

    def document(self) -> dict[str, Any]:
        return {"image": self.image, "what": self.what, "why": self.why}

    @property
    def what(self) -> str:
        return "build" if self.built else "skip"


def choose(
    images: Sequence[Image], reason: Callable[[Image], str], kept: Callable[[Image], str], wanted: Iterable[str]
) -> tuple[Choice, ...]:
    """One choice for each wanted image, in their order; `images` hold also what those are built upon.

    `reason` says why an image is built, empty where nothing says so; `kept` then says why not. An image is built as
    well where one is that it is built upon.
    """
    reasons: dict[str, str] = {}
    for image in gathering.ordered(images):
        below = [name for name in image.upon.values() if reasons.get(name)]
        under = next((f"it is built upon {name}: {reasons[name]}" for name in below), "")
        reasons[image.name] = reason(image) or under
    names = set(wanted)
    return tuple(
        Choice(image.name, bool(reasons[image.name]), reasons[image.name] or kept(image))
        for image in images
        if image.name in names
    )


def text(choices: Sequence[Choice]) -> str:
    """A line for each image; those that are left as they are fold into one line where they are many."""
    built, left = [one for one in choices if one.built], [one for one in choices if not one.built]
    shown = choices if len(left) <= FEW else built
    lines = [table(HEADER, [(one.image, one.what, one.why) for one in shown])] if shown else []
    if not built:
        lines.append(summary(choices))
    elif len(left) > FEW:
        lines.append(f"{len(left)} images are as they were")
    return "\n".join(lines)


def summary(choices: Sequence[Choice]) -> str:
    """How many are built of how many, in one sentence."""
    count, total = sum(one.built for one in choices), len(choices)
    if not count:
        return f"nothing to build: {'the image is as it was' if total == 1 else f'all {total} images are as they were'}"
    return f"{count} of {total} {'image is' if total == 1 else 'images are'} built"


def presence(image: Image, digest: str | None, held: Mapping[str, str]) -> str:
    """What is wrong with what the engine holds of an image, by its names; empty where it is what the build made."""
    for tag in (image.tag, *image.tags):
        if tag not in held:
            return f"{tag} is not in the engine"
        if not digest or held[tag] != digest:
            return f"{tag} is another image in the engine"
    return ""
