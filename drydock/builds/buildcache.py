"""BuildKit's own list of what its cache holds -> records, and whose they are. Pure."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import Enum

from drydock.builds.vertex import moment
from drydock.dockerfile import Dockerfile, Instruction
from drydock.text import read_bytes
from drydock.values import dataclass

CACHE_MOUNT = re.compile(
    r'^cached mount (?P<target>\S+) from exec (?P<run>.*?)(?: with id "/?(?P<id>[^"]*)")?$', re.DOTALL
)
LAYER = re.compile(r"^mount / from exec (?P<run>.*)$", re.DOTALL)
STEP = re.compile(r"^\[(?:\S+ +)*\d+/\d+\] (?P<text>.*)$", re.DOTALL)
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

    `shared` where an image holds the same bytes, so that trimming the cache frees nothing yet. `created` is in seconds
    since the epoch, by the engine's clock; 0 where that was not read.
    """

    id: str
    kind: Kind
    what: str
    size: int = 0
    shared: bool = False
    last_used: str = ""
    mount_id: str = ""
    created: float = 0.0


def parse(listing: str) -> tuple[Record, ...]:
    """Records from `docker buildx du --verbose`: paragraphs of fields, descriptions of several lines included."""
    found = []
    fields: dict[str, str] = {}
    name = ""
    for line in [*listing.splitlines(), "ID:\t"]:
        match = FIELD.match(line)
        if match and match[1] == "ID":
            if "Description" in fields:
                found.append(_listed(fields))
            fields, name = {}, ""
        if match:
            name = match[1]
            fields[name] = match[2].strip()
        elif name == "Description":
            fields[name] += f"\n{line}"
    return tuple(found)


def read(body: bytes) -> tuple[Record, ...]:
    """Records with exact bytes from what the engine's API says to `/system/df?type=build-cache`; none from all else."""
    try:
        return tuple(
            replace(
                _record(one["ID"], one["Description"].strip(), one["Type"]),
                size=int(one["Size"]),
                shared=bool(one["Shared"]),
                last_used=one.get("LastUsedAt") or "",
                created=moment(one["CreatedAt"]) or 0.0,
            )
            for one in json.loads(body)["BuildCache"] or ()
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


def owners(records: Iterable[Record], files: Mapping[str, Dockerfile]) -> dict[str, tuple[str, ...]]:
    """Record id -> names of the images whose Dockerfiles, as they are now, lead to it; none for older ones.

    `files` are the parsed Dockerfiles by image. A cache mount belongs to all that mount its id, a layer to all that
    hold its instruction.
    """
    named = {image: {key for one in file.instructions for key in texts(one)} for image, file in files.items()}
    mounts = {image: set(_mount_ids(file)) for image, file in files.items()}
    found = {}
    for record in records:
        table, key = (mounts, record.mount_id) if record.kind is Kind.MOUNT else (named, plain(record.what))
        if record.kind in (Kind.MOUNT, Kind.LAYER):
            found[record.id] = tuple(image for image, keys in table.items() if key in keys)
    return found


def _listed(fields: Mapping[str, str]) -> Record:
    made = _record(fields["ID"].rstrip("*"), fields["Description"].strip(), fields.get("Type", ""))
    return replace(
        made,
        size=read_bytes(fields.get("Size", "0B")),
        shared=fields.get("Shared") == "true",
        last_used=fields.get("Last used", ""),
    )


def _record(name: str, text: str, sort: str) -> Record:
    mount = ""
    if found := CACHE_MOUNT.match(text):
        kind, what, mount = Kind.MOUNT, found["target"], found["id"] or found["target"]
    elif found := LAYER.match(text) or STEP.match(text):
        kind, what = Kind.LAYER, found[1]
    else:
        kind, what = (Kind.CONTEXT if sort == "source.local" else Kind.BASE), text
    return Record(name, kind, what.removeprefix("/bin/sh -c "), mount_id=mount)


def texts(instruction: Instruction) -> Iterable[str]:
    """The texts by which BuildKit may name what this instruction made, as `plain` gives them."""
    if instruction.keyword.upper() != "RUN":
        yield plain(instruction.joined)
        return
    words = instruction.joined.split(maxsplit=1)[1:]
    text = " ".join(words)
    for flag in instruction.flags:
        text = text.replace(flag, "", 1)
    yield plain(" ".join(instruction.args) if instruction.json else text)
    for heredoc in instruction.heredocs:
        yield plain(heredoc.content)


def _mount_ids(file: Dockerfile) -> Iterable[str]:
    for instruction in file.instructions:
        for mount in instruction.mounts():
            if mount["type"] == "cache":
                yield mount.get("id") or mount.get("target") or mount.get("dst") or mount.get("destination") or ""


def plain(text: str) -> str:
    """A text with each run of blanks and line breaks as one blank."""
    return " ".join(text.split())
