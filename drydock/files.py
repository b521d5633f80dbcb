"""Files written whole or not at all."""

import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from drydock.errors import Misuse, NotReady

UNFINISHED = ".unfinished"  # how the names of files end that are still written
TRIES = 3  # to begin one that nobody sweeps away
OURS = re.compile(r"\..+\.[a-z0-9_]{8}\.unfinished")


def replace(path: Path, content: str | bytes, *, mode: int | None = None) -> None:
    """Write `content` to `path` atomically, byte for byte as given: newlines are not translated.

    A reader, and a crash at any moment, sees the old file or the new one. An existing file keeps its mode, a link
    its target; a new one has `mode`, else what the umask leaves. Missing folders are made. A folder that cannot be
    written raises NotReady. What a writer that was killed had begun beside the target goes with `sweep`.
    """
    path = path.resolve()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            mode = path.stat().st_mode & 0o777
        elif mode is None:
            mode = 0o666 & ~_umask()
        handle, name = _begin(path)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content.encode() if isinstance(content, str) else content)
                stream.flush()
                os.fsync(stream.fileno())
                Path(name).chmod(mode)
                if os.name == "posix":  # as long as it is held, nobody takes it for what a dead writer left
                    Path(name).replace(path)
            if os.name != "posix":
                Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise NotReady(
            f"{path} cannot be written: {error.strerror}", remedy=f"make {path.parent} writable, or free disk space"
        ) from error


def replace_below(root: Path, path: str, content: bytes) -> None:
    """Write `content` to `path` below `root` as `replace` does, but through no link, whoever puts one there meanwhile.

    Raises Misuse where a folder on the way is a link or no folder; a link in the place of the file itself is replaced.
    """
    if os.name != "posix":
        replace(root / path, content)
        return
    *folders, name = path.split("/")
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for folder in folders:
            handle = _entered(handle, folder)
        _write_in(handle, name, content)
    except NotADirectoryError as error:
        raise Misuse(f"{path} lies behind a link", remedy="put a folder in the place of the link") from error
    except OSError as error:
        raise NotReady(f"{path} cannot be written: {error.strerror}", remedy="make its folder writable") from error
    finally:
        os.close(handle)


def is_unfinished(path: str) -> bool:
    """Whether a path has the name that a file has while `replace` writes it."""
    return OURS.fullmatch(path.rpartition("/")[2]) is not None


def sweep(folder: Path) -> None:
    """Remove from a folder what `replace` had begun there in processes that are gone."""
    with suppress(OSError), os.scandir(folder) as found:
        for one in [Path(item.path) for item in found if is_unfinished(item.name)]:
            with suppress(OSError):
                remove_abandoned(one)


def remove_abandoned(path: Path) -> bool:
    """Remove a file that a process holds while it lives; whether it was abandoned. A link is none of ours."""
    handle = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    try:
        if abandoned := hold(handle):
            path.unlink()
    finally:
        os.close(handle)
    return abandoned


def hold(handle: int) -> bool:
    """Hold an open file until it is closed, at the latest by the end of this process; whether nobody else does.

    Where files cannot be held, all count as held by others, so that none is taken from them.
    """
    if os.name != "posix":  # there a lock keeps the file from being read and moved
        return False
    with suppress(OSError):
        return lock(handle, wait=False)
    return False


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


def _entered(handle: int, folder: str) -> int:
    """The folder within an open one, made where it is missing; the open one is closed."""
    with suppress(FileExistsError):
        os.mkdir(folder, dir_fd=handle)
    below = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=handle)
    os.close(handle)
    return below


def _write_in(handle: int, name: str, content: bytes) -> None:
    """Write a file in an open folder; it keeps the mode of the one that is there."""
    try:
        seen = os.stat(name, dir_fd=handle, follow_symlinks=False)
        mode = seen.st_mode & 0o777 if stat.S_ISREG(seen.st_mode) else 0o666 & ~_umask()
    except FileNotFoundError:
        mode = 0o666 & ~_umask()
    begun = f".{name}.{secrets.token_hex(4)}{UNFINISHED}"
    with os.fdopen(os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=handle), "wb") as stream:
        try:
            hold(stream.fileno())
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
            os.fchmod(stream.fileno(), mode)
            os.rename(begun, name, src_dir_fd=handle, dst_dir_fd=handle)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(begun, dir_fd=handle)
            raise


def _begin(path: Path) -> tuple[int, str]:
    """A new file beside `path`, open and held; who sweeps just before it is held takes it away, so then another.

    Where files cannot be held, which some network drives know nothing of, the last one will do.
    """
    import tempfile

    for left in reversed(range(TRIES)):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=UNFINISHED)
        if not left or (hold(handle) and os.fstat(handle).st_nlink):
            break
        os.close(handle)
        Path(name).unlink(missing_ok=True)
    return handle, name


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
