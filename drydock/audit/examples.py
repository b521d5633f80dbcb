"""The examples of a rule's page: small repositories that it must find wrong, or must leave alone. Pure."""

import re
from datetime import date
from textwrap import dedent

from drydock.audit import tree
from drydock.audit.repository import Repository
from drydock.audit.rule import Rule
from drydock.values import dataclass

HEADING = re.compile(r"^(Bad|Good)( \((?P<note>[^)]*)\))?:$", re.MULTILINE)
FILE = re.compile(r"^--- (\S+)$", re.MULTILINE)
DAY = date(2026, 1, 1)  # on which examples are judged


@dataclass(frozen=True)
class Example:
    """One example: whether it is bad, and its files by path.

    In the page it is an indented block below `Bad:` or `Good:`; `--- PATH` on a line of its own begins a file, the
    first is `Dockerfile` where none is named.
    """

    bad: bool
    files: dict[str, str]
    note: str = ""

    @property
    def repository(self) -> Repository:
        return Repository(tree.of(self.files), today=DAY)


def of(rule: Rule) -> tuple[Example, ...]:
    """The examples of a rule's page, in its order."""
    found, headings = [], list(HEADING.finditer(rule.page))
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        block = rule.page[heading.end() : following.start() if following else len(rule.page)]
        lines = [line for line in block.split("\n") if not line or line.startswith("    ")]
        text = dedent("\n".join(lines)).strip("\n") + "\n"
        found.append(Example(heading[1] == "Bad", _files(text), heading["note"] or ""))
    return tuple(found)


def _files(text: str) -> dict[str, str]:
    pieces = FILE.split(text)
    files = {path: body.removeprefix("\n") for path, body in zip(pieces[1::2], pieces[2::2], strict=True)}
    return {"Dockerfile": pieces[0], **files} if pieces[0].strip() else files
