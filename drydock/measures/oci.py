"""What images weigh: the sum of their layers, each read out of the engine once."""

import json
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from drydock import command
from drydock.engines.engine import Engine
from drydock.errors import NotReady
from drydock.measures.layers import Layer
from drydock.measures.weighing import CHUNK, SMALL_LAYER, weigh


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


def measure(
    engine: Engine, images: Sequence[Present], known: Mapping[str, Layer], tell: Callable[[str], None]
) -> tuple[dict[str, Size], tuple[Layer, ...]]:
    """The size of each image by reference, and the layers that had to be weighed for it.

    Where all layers are known, nothing is read. Else the image is streamed out of the engine, never to a file, and
    each new layer weighed.
    """
    weighed = dict(known)
    heavy = [image for image in images if _sum(image, weighed, engine.store) is None]
    if heavy:
        tell(", ".join(image.reference for image in heavy))
        weighed |= {layer.diff_id: layer for layer in _weigh(engine, heavy, set(weighed))}
    fresh = tuple(layer for diff_id, layer in weighed.items() if diff_id not in known)
    return {image.reference: _sum(image, weighed, engine.store) or Size(None, None) for image in images}, fresh


def based(size: Size, image: Present, bases: Iterable[Present], known: Mapping[str, Layer], store: str) -> Size:
    """The size with the share of the base: the longest of `bases` whose layers the image begins with."""
    under = [base for base in bases if base.diff_ids and image.diff_ids[: len(base.diff_ids)] == base.diff_ids]
    if not under:
        return size
    base = _sum(max(under, key=lambda base: len(base.diff_ids)), known, store)
    return Size(size.disk_bytes, size.pull_bytes, base.disk_bytes if base else None)


def _sum(image: Present, known: Mapping[str, Layer], store: str) -> Size | None:
    """The size from known layers; on a store that keeps layers unpacked, small new ones need not be known."""
    layers = [known[diff_id] for diff_id in image.diff_ids if diff_id in known]
    disk, pull = sum(layer.disk_bytes for layer in layers), sum(layer.pull_bytes for layer in layers)
    if len(layers) == len(image.diff_ids):
        return Size(disk, pull)
    rest = image.store_bytes - disk
    if store != "containerd" and 0 <= rest <= SMALL_LAYER:
        return Size(disk + rest, pull + rest)
    return None


def _weigh(engine: Engine, images: Sequence[Present], known: set[str]) -> Iterator[Layer]:
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
                    if layer := weigh(blob, member.size):
                        seen.add(layer.diff_id)
                        yield layer
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
