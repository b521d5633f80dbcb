"""Generated blocks in documents: find their markers, put rendered text between them, keep every other byte. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from drydock.errors import Misuse

OPENING = re.compile(r"^[ \t]*<!--\s*drydock:(?P<name>[a-z][a-z-]*)(?P<words>(?:\s+[\w.-]+)*)\s*-->[ \t]*$")
CLOSING = re.compile(r"^[ \t]*<!--\s*/drydock\s*-->[ \t]*$")
FENCE = re.compile(r"^ {0,3}(?P<ticks>`{3,}|~{3,})(?P<rest>.*)$")


@dataclass(frozen=True)
class Block:
    """What stands between two markers: `start` and `end` are offsets of the body, `line` is the opening marker's."""

    name: str
    words: tuple[str, ...]
    line: int
    start: int
    end: int


Renderer = Callable[[Block], str]


@dataclass(frozen=True)
class Rendered:
    """A document after rendering, and the blocks whose body differs from what it was."""

    text: str
    changed: tuple[Block, ...]
    blocks: tuple[Block, ...]


def find(text: str, path: str) -> tuple[Block, ...]:
    """The blocks of a document, in order. Markers inside fenced code are examples and are left alone.

    A block that is not closed, one inside another, and a closing marker on its own raise Misuse with file and line.
    """
    blocks: list[Block] = []
    opened: tuple[str, tuple[str, ...], int, int] | None = None
    for number, start, end, line in _lines(text):
        if match := OPENING.match(line):
            if opened:
                raise _unclosed(path, opened[0], opened[2])
            opened = (match["name"], tuple(match["words"].split()), number, end)
        elif CLOSING.match(line):
            if not opened:
                raise Misuse(f"{path}:{number} closes a block that was not opened", remedy="remove that marker")
            blocks.append(Block(*opened, start))
            opened = None
    if opened:
        raise _unclosed(path, opened[0], opened[2])
    return tuple(blocks)


def render(text: str, path: str, renderers: Mapping[str, Renderer]) -> Rendered:
    """Render every block of a document again.

    The body takes the newline of its opening marker; everything outside the blocks stays byte for byte.
    A block without a renderer raises Misuse with file and line.
    """
    blocks = find(text, path)
    changed = []
    out = text
    for block in reversed(blocks):  # from the end backwards, so that earlier offsets stay true
        renderer = renderers.get(block.name)
        if renderer is None:
            known = ", ".join(sorted(renderers))
            raise Misuse(f"{path}:{block.line} names an unknown block {block.name}", remedy=f"use one of: {known}")
        newline = "\r\n" if text[: block.start].endswith("\r\n") else "\n"
        body = newline.join(renderer(block).strip("\n").split("\n")) + newline
        if body != text[block.start : block.end]:
            changed.append(block)
            out = out[: block.start] + body + out[block.end :]
    return Rendered(out, tuple(reversed(changed)), blocks)


def _lines(text: str) -> Iterator[tuple[int, int, int, str]]:
    """Number, start, end and content of every line outside fenced code."""
    fence = ""
    offset = 0
    for number, line in enumerate(re.findall(r"[^\n]*\n|[^\n]+", text), start=1):
        start, offset = offset, offset + len(line)
        content = line.rstrip("\r\n")
        match = FENCE.match(content)
        if fence:
            if match and match["ticks"].startswith(fence) and not match["rest"].strip():
                fence = ""
        elif match:
            fence = match["ticks"]
        else:
            yield number, start, offset, content


def _unclosed(path: str, name: str, line: int) -> Misuse:
    return Misuse(f"{path}:{line} opens the block {name} and never closes it", remedy="add <!-- /drydock --> after it")
