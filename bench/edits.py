"""Edits of a scratch copy that make steps run again by what they read, never by a flag."""

import re
from pathlib import Path

FROM = re.compile(r"^(FROM\s.*)$", re.MULTILINE | re.IGNORECASE)
MOUNT = re.compile(r"--mount=(?=\S*type=cache)(?P<words>\S+)")
TARGET = re.compile(r"(?:target|dst|destination)=([^,\s]+)")
SOURCES = (  # the first of these that a context holds is the file edited; the edit changes what is built
    ("src/routes/+page.svelte", "\n<p>edit {number}</p>\n"),
    ("app/__init__.py", "\nEDIT = {number}\n"),
    ("app.py", "\nEDIT = {number}\n"),
)


def cold(dockerfile: str, number: int) -> str:
    """The Dockerfile with nothing cached but its base images: every RUN sees a new argument, every mount is a new one.

    An `ARG` that is declared belongs to the cache key of the RUNs after it and stays out of the image.
    """

    def fresh(match: re.Match[str]) -> str:
        target = TARGET.search(match["words"])
        words = [word for word in match["words"].split(",") if not word.startswith("id=")]
        return f"--mount={','.join(words)},id=cold-{number}-{target[1] if target else ''}"

    return FROM.sub(rf"\1\nARG COLD={number}", MOUNT.sub(fresh, dockerfile))


def source(context: Path, number: int) -> Path:
    """Edit a source file of a context in place and return its path."""
    for name, text in SOURCES:
        path = context / name
        if path.is_file():
            with path.open("a", encoding="utf-8", newline="") as stream:
                stream.write(text.format(number=number))
            return path
    raise FileNotFoundError(f"{context} holds none of {', '.join(name for name, _ in SOURCES)}")
