"""What a build asks of its contexts: the sources of COPY, ADD and bind mounts on the way to its target. Pure."""

import posixpath
from collections.abc import Iterator, Mapping, Sequence

from drydock import ancestry, dockerfile
from drydock.dockerfile import Dockerfile, Instruction, Stage
from drydock.values import dataclass

EVERYTHING = "/"


@dataclass(frozen=True)
class Request:
    """A path that a line asks for, from the root of a context ("" is the build's own); "/" is all of it.

    `whole` marks a FROM that takes a context as it is, in a transfer of its own.
    """

    context: str
    path: str
    line: int
    whole: bool = False


def platform(names: Sequence[str]) -> dict[str, str]:
    """The platform's build arguments for an engine that builds for `names` ("linux/arm64/v8"), the first by default."""
    parts = (names[0] if names else "").split("/")
    values = dict(zip(("OS", "ARCH", "VARIANT"), parts, strict=False)) if names else {}
    full = {"PLATFORM": names[0], **values} if names else {}
    return {side + part: value for side in ("BUILD", "TARGET") for part, value in full.items()}


def requests(
    file: Dockerfile, target: str | None, given: Mapping[str, str], contexts: Mapping[str, str]
) -> tuple[Request, ...]:
    """What the stages on the way to `target` ask for, in the order of the file; what comes from stages is left out."""
    stages, _ = ancestry.reachable(file, target, given, contexts)
    named, found = {name.lower(): name for name in contexts}, list[Request]()
    for stage in stages:
        base = ancestry.base_name(file, stage, given)
        if base.lower() in named:
            found.append(Request(named[base.lower()], EVERYTHING, stage.opening.line, whole=True))
        known = _inherited(file, stage, given, named)
        for one in triggered(file, stage, given, named):
            found += of_step(file, one, known, named)
        for one in stage.instructions[1:]:
            _learn(file, one, known, given)
            found += of_step(file, one, known, named)
    return tuple(found)


def of_step(
    file: Dockerfile, one: Instruction, known: Mapping[str, str], named: Mapping[str, str]
) -> Iterator[Request]:
    """What one instruction asks of contexts; `known` are its variables, `named` the contexts by lower-case name."""
    for source, sender in sources(one):
        context = named.get(sender.lower(), "") if sender else ""
        if sender and not context:
            continue  # another stage, or an image
        path = posixpath.normpath("/" + file.filled(source, known, one.line).lstrip("/"))
        yield Request(context, path, one.line)


def sources(one: Instruction) -> Iterator[tuple[str, str]]:
    """Each source of an instruction as written, and whom it is taken from."""
    yield from ((word, one.flag("from") or "") for word in one.sources())
    if one.keyword == "RUN":
        for mount in one.mounts():
            if mount["type"] == "bind" or (mount["type"] == "cache" and mount.get("from")):
                yield mount.get("source") or mount.get("src") or EVERYTHING, mount.get("from", "")


def _inherited(file: Dockerfile, stage: Stage, given: Mapping[str, str], named: Mapping[str, str]) -> dict[str, str]:
    """The variables that a stage begins with."""
    known: dict[str, str] = {}
    for under in reversed(ancestry.lineage(file, stage, given, named)[1:]):
        for one in under.instructions[1:]:
            _learn(file, one, known, given)
    return known


def triggered(
    file: Dockerfile, stage: Stage, given: Mapping[str, str], named: Mapping[str, str]
) -> Iterator[Instruction]:
    """What the stage directly below leaves to be done (ONBUILD)."""
    for under in ancestry.lineage(file, stage, given, named)[1:2]:
        for one in under.instructions:
            if one.keyword == "ONBUILD":
                text = "FROM scratch" + "\n" * (one.line - 1) + one.joined.split(None, 1)[1]
                yield from dockerfile.parse(text, file.path).stages[0].instructions[1:]


def _learn(file: Dockerfile, one: Instruction, known: dict[str, str], given: Mapping[str, str]) -> None:
    if one.keyword == "ENV":
        known.update({name: file.filled(value or "", known, one.line) for name, value in one.settings()})
    if one.keyword == "ARG":
        known.update(ancestry.arguments(file, one, known, given, ancestry.global_args(file, given)))
