"""A layer on the scales: its files unpacked on disk, compressed as it is pulled, and what is in it."""

import hashlib
import posixpath
import tarfile
import zlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Self

from drydock.measures import machine, records
from drydock.measures.contents import Contents, Entry, Record, Sort
from drydock.measures.layers import Layer
from drydock.values import dataclass

GZIP_LEVEL = 6  # zlib-ng's: what is counted as pull size where the store keeps layers uncompressed
CHUNK = 1 << 20
PIECE = 1 << 16  # bytes: at each header tarfile copies what it has read ahead
WINDOW = 1 << 15  # how far deflate looks back


@dataclass(frozen=True)
class Weighed:
    """One layer as it was read: what it weighs, and what is in it."""

    layer: Layer
    contents: Contents


def weigh(blob: IO[bytes], size: int) -> Weighed | None:
    """One layer from its blob of `size` bytes, a tar or a gzipped tar; None for anything else.

    Counted are its regular files, and its blob as it is compressed. A plain tar counts as what zlib-ng makes of it at
    GZIP_LEVEL in blocks of CHUNK bytes: the same on any number of cores.
    """
    with _Packer() as packer:
        plain = _Plain(blob, packer)
        if not plain.is_layer:
            return None
        entries, found = list[Entry](), list[Record]()
        with tarfile.open(fileobj=plain, mode="r|", bufsize=PIECE) as archive:  # type: ignore[call-overload]
            for member in archive:
                entries.append(_entry(member))
                if record := _record(archive, member, entries[-1].path):
                    found.append(record)
        plain.drain()
        diff_id = f"sha256:{plain.digest}"
        pull = size if plain.is_gzip else packer.size()
        layer = Layer(diff_id, sum(entry.size for entry in entries), pull)
        return Weighed(layer, Contents(diff_id, tuple(entries), tuple(found)))


def _entry(member: tarfile.TarInfo) -> Entry:
    path = _rooted(member.name)
    if member.isreg():
        return Entry(path, Sort.FILE, member.size)
    if member.islnk():
        return Entry(path, Sort.HARD, target=_rooted(member.linkname))
    if member.issym():
        return Entry(path, Sort.LINK, target=member.linkname)
    return Entry(path, Sort.FOLDER if member.isdir() else Sort.OTHER)


def _record(archive: tarfile.TarFile, member: tarfile.TarInfo, path: str) -> Record | None:
    """What the file tells of packages, if it is one that does."""
    read = records.reader(path) if member.isreg() and 0 < member.size <= records.MOST_BYTES else None
    content = archive.extractfile(member) if read else None
    return read(content.read()) if read and content else None


def _rooted(path: str) -> str:
    return posixpath.normpath(f"/{path}").lstrip("/")


class _Packer:
    """Counts what zlib-ng makes of a stream, on all cores: each block knows the end of the one before it."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(machine.cores())
        self._pending: deque[Future[int]] = deque()
        self._before = b""
        self._size = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def add(self, block: bytes) -> None:
        """Take a block in; waits while more are pending than keep the cores busy."""
        self._pending.append(self._pool.submit(_packed, block, self._before))
        self._before = block[-WINDOW:]
        if len(self._pending) > 2 * machine.cores():
            self._size += self._pending.popleft().result()

    def size(self) -> int:
        """Bytes that all blocks so far make."""
        while self._pending:
            self._size += self._pending.popleft().result()
        return self._size


def _packed(block: bytes, before: bytes) -> int:
    from zlib_ng import zlib_ng

    packer = zlib_ng.compressobj(GZIP_LEVEL, zlib_ng.DEFLATED, -15, zdict=before)
    return len(packer.compress(block)) + len(packer.flush(zlib_ng.Z_SYNC_FLUSH))


class _Plain:
    """A blob read as a plain tar, hashed on the way; what was not compressed yet goes to a packer."""

    def __init__(self, blob: IO[bytes], packer: _Packer) -> None:
        self._blob, self._packer = blob, packer
        self._head = blob.read(512)
        self.is_gzip = self._head[:2] == b"\x1f\x8b"
        self.is_layer = self.is_gzip or self._head[257:262] == b"ustar" or not any(self._head)
        self._hash = hashlib.sha256()
        self._gunzip = zlib.decompressobj(31)
        self._left = memoryview(b"")

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none only at the end."""
        if not self._left:
            self._left = memoryview(self._next())
        data, self._left = self._left[:size], self._left[size:]
        return bytes(data)

    def drain(self) -> None:
        """Read what follows the end of the archive: it belongs to the layer's digest."""
        while self.read(CHUNK):
            pass

    def _next(self) -> bytes:
        while raw := self._head or self._blob.read(CHUNK):
            self._head = b""
            data = self._gunzip.decompress(raw) if self.is_gzip else raw
            if data:
                self._hash.update(data)
                if not self.is_gzip:
                    self._packer.add(data)
                return data
        return b""
