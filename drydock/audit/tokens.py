"""A piece of shell as words and what parts its commands, each with its place in the text. Pure.

One pass over the text, no expression that can run back: a token is a blank, an operator or a piece of a word.
"""

import re
from collections.abc import Iterator
from functools import cache

from drydock.values import dataclass

PIECE = r"""(?P<fold>ESC[ \t]*\r?\n(?:[ \t]*(?:\#[^\n]*)?\r?\n)*)
    |(?P<blank>[ \t]+)
    |(?P<newline>[\r\n]+)
    |(?P<join>&&|\|\||;;|[;|&()])
    |(?P<redirect>[0-9]*(?:<<-?|>>|<|>)&?)
    |(?P<single>'[^']*')
    |(?P<double>"(?:[^"\\]|\\.)*")
    |(?P<escape>\\.)
    |(?P<variable>\$\{[^}]*\}|\$\w+)
    |(?P<plain>[^\s'"\\`$;|&()<>]+)
    |(?P<other>.)"""
BETWEEN = frozenset({"blank", "fold", "newline", "join", "redirect"})  # what ends a word


@dataclass(frozen=True)
class Word:
    """A word without its quotes; `exact` is false where a shell would still put something in."""

    text: str
    start: int
    end: int
    exact: bool = True


@dataclass(frozen=True)
class Join:
    """What parts two commands: an operator, or the end of a line, which is written as `;`."""

    text: str
    start: int
    end: int


@cache
def scanner(escape: str) -> re.Pattern[str]:
    """Matches one token, whose kind is the name of its group; `escape` goes on with a line."""
    return re.compile(PIECE.replace("ESC", re.escape(escape)), re.VERBOSE | re.DOTALL)


def read(text: str, offset: int, escape: str) -> Iterator[Word | Join]:
    """The words of a text that begins at `offset` of the file, and what parts commands; without redirections."""
    scan, at, skip = scanner(escape), 0, False
    start, held, exact = -1, "", True
    while at < len(text):
        token = scan.match(text, at)
        assert token is not None  # noqa: S101 - the last alternative takes any sign
        kind, value, end = str(token.lastgroup), token[0], token.end()
        if kind == "plain" and start < 0 and value.startswith("#"):
            end = text.find("\n", at)
            at = end if end >= 0 else len(text)
        elif kind in BETWEEN:
            if start >= 0 and not skip:
                yield Word(held, start + offset, at + offset, exact)
            skip = kind == "redirect" or (skip and start < 0 and kind in ("blank", "fold"))
            start, held, exact = -1, "", True
            if kind in ("newline", "join"):
                yield Join(";" if kind == "newline" else value, at + offset, end + offset)
            at = end
        else:
            said, end, sure = (value, end, True) if kind == "plain" else _piece(text, at, kind, value)
            start = at if start < 0 else start
            held, exact, at = held + said, exact and sure, end
    if start >= 0 and not skip:
        yield Word(held, start + offset, len(text) + offset, exact)


def _piece(text: str, at: int, kind: str, value: str) -> tuple[str, int, bool]:
    """What a piece of a word says, where it ends, and whether a shell puts nothing in."""
    if value == "$" and text.startswith("$(", at):
        end = _closing(text, at + 1)
        return text[at:end], end, False
    if value == "`":
        close = text.find("`", at + 1)
        end = close + 1 if close >= 0 else len(text)
        return text[at:end], end, False
    end = at + len(value)
    match kind:
        case "single":
            return value[1:-1], end, True
        case "double":
            said = re.sub(r"\\([\"\\$`])", r"\1", value[1:-1].replace("\\\r\n", "").replace("\\\n", ""))
            return said, end, "$" not in value and "`" not in value
        case "escape":
            return value[1:], end, True
    return value, end, kind != "variable"


def _closing(text: str, at: int) -> int:
    """Behind the bracket that closes the one at `at`; the end of the text where none does."""
    depth = 0
    for place in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place + 1
    return len(text)
