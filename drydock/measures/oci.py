"""What images weigh: the sum of their layers, each read out of the engine once."""

import json
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from drydock import command
from drydock.engines.engine import Engine
from drydock.errors import NotReady
from drydock.measures import stages
from drydock.measures.layers import Layer
from drydock.measures.stages import Made
from drydock.measures.weighing import CHUNK, Weighed, weigh
from drydock.values import dataclass

SMALL_LAYER = 1_000_000  # bytes; a build does not read an image for layers that are smaller all together


@dataclass(frozen=True)
class Present:
    """An image that the engine holds: its id, platform, layers from the bottom (diff ids), and the store's own size."""

    reference: str
    digest: str
    platform: str
    diff_ids: tuple[str, ...]
    store_bytes: int


@dataclass(frozen=True)
class Size:
    """What an image weighs, in bytes, and what its base weighs on disk; None where it could not be weighed."""

    disk_bytes: int | None
    pull_bytes: int | None
    base_bytes: int | None = None

    @property
    def own_bytes(self) -> int | None:
        """What it weighs over its base, unpacked."""
        if self.disk_bytes is None or self.base_bytes is None:
            return None
        return self.disk_bytes - self.base_bytes


@dataclass(frozen=True)
class Measured:
    """Sizes by reference, the weights of all layers that are known now, and the layers that were read for it.

    `histories` are those that had to be asked for, by reference.
    """

    sizes: Mapping[str, Size]
    weights: Mapping[str, Layer]
    read: tuple[Weighed, ...]
    histories: Mapping[str, tuple[Made, ...]]


def inspect(engine: Engine, references: Sequence[str]) -> dict[str, Present]:
    """Those of the images that the engine holds, by reference; one process for all."""
    if not references:
        return {}
    wanted = list(dict.fromkeys(references))
    result = command.run(["docker", "image", "inspect", *wanted], env=engine.environ)
    try:
        entries = json.loads(result.out or "[]")
    except ValueError:
        entries = []
    if len(entries) == len(wanted):
        pairs = zip(wanted, entries, strict=True)
        return {reference: _present(reference, entry) for reference, entry in pairs}
    named = {name: entry for entry in entries for name in (*(entry.get("RepoTags") or ()), entry["Id"])}
    return {reference: _present(reference, named[reference]) for reference in wanted if reference in named}


def history(engine: Engine, reference: str) -> tuple[Made, ...]:
    """What an image says of how it was made, the oldest line first; nothing for one that is gone."""
    argv = ["docker", "image", "history", "--no-trunc", "--human=false", "--format", "{{json .}}", reference]
    told = command.run(argv, env=engine.environ)
    lines = told.out.splitlines() if told.ok else []
    return tuple(Made(one["CreatedBy"], int(float(one["Size"]))) for one in map(json.loads, reversed(lines)))


def measure(
    engine: Engine,
    images: Sequence[Present],
    known: Mapping[str, Layer],
    tell: Callable[[str], None],
    *,
    exact: bool = False,
) -> Measured:
    """The size of each image by reference, and the layers that had to be read for it.

    Where all layers are known, nothing is read. Else the image is streamed out of the engine, never to a file, and
    each new layer weighed. Unless it is to be `exact`, small new layers are taken as the store counts them, if it
    keeps layers unpacked: see `_estimated`.
    """
    weights, histories = dict(known), dict[str, tuple[Made, ...]]()
    for image in images:
        if not exact and engine.store != "containerd" and _is_nearly_known(image, weights):
            histories[image.reference] = history(engine, image.reference)
            weights |= _estimated(image, weights, histories[image.reference])
    read = list[Weighed]()
    if heavy := [image for image in images if _sum(image, weights) is None]:
        tell(", ".join(image.reference for image in heavy))
        read += _weigh(engine, heavy, set(known))
        weights |= {one.layer.diff_id: one.layer for one in read}
    sizes = {image.reference: _sum(image, weights) or Size(None, None) for image in images}
    return Measured(sizes, weights, tuple(read), histories)


