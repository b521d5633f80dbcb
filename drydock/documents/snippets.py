"""Generated blocks in documents: find their markers, put rendered text between them, keep every other byte. Pure."""

import re
from collections.abc import Callable, Mapping

from drydock.documents import markdown
from drydock.documents.markdown import Line
from drydock.errors import Misuse
from drydock.values import dataclass

MARKER = r"<!--\s*drydock:(?P<name>[a-z][a-z-]*)(?P<words>(?:\s+[^\s<>]+?)*)\s*-->"
CLOSED = r"<!--\s*/drydock\s*-->"
OPENING = re.compile(rf"^[ \t]*{MARKER}[ \t]*$")
CLOSING = re.compile(rf"^[ \t]*{CLOSED}[ \t]*$")
WITHIN = re.compile(rf"{MARKER}(?P<body>.*?)(?P<closed>{CLOSED})")
STRAY = re.compile(r"<!--\s*(?:drydock:|/drydock\b).*?-->")


@dataclass(frozen=True)
class Block:
    """What stands between two markers: `start` and `end` are offsets of the body, `line` is the opening marker's.

    `path` is the document's; `body` is the text as it is; `within` says that both markers stand within one line.
    """

    name: str
    words: tuple[str, ...]
    path: str
    line: int
    start: int
    end: int
    body: str
    within: bool = False

    @property
    def place(self) -> str:
        return f"{self.path}:{self.line}"


Renderer = Callable[[Block], str]


@dataclass(frozen=True)
class Rendered:
    """A document after rendering, and the blocks whose body differs from what it was."""

    text: str
    changed: tuple[Block, ...]
    blocks: tuple[Block, ...]


def find(text: str, path: str) -> tuple[Block, ...]:
    """The blocks of a document, in order. Markers inside fenced code and code spans are examples and are left alone.

    A block that is not closed, one inside another, and a closing marker on its own raise Misuse with file and line.
    """
    blocks: list[Block] = []
    opened: tuple[str, tuple[str, ...], int, int] | None = None
    for line in markdown.lines(text):
        if line.is_code:
            continue
        if match := OPENING.match(line.text):
            if opened:
                raise _unclosed(path, opened[0], opened[2])
            opened = (match["name"], tuple(match["words"].split()), line.number, line.end)
        elif CLOSING.match(line.text):
            if not opened:
                raise Misuse(f"{path}:{line.number} closes a block that was not opened", remedy="remove that marker")
            name, words, number, start = opened
            blocks.append(Block(name, words, path, number, start, line.start, text[start : line.start]))
            opened = None
        elif not opened:
            blocks += _within(line, path)
    if opened:
        raise _unclosed(path, opened[0], opened[2])
    return tuple(blocks)


def render(text: str, path: str, renderers: Mapping[str, Renderer]) -> Rendered:
    """Render every block of a document again.

    The body takes the newline of its opening marker; everything outside the blocks stays byte for byte.
    A block without a renderer, and more than one line within a line, raise Misuse with file and line.
    """
    blocks = find(text, path)
    changed = []
    out = text
    for block in reversed(blocks):  # from the end backwards, so that earlier offsets stay true
        renderer = renderers.get(block.name)
        if renderer is None:
            known = ", ".join(sorted(renderers))
            raise Misuse(f"{block.place} names an unknown block {block.name}", remedy=f"use one of: {known}")
        body = _body(block, renderer(block).strip("\n"), text)
        if body != block.body:
            changed.append(block)
            out = out[: block.start] + body + out[block.end :]
    return Rendered(out, tuple(reversed(changed)), blocks)


def _within(line: Line, path: str) -> list[Block]:
    text = markdown.without_spans(line.text)
    if WITHIN.match(text.lstrip()):
        raise Misuse(
            f"{path}:{line.number} begins with a marker, so Markdown takes the whole line for HTML",
            remedy="move the word before it into this line",
        )
    found = []
    for match in WITHIN.finditer(text):
        start, end = match.span("body")
        words, body = tuple(match["words"].split()), line.text[start:end]
        at = (line.start + start, line.start + end)
        found.append(Block(match["name"], words, path, line.number, *at, body, within=True))
    if stray := STRAY.search(WITHIN.sub("", text)):
        raise Misuse(
            f"{path}:{line.number} has {stray[0]} without its other half in the same line",
            remedy="write <!-- drydock:NAME -->text<!-- /drydock --> in one line, or give each marker its own",
        )
    return found


def _body(block: Block, rendered: str, text: str) -> str:
    lines = rendered.split("\n")
    if not block.within:
        newline = "\r\n" if text[: block.start].endswith("\r\n") else "\n"
        return newline.join(lines) + newline
    if len(lines) > 1:
        raise Misuse(
            f"{block.place} has the block {block.name} within a line, and it takes several",
            remedy="give each marker a line of its own",
        )
    return rendered


def _unclosed(path: str, name: str, line: int) -> Misuse:
    return Misuse(f"{path}:{line} opens the block {name} and never closes it", remedy="add <!-- /drydock --> after it")
