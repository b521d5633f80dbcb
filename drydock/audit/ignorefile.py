"""An ignore file of the repository, with the contexts it counts for. Pure."""

from dataclasses import dataclass

from drydock.audit.context import Context
from drydock.audit.finding import Fix, Found
from drydock.audit.source import Source
from drydock.measures.ignore import Ignore


@dataclass(frozen=True)
class IgnoreFile:
    """An ignore file; `contexts` are those it counts for, none where it counts nowhere."""

    source: Source
    ignore: Ignore
    contexts: tuple[Context, ...]

    @property
    def path(self) -> str:
        return self.source.path

    def found(self, line: int, message: str, fix: Fix | None = None, *, declined: str = "") -> Found:
        """A finding at a line (from 1)."""
        return Found(self.source, self.source.line_start(line), message, fix, declined)
