"""An ignore file of the repository, with the contexts it counts for. Pure."""

import posixpath
from functools import cached_property

from drydock.audit.context import Context
from drydock.audit.finding import Fix, Found
from drydock.audit.source import Source
from drydock.measures import ignore
from drydock.measures.ignore import Ignore, Pattern
from drydock.values import dataclass


@dataclass(frozen=True)
class IgnoreFile:
    """An ignore file; `contexts` are those it counts for, none where it counts nowhere."""

    source: Source
    ignore: Ignore
    contexts: tuple[Context, ...]

    @property
    def path(self) -> str:
        return self.source.path

    @cached_property
    def lines(self) -> tuple[tuple[int, str, Pattern], ...]:
        """Number (from 1), words and pattern of each line that has one."""
        found = []
        for number, line in enumerate(self.source.text.split("\n"), 1):
            words = line.strip(ignore.BLANKS)
            if words and not line.startswith("#"):
                back = words.startswith("!")
                found.append((number, words, ignore.pattern(words.removeprefix("!").strip(ignore.BLANKS), back=back)))
        return tuple(found)

    def decides(self, path: str) -> int | None:
        """The line that hides a path, or a folder above it; None where none does."""
        while path:
            for number, _, pattern in reversed(self.lines):
                if not pattern.back and pattern.regex.fullmatch(path):
                    return number
            path = posixpath.dirname(path)
        return None

    def found(self, line: int, message: str, fix: Fix | None = None, *, declined: str = "") -> Found:
        """A finding at a line (from 1)."""
        return Found(self.source, self.source.line_start(line), message, fix, declined)
