"""Every file of many images, out of one archive of all of them: content, mode, owner; times are left aside."""

import gzip
import hashlib
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, cast

from drydock import command
from drydock.engines.engine import Engine
from drydock.measures import oci, overlay
from drydock.measures.contents import Contents, Entry, Sort

CHUNK = 1 << 16

Files = Mapping[str, str]
"""What an image has at each path: an entry's kind, mode, owner, and its digest or the target of a link."""


def read(engine: Engine, references: Sequence[str]) -> dict[str, Files]:
    """The files of each of these images, which the engine holds; a layer that several share is read once."""
    present = oci.inspect(engine, references)
    layers = {one.diff_id: one for one in _layers(engine, list(present))}
    return {name: _files([layers[diff_id] for diff_id in dict.fromkeys(one.diff_ids)]) for name, one in present.items()}


def _files(layers: Sequence[Contents]) -> Files:
    return {path: f"{held.entry.sort.value} {held.entry.target}" for path, held in overlay.lay(layers).nodes.items()}


def _layers(engine: Engine, references: Sequence[str]) -> Iterator[Contents]:
    seen, argv = set[str](), ["docker", "image", "save", *references]
    with (
        command.start(argv, env=engine.environ) as child,
        tarfile.open(fileobj=child.stdout, mode="r|", bufsize=CHUNK) as archive,
    ):
        for member in archive:
            blob = cast(Any, archive.extractfile(member)) if member.isreg() else None
            head = blob.peek(512)[:512] if blob else b""
            is_packed = head[:2] == b"\x1f\x8b"
            if is_packed or head[257:262] == b"ustar" or (head and not any(head)):
                layer = _layer(cast(IO[bytes], gzip.GzipFile(fileobj=blob) if is_packed else blob))
                if layer.diff_id not in seen:
                    seen.add(layer.diff_id)
                    yield layer


class _Hashed:
    """A stream that is hashed while it is read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.hash = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(size)
        self.hash.update(data)
        return data


def _layer(blob: IO[bytes]) -> Contents:
    """A layer; what an entry holds beside its name stands where others have the target of a link."""
    plain, found = _Hashed(blob), dict[str, Entry]()
    with tarfile.open(fileobj=plain, mode="r|", bufsize=CHUNK) as archive:  # type: ignore[call-overload]
        for member in archive:
            path = member.name.removeprefix("./").strip("/")
            if member.islnk():  # one more name of a file of this layer
                found[path] = found[member.linkname.removeprefix("./").strip("/")]
                found[path] = Entry(path, Sort.FILE, found[path].size, found[path].target)
                continue
            sort = Sort.FILE if member.isreg() else Sort.FOLDER if member.isdir() else Sort.LINK
            held = member.linkname if sort is Sort.LINK else _digest(archive, member) if sort is Sort.FILE else ""
            mode = "" if sort is Sort.LINK else f"{member.mode:o} "
            found[path] = Entry(path, sort, member.size, f"{mode}{member.uid}:{member.gid} {held}")
    while plain.read(CHUNK):
        pass  # what follows the end of the archive belongs to the layer
    return Contents(f"sha256:{plain.hash.hexdigest()}", tuple(found.values()))


def _digest(archive: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    stream = archive.extractfile(member)
    return hashlib.file_digest(stream, "sha256").hexdigest() if stream else ""  # type: ignore[arg-type]
