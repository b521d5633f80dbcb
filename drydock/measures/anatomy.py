"""What an image is made of: layers, stages, packages and files, and what is wasted. Pure."""

from collections.abc import Mapping
from dataclasses import asdict
from enum import StrEnum
from typing import Any

from drydock.values import dataclass


class Kind(StrEnum):
    """What a part of an image is: a package of one of the managers, one file of no package, or all smaller ones."""

    PIP = "pip"
    NPM = "npm"
    APT = "apt"
    FILE = "file"
    REST = "rest"


REST = "other files"


@dataclass(frozen=True)
class Part:
    """A package, or files of none, as found in the finished image: what was overwritten or deleted is not counted.

    `name` is the package's, or the file's path from the root without its slash; several copies of one version are one
    part. `base` says that the bytes come with the base image. The parts of an image and its wasted bytes sum to what
    it takes on disk.
    """

    kind: Kind
    name: str
    version: str
    disk_bytes: int
    base: bool


@dataclass(frozen=True)
class Share:
    """One layer of an image: the instruction that made it, the stage its bytes come from, its size in bytes.

    `instruction` is empty where nobody knows it (an imported base), `line` is where the Dockerfile has it; `stage` is
    empty for the base's layers. `pull_bytes` are compressed.
    """

    diff_id: str
    instruction: str
    stage: str
    disk_bytes: int
    pull_bytes: int
    base: bool
    line: int | None = None


@dataclass(frozen=True)
class Anatomy:
    """An image taken apart: layers from the bottom, parts from the largest, wasted bytes, each counted once.

    Where not all layers were read, there are no parts and `wasted_bytes` is None.
    """

    layers: tuple[Share, ...]
    parts: tuple[Part, ...] = ()
    wasted_bytes: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all layers were read, so that the parts are known."""
        return self.wasted_bytes is not None

    @property
    def stages(self) -> dict[str, int]:
        """Disk bytes by the stage they come from, in the order of the layers; those of the base apart, under ""."""
        found: dict[str, int] = {}
        for layer in self.layers:
            found[layer.stage] = found.get(layer.stage, 0) + layer.disk_bytes
        return found


def document(anatomy: Anatomy) -> dict[str, Any]:
    """An anatomy as plain data; `read` makes it again."""
    return {
        "layers": [asdict(layer) for layer in anatomy.layers],
        "stages": [{"stage": stage, "disk_bytes": size} for stage, size in anatomy.stages.items()],
        "parts": [asdict(part) for part in anatomy.parts],
        "wasted_bytes": anatomy.wasted_bytes,
    }


def read(kept: Mapping[str, Any] | None) -> Anatomy | None:
    """The anatomy of an image in a capture; None where it has none, as captures of old."""
    if not kept:
        return None
    parts = tuple(Part(**{**part, "kind": Kind(part["kind"])}) for part in kept["parts"])
    return Anatomy(tuple(Share(**layer) for layer in kept["layers"]), parts, kept["wasted_bytes"])