def based(size: Size, image: Present, bases: Iterable[Present], known: Mapping[str, Layer]) -> Size:
    """The size with the share of the base underneath."""
    base = under(image, bases)
    weighed = _sum(base, known) if base else None
    return Size(size.disk_bytes, size.pull_bytes, weighed.disk_bytes) if weighed else size


def under(image: Present, bases: Iterable[Present]) -> Present | None:
    """The base of an image: the longest of `bases` whose layers it begins with."""
    fitting = [base for base in bases if base.diff_ids and image.diff_ids[: len(base.diff_ids)] == base.diff_ids]
    return max(fitting, key=lambda base: len(base.diff_ids), default=None)


def _sum(image: Present, known: Mapping[str, Layer]) -> Size | None:
    layers = [known[diff_id] for diff_id in image.diff_ids if diff_id in known]
    if len(layers) < len(image.diff_ids):
        return None
    return Size(sum(layer.disk_bytes for layer in layers), sum(layer.pull_bytes for layer in layers))


def _is_nearly_known(image: Present, known: Mapping[str, Layer]) -> bool:
    """Whether layers are unknown, and all of them together are small."""
    layers = [known[diff_id] for diff_id in image.diff_ids if diff_id in known]
    rest = image.store_bytes - sum(layer.disk_bytes for layer in layers)
    return 0 < len(layers) < len(image.diff_ids) and rest <= SMALL_LAYER


def _estimated(image: Present, known: Mapping[str, Layer], history: Sequence[Made]) -> dict[str, Layer]:
    """The unknown layers of an image as its history counts them, if it tells them apart.

    They are taken to compress as well as the rest of the image. The store counts the text of links, the scales do not.
    """
    layers = [known[diff_id] for diff_id in image.diff_ids if diff_id in known]
    disk, pull = sum(layer.disk_bytes for layer in layers), sum(layer.pull_bytes for layer in layers)
    made = stages.layered(history, len(image.diff_ids))
    unknown = {diff_id: one.size for diff_id, one in zip(image.diff_ids, made, strict=False) if diff_id not in known}
    return {diff_id: Layer(diff_id, size, size * pull // max(disk, 1)) for diff_id, size in unknown.items()}


def _weigh(engine: Engine, images: Sequence[Present], known: set[str]) -> Iterator[Weighed]:
    """Weigh the unknown layers of images; the engine writes a layer that several share once."""
    seen = set(known)
    argv = ["docker", "image", "save", *(image.reference for image in images)]
    with command.start(argv, env=engine.environ) as child:
        try:
            with tarfile.open(fileobj=child.stdout, mode="r|", bufsize=CHUNK) as archive:
                for member in archive:
                    blob = archive.extractfile(member) if member.isreg() else None
                    # On a store that keeps layers unpacked, a blob is named by its diff id: pass over what is known.
                    if blob is None or "sha256:" + member.name.rpartition("/")[2] in seen:
                        continue
                    weighed = weigh(blob, member.size)
                    if weighed and weighed.layer.diff_id not in seen:
                        seen.add(weighed.layer.diff_id)
                        yield weighed
        except tarfile.ReadError as error:
            words = child.stderr.read().decode("utf-8", "replace").strip() if child.stderr else ""
            raise NotReady(f"images cannot be read out of the engine: {words or error}", remedy="inv doctor") from error


def _present(reference: str, entry: Mapping[str, Any]) -> Present:
    parts = [entry.get("Os") or "", entry.get("Architecture") or "", entry.get("Variant") or ""]
    return Present(
        reference=reference,
        digest=str(entry["Id"]),
        platform="/".join(part for part in parts if part),
        diff_ids=tuple((entry.get("RootFS") or {}).get("Layers") or ()),
        store_bytes=int(entry.get("Size") or 0),
    )
