"""Files written whole or not at all."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from drydock.errors import NotReady


def replace(path: Path, content: str | bytes, *, mode: int | None = None) -> None:
    """Write `content` to `path` atomically, byte for byte as given: newlines are not translated.

    A reader, and a crash at any moment, sees the old file or the new one. An existing file keeps its mode, a link
    its target; a new one has `mode`, else what the umask leaves. Missing folders are made. A folder that cannot be
    written raises NotReady.
    """
    import tempfile

    path = path.resolve()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            mode = path.stat().st_mode & 0o777
        elif mode is None:
            mode = 0o666 & ~_umask()
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content.encode() if isinstance(content, str) else content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).chmod(mode)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise NotReady(
            f"{path} cannot be written: {error.strerror}", remedy=f"make {path.parent} writable, or free disk space"
        ) from error


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Within this block, no other process is within one for the same path; the file stays behind, empty."""
    with path.open("a+b") as stream:
        while not lock(stream.fileno(), wait=True):
            continue
        yield


def lock(number: int, *, wait: bool) -> bool:
    """Take the lock of an open file, which the system lets go of with the file, however this process ends.

    False where another process has it; on Windows also after ten seconds of waiting for that one.
    """
    if sys.platform == "win32":
        import msvcrt

        with suppress(OSError):
            msvcrt.locking(number, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            return True
        return False
    import fcntl

    with suppress(BlockingIOError):
        fcntl.flock(number, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        return True
    return False


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
