"""What a build is given by secret mounts, read so that it can be hidden where a step prints it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from drydock import secrecy
from drydock.config import Image

LARGEST = 65_536  # bytes of a secret that is read
WORD = re.compile(r"(?=\S*\d)[^\s\"']{8,}|[^\s\"'.]{16,}")  # of a secret file, what is no plain word


def values(images: Iterable[Image], environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The contents of the build secrets of images, whole, by lines and by words, each with the id of its secret.

    Certificates are no secret; a file that cannot be read is none either, and the build says so.
    """
    for image in images:
        for name, where in image.secrets.items():
            kind, _, place = where.partition("=")
            text = environ.get(place, "") if kind == "env" else _read(Path(place))
            for value in (text.strip(), *(line.strip() for line in text.splitlines()), *WORD.findall(text)):
                if value:
                    yield name, value


def _read(path: Path) -> str:
    try:
        data = path.read_bytes() if path.is_file() and path.stat().st_size <= LARGEST else b""
    except OSError:
        return ""
    is_certificate = data.startswith(b"-----BEGIN") and not secrecy.holds_key(data)
    return "" if is_certificate else data.decode("utf-8", "replace")
