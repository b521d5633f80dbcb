"""What images weigh: layers unpacked on disk and compressed as they are pulled, each measured once."""

import hashlib
import json
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from drydock import command
from drydock.engines.engine import Engine
from drydock.errors import NotReady
from drydock.measures.layers import Layer

GZIP_LEVEL = 6  # zlib's default: what is counted as pull size where the store keeps layers uncompressed
SMALL_LAYER = 1_000_000  # bytes; such layers are not compressed to be weighed: their files are counted as they are
CHUNK = 1 << 20


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
    each new layer counted: its regular files, and its compressed blob, or what zlib makes of it at GZIP_LEVEL.
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


def weigh(blob: IO[bytes], size: int) -> Layer | None:
    """One layer from its blob of `size` bytes, a tar or a gzipped tar; None for anything else."""
    plain = _Plain(blob)
    if not plain.is_layer:
        return None
    disk = 0
    with tarfile.open(fileobj=plain, mode="r|", bufsize=CHUNK) as archive:  # type: ignore[call-overload]
        for member in archive:
            disk += member.size if member.isreg() else 0
    plain.drain()
    pull = size if plain.is_gzip else disk if disk <= SMALL_LAYER else plain.compressed
    return Layer(f"sha256:{plain.digest}", disk, pull)


class _Plain:
    """A blob read as a plain tar, hashed and counted compressed on the way."""

    def __init__(self, blob: IO[bytes]) -> None:
        self._blob = blob
        self._head = blob.read(512)
        self.is_gzip = self._head[:2] == b"\x1f\x8b"
        self.is_layer = self.is_gzip or self._head[257:262] == b"ustar" or not any(self._head)
        self._hash = hashlib.sha256()
        self._gunzip = zlib.decompressobj(31)
        self._gzip = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31)
        self._left = b""
        self.compressed = 0

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def read(self, size: int) -> bytes:
        while len(self._left) < size and (data := self._next()):
            self._left += data
        data, self._left = self._left[:size], self._left[size:]
        return data

    def drain(self) -> None:
        """Read what follows the end of the archive: it belongs to the layer's digest."""
        while self.read(CHUNK):
            pass
        self.compressed += len(self._gzip.flush())

    def _next(self) -> bytes:
        while raw := self._head or self._blob.read(CHUNK):
            self._head = b""
            data = self._gunzip.decompress(raw) if self.is_gzip else raw
            if data:
                self._hash.update(data)
                self.compressed += 0 if self.is_gzip else len(self._gzip.compress(data))
                return data
        return b""


def _present(reference: str, entry: Mapping[str, Any]) -> Present:
    parts = [entry.get("Os") or "", entry.get("Architecture") or "", entry.get("Variant") or ""]
    return Present(
        reference=reference,
        digest=str(entry["Id"]),
        platform="/".join(part for part in parts if part),
        diff_ids=tuple((entry.get("RootFS") or {}).get("Layers") or ()),
        store_bytes=int(entry.get("Size") or 0),
    )
