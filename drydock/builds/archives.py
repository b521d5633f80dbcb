"""OCI archives of a build: each is there when it is whole, or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drydock import command, files
from drydock.errors import NotReady

PREFIX = ".arriving-"


@contextmanager
def arriving(folder: Path | None) -> Iterator[Path | None]:
    """A folder within `folder` to write into, which is gone afterwards; None for none, `folder` itself on a dry run.

    What a build that was killed left of its own goes as well.
    """
    if folder is None or command.is_dry():
        yield folder
        return
    with _told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob(f"{PREFIX}*"):
            with _held(left) as is_ours:
                if is_ours:
                    shutil.rmtree(left, ignore_errors=True)
        apart = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
    with _held(apart):
        try:
            yield apart
        finally:
            shutil.rmtree(apart, ignore_errors=True)


def arrive(apart: Path, folder: Path) -> tuple[Path, ...]:
    """Move what was written in the place of what was there; gives the archives."""
    with _told(folder):
        return tuple(path.replace(folder / path.name) for path in sorted(apart.iterdir()))


@contextmanager
def _held(apart: Path) -> Iterator[bool]:
    """Hold a folder within this block; whether nobody else does. Where folders cannot be held, all are others'."""
    if os.name != "posix":
        yield False
        return
    handle = os.open(apart, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield files.hold(handle)
    finally:
        os.close(handle)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        remedy = "name a folder that can be written, with room for the images"
        raise NotReady(f"{folder} cannot be written: {error.strerror}", remedy=remedy) from error
