"""BuildKit's own list of what its cache holds -> records, and whose they are. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from drydock.dockerfile import Dockerfile, Instruction
from drydock.text import read_bytes

CACHE_MOUNT = re.compile(
    r'^cached mount (?P<target>\S+) from exec (?P<run>.*?)(?: with id "/?(?P<id>[^"]*)")?$', re.DOTALL
)
LAYER = re.compile(r"^mount / from exec (?P<run>.*)$", re.DOTALL)
STEP = re.compile(r"^\[(?:\S+ )?\d+/\d+\] (?P<text>.*)$", re.DOTALL)
FIELD = re.compile(r"^([A-Z][A-Za-z ]*):\t+(.*)$")


class Kind(Enum):
    """What a record holds."""

    MOUNT = "mount"
    LAYER = "layer"
    CONTEXT = "context"
    BASE = "base"


@dataclass(frozen=True)
class Record:
    """One record of the cache: `size` in bytes; `what` is the instruction, or the target of the mount.

    `shared` where an image holds the same bytes, so that trimming the cache frees nothing yet.
    """

    id: str
    kind: Kind
    what: str
    size: int
    shared: bool
    last_used: str
    mount_id: str = ""


def parse(listing: str) -> tuple[Record, ...]:
    """Records from `docker buildx du --verbose`: paragraphs of fields, descriptions of several lines included."""
    found = []
    fields: dict[str, str] = {}
    name = ""
    for line in [*listing.splitlines(), "ID:\t"]:
        match = FIELD.match(line)
        if match and match[1] == "ID":
            if "Description" in fields:
                found.append(_record(fields))
            fields, name = {}, ""
        if match:
            name = match[1]
            fields[name] = match[2].strip()
        elif name == "Description":
            fields[name] += f"\n{line}"
    return tuple(found)


def owners(records: Iterable[Record], files: Mapping[str, Dockerfile]) -> dict[str, tuple[str, ...]]:
    """Record id -> names of the images whose Dockerfiles, as they are now, lead to it; none for older ones.

    `files` are the parsed Dockerfiles by image. A cache mount belongs to all that mount its id, a layer to all that
    hold its instruction.
    """
    texts = {image: {key for one in file.instructions for key in _keys(one)} for image, file in files.items()}
    mounts = {image: set(_mount_ids(file)) for image, file in files.items()}
    found = {}
    for record in records:
        table, key = (mounts, record.mount_id) if record.kind is Kind.MOUNT else (texts, _plain(record.what))
        if record.kind in (Kind.MOUNT, Kind.LAYER):
            found[record.id] = tuple(image for image, keys in table.items() if key in keys)
    return found


def _record(fields: Mapping[str, str]) -> Record:
    text, mount = fields["Description"].strip(), ""
    if found := CACHE_MOUNT.match(text):
        kind, what, mount = Kind.MOUNT, found["target"], found["id"] or found["target"]
    elif found := LAYER.match(text) or STEP.match(text):
        kind, what = Kind.LAYER, found[1]
    else:
        kind, what = (Kind.CONTEXT if fields.get("Type") == "source.local" else Kind.BASE), text
    return Record(
        id=fields["ID"].rstrip("*"),
        kind=kind,
        what=what.removeprefix("/bin/sh -c "),
        size=read_bytes(fields.get("Size", "0B")),
        shared=fields.get("Shared") == "true",
        last_used=fields.get("Last used", ""),
        mount_id=mount,
    )


def _keys(instruction: Instruction) -> Iterable[str]:
    """The texts by which BuildKit may name what this instruction made."""
    if instruction.keyword.upper() != "RUN":
        yield _plain(instruction.joined)
        return
    words = instruction.joined.split(maxsplit=1)[1:]
    text = " ".join(words)
    for flag in instruction.flags:
        text = text.replace(flag, "", 1)
    yield _plain(" ".join(instruction.args) if instruction.json else text)
    for heredoc in instruction.heredocs:
        yield _plain(heredoc.content)


def _mount_ids(file: Dockerfile) -> Iterable[str]:
    for instruction in file.instructions:
        for mount in instruction.mounts():
            if mount["type"] == "cache":
                yield mount.get("id") or mount.get("target") or mount.get("dst") or mount.get("destination") or ""


def _plain(text: str) -> str:
    return " ".join(text.split())
