"""A layer on the scales: its files unpacked on disk, and compressed as it is pulled."""

import hashlib
import tarfile
import zlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Self

from drydock.measures import machine
from drydock.measures.layers import Layer

GZIP_LEVEL = 6  # zlib's default: what is counted as pull size where the store keeps layers uncompressed
SMALL_LAYER = 1_000_000  # bytes; such layers are not compressed to be weighed: their files are counted as they are
CHUNK = 1 << 20
WINDOW = 1 << 15  # how far deflate looks back


def weigh(blob: IO[bytes], size: int) -> Layer | None:
    """One layer from its blob of `size` bytes, a tar or a gzipped tar; None for anything else.

    Counted are its regular files, and its blob as it is compressed. A plain tar counts as what zlib makes of it at
    GZIP_LEVEL in blocks of CHUNK bytes: the same on any number of cores.
    """
    with _Packer() as packer:
        plain = _Plain(blob, packer)
        if not plain.is_layer:
            return None
        disk = 0
        with tarfile.open(fileobj=plain, mode="r|", bufsize=CHUNK) as archive:  # type: ignore[call-overload]
            for member in archive:
                disk += member.size if member.isreg() else 0
        plain.drain()
        pull = size if plain.is_gzip else disk if disk <= SMALL_LAYER else packer.size()
        return Layer(f"sha256:{plain.digest}", disk, pull)


class _Packer:
    """Counts what zlib makes of a stream, on all cores: each block knows the end of the one before it."""

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
    packer = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, -15, zdict=before)
    return len(packer.compress(block)) + len(packer.flush(zlib.Z_SYNC_FLUSH))


class _Plain:
    """A blob read as a plain tar, hashed on the way; what was not compressed yet goes to a packer."""

    def __init__(self, blob: IO[bytes], packer: _Packer) -> None:
        self._blob, self._packer = blob, packer
        self._head = blob.read(512)
        self.is_gzip = self._head[:2] == b"\x1f\x8b"
        self.is_layer = self.is_gzip or self._head[257:262] == b"ustar" or not any(self._head)
        self._hash = hashlib.sha256()
        self._gunzip = zlib.decompressobj(31)
        self._left = b""

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
