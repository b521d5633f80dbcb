"""Which instruction and stage each layer of an image comes from: its history held against its Dockerfile. Pure."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field

from drydock import ancestry
from drydock.dockerfile import Dockerfile, Instruction, Stage
from drydock.measures.anatomy import Share
from drydock.measures.layers import Layer
from drydock.values import dataclass

LAYERING = frozenset({"RUN", "COPY", "ADD", "WORKDIR"})
METADATA = re.compile(
    r"(ARG|CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|SHELL|STOPSIGNAL|USER|VOLUME)\b"
)
CLASSIC = "/bin/sh -c "  # the builder from before BuildKit writes what it ran so, and metadata with the mark behind
NO_RUN = "#(nop) "
ARGUMENTS = re.compile(r"(?:RUN )?\|[0-9]+ ")  # build arguments stand before a command, with their values
UNTOLD = "..."  # a command without a shell cannot be told from the arguments before it
SHELLS = tuple(re.compile(rf".* (?=/{name} )", re.DOTALL) for name in (r"bin/sh -c", r"\S*sh(?: -\S+| [a-z]+)* -\w*c"))
UNKNOWN = "unknown"  # the stage of a layer of the image's own that no instruction fits


@dataclass(frozen=True)
class Origin:
    """What an image was built from, as far as anybody knows: `args` and `contexts` as they were given to the build."""

    file: Dockerfile | None = None
    target: str | None = None
    args: Mapping[str, str] = field(default_factory=dict)
    contexts: Collection[str] = ()


@dataclass(frozen=True)
class Made:
    """One line of an image's history: the instruction as the builder wrote it, and bytes as the store counts them."""

    text: str
    size: int


def layered(history: Sequence[Made], count: int) -> tuple[Made, ...]:
    """The lines, oldest first, that made the `count` layers; nothing where they cannot be told apart."""
    found = [Made(_plain(made.text), made.size) for made in history]
    found = [made for made in found if not METADATA.match(made.text)]
    if len(found) > count:  # a builder may leave out a layer in which nothing is
        found = [made for made in found if made.size or not made.text.startswith(("WORKDIR ", "RUN "))]
    return tuple(found) if len(found) == count else ()


def shares(
    diff_ids: Sequence[str],
    base: int,
    known: Mapping[str, Layer],
    history: Sequence[Made],
    origin: Origin,
) -> tuple[Share, ...]:
    """The layers of an image from the bottom, of which `base` are its base's and all are weighed.

    An instruction is told as the Dockerfile has it, if it fits what the image says of itself, else as the image says.
    """
    made = layered(history, len(diff_ids)) or (Made("", 0),) * len(diff_ids)
    fitting = _fitting(made[base:], origin)
    found = []
    for at, diff_id in enumerate(diff_ids):
        stage, instruction = fitting.get(at - base, (UNKNOWN if at >= base else "", None))
        text = " ".join((instruction.joined if instruction else made[at].text).split())
        layer = known[diff_id]
        line = instruction.line if instruction else None
        found.append(Share(diff_id, text, stage, layer.disk_bytes, layer.pull_bytes, at < base, line))
    return tuple(found)


def lines(origin: Origin, count: int) -> tuple[int, ...]:
    """The lines whose instructions made the `count` own layers of the target; nothing where their number differs."""
    found = tuple(one.line for _, one in _chain(origin))
    return found if len(found) == count else ()


def _fitting(own: Sequence[Made], origin: Origin) -> dict[int, tuple[str, Instruction]]:
    """The stage and instruction of each own layer, by its position: from the top down to the first that fits not."""
    found: dict[int, tuple[str, Instruction]] = {}
    chain = list(_chain(origin))
    for back, (made, (stage, one)) in enumerate(zip(reversed(own), reversed(chain), strict=False), start=1):
        if made.text and not _alike(made.text, one):
            break
        found[len(own) - back] = (_source(origin.file, stage, one), one)
    return found


def _chain(origin: Origin) -> Iterator[tuple[Stage, Instruction]]:
    """The instructions that may make a layer of the target, each with its stage, from the lowest stage on."""
    if (file := origin.file) is None or (goal := file.goal(origin.target)) is None:
        return
    for one in reversed(ancestry.lineage(file, goal, origin.args, origin.contexts)):
        yield from ((one, instruction) for instruction in one.instructions if instruction.keyword in LAYERING)


def _source(file: Dockerfile | None, stage: Stage, one: Instruction) -> str:
    """Where the bytes of an instruction come from: the stage or image it copies from, else its own stage."""
    if one.keyword == "COPY" and (name := one.flag("from")):
        source = file.earlier(stage, name, numbered=True) if file else None
        return source.label if source else name
    return stage.label


def _alike(text: str, one: Instruction) -> bool:
    """Whether a line of history can be this instruction: its keyword, and the words of COPY and ADD."""
    words = text.removesuffix("# buildkit").split()
    if words[0] != one.keyword:
        return False
    return (
        one.keyword not in ("COPY", "ADD")
        or one.json
        or bool(one.heredocs)
        or "$" in one.text
        or (words[-1].rstrip("/") == one.args[-1].rstrip("/") or not one.args[-1].startswith("/"))
    )


def _plain(text: str) -> str:
    text = _bare(text)
    if not text.startswith(CLASSIC):
        return text
    text = text.removeprefix(CLASSIC)
    return text.removeprefix(NO_RUN).strip() if text.startswith(NO_RUN) else f"RUN {text}"


def _bare(text: str) -> str:
    """A line without build arguments, which may be secret: all before the last shell, since values may hold blanks."""
    if not ARGUMENTS.match(text):
        return text
    command = next((text[found.end() :] for shell in SHELLS if (found := shell.match(text))), "")
    is_classic = not text.startswith("RUN ")
    return command if is_classic and command.startswith(CLASSIC) else f"RUN {command or UNTOLD}"
