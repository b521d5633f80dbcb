"""OCI archives of a build: each is there when it is whole, or not at all."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drydock.errors import NotReady


@contextmanager
def arriving(folder: Path | None) -> Iterator[Path | None]:
    """A folder beside `folder` to write into, which is gone afterwards; None for none."""
    if folder is None:
        yield None
        return
    with _told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        apart = Path(tempfile.mkdtemp(prefix=".arriving-", dir=folder))
    try:
        yield apart
    finally:
        shutil.rmtree(apart, ignore_errors=True)


def arrive(apart: Path, folder: Path) -> tuple[Path, ...]:
    """Move what was written in the place of what was there; gives the archives."""
    with _told(folder):
        return tuple(path.replace(folder / path.name) for path in sorted(apart.iterdir()))


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        remedy = "name a folder that can be written, with room for the images"
        raise NotReady(f"{folder} cannot be written: {error.strerror}", remedy=remedy) from error
