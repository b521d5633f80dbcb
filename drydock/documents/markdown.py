"""Markdown as lines: which of them are fenced code, and which parts of the others are code spans. Pure."""

import re
from collections.abc import Iterator

from drydock.values import dataclass

FENCE = re.compile(r"^ {0,3}(?P<ticks>`{3,}|~{3,})(?P<rest>.*)$")
SPAN = re.compile(r"(?<!`)(?P<ticks>`+)(?!`)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)")


@dataclass(frozen=True)
class Line:
    """A line without its newline; `start` and `end` are offsets in the text, newline included; fences are code."""

    number: int
    start: int
    end: int
    text: str
    is_code: bool


def lines(text: str) -> Iterator[Line]:
    """Every line of a document, in order."""
    fence = ""
    offset = 0
    for number, line in enumerate(re.findall(r"[^\n]*\n|[^\n]+", text), start=1):
        start, offset = offset, offset + len(line)
        content = line.rstrip("\r\n")
        match = FENCE.match(content)
        code = bool(fence or match)
        if not fence and match:
            fence = match["ticks"]
        elif match and match["ticks"].startswith(fence) and not match["rest"].strip():
            fence = ""
        yield Line(number, start, offset, content, code)


def spans(line: str) -> list[str]:
    """What stands between backticks in a line."""
    return [match["code"] for match in SPAN.finditer(line)]


def without_spans(line: str) -> str:
    """The line with blanks in place of its code spans, so that every column stays where it was."""
    return SPAN.sub(lambda match: " " * len(match[0]), line)
