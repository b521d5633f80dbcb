"""What commands print, as a picture of a terminal: colours as the terminal gets them, in light and dark. Pure."""

import re
from collections.abc import Iterator, Sequence

from drydock.documents import svg
from drydock.values import dataclass

SIGN, LINE = 6.65, 18.0  # points for a sign and for a line
EDGE, TOP = 16.0, 30.0
COLUMNS = 118  # a longer line goes on in the next row, as on a terminal
STYLE = re.compile("\x1b\\[([\\d;]*)m")
OTHER = re.compile("\x1b(?:\\[[^m]*?[A-Za-ln-z]|\\][^\x07]*\x07|[()].)")  # moves, titles and the like: nothing to see
KINDS = {"1": "strong", "2": "faint", "31": "bad", "32": "good", "33": "warn", "36": "note"}


@dataclass(frozen=True)
class Printed:
    """A command as it is typed, and what it printed, with the terminal's own marks for colour."""

    line: str
    out: str


def terminal(title: str, caption: str, commands: Sequence[Printed]) -> str:
    """The commands one below the other; the words are in the description too."""
    rows = [folded for one in commands for row in (*_rows(one), []) for folded in _folded(row)][:-1]
    out = []
    for number, row in enumerate(rows):
        at = 0
        for kind, words in row:
            if words.strip():
                out.append(svg.text(EDGE + SIGN * at, TOP + LINE * number, words, kind))
            at += len(words)
    foot = TOP + LINE * len(rows) + 12
    out.append(svg.text(EDGE, foot, caption, "faint small"))
    return svg.picture(title, described(commands), 2 * EDGE + SIGN * COLUMNS, foot + 14, out)


def described(commands: Sequence[Printed]) -> str:
    """The words on the terminal, without their colours."""
    return "\n".join(f"$ {one.line}\n{STYLE.sub('', OTHER.sub('', one.out))}" for one in commands)


def _rows(printed: Printed) -> Iterator[list[tuple[str, str]]]:
    """Lines as pieces: the classes of a piece, and its words."""
    yield [("faint code", "$ "), ("ink code strong", printed.line)]
    kind = "ink code"
    for line in OTHER.sub("", printed.out).rstrip("\n").split("\n"):
        pieces = STYLE.split(line)
        row = [(kind, pieces[0])]
        for style, words in zip(pieces[1::2], pieces[2::2], strict=True):
            kind = _kind(style)
            row.append((kind, words))
        yield row


def _folded(row: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """The row as rows of no more than COLUMNS signs, parted at a blank where there is one in the second half."""
    out: list[tuple[str, str]] = []
    left = COLUMNS
    for kind, words in row:
        while len(words) > left:
            cut = words.rfind(" ", left // 2, left + 1)
            cut = cut if cut > 0 else left
            yield [*out, (kind, words[:cut])]
            words, out, left = words[cut:].lstrip(" "), [], COLUMNS
        out.append((kind, words))
        left -= len(words)
    yield out


def _kind(style: str) -> str:
    """The classes for a mark such as `1;32`; an empty one, and any that is not known, end all others."""
    found = [KINDS[code.lstrip("0")] for code in style.split(";") if code.lstrip("0") in KINDS]
    coloured = any(name not in ("strong",) for name in found)
    return " ".join((*found, "code") if coloured else ("ink", *found, "code"))
