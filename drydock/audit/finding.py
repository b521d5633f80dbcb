"""What a rule finds, and the fix that goes with it. Pure."""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from drydock.audit.source import Edit, Source
from drydock.values import dataclass

Identity = tuple[str, str, str]  # of a finding: rule, file and message


class Severity(Enum):
    """How much a finding matters, the gravest first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    def reaches(self, limit: "Severity") -> bool:
        """Whether this is at least as grave."""
        order = list(Severity)
        return order.index(self) <= order.index(limit)


@dataclass(frozen=True)
class Fix:
    """Edits by the path of the file, and files to write that are not there yet; all of it or nothing.

    `safe` is true only where it cannot change what the running container does; `fewer` is how many instructions it
    takes out on purpose.
    """

    edits: Mapping[str, tuple[Edit, ...]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    safe: bool = True
    fewer: int = 0

    @property
    def paths(self) -> frozenset[str]:
        """The files it touches or makes."""
        return frozenset((*self.edits, *self.files))


@dataclass(frozen=True)
class Found:
    """What a rule says: a place, a sentence, and a fix, or why there is none where one might be expected."""

    source: Source
    start: int
    message: str
    fix: Fix | None = None
    declined: str = ""


@dataclass(frozen=True)
class Finding:
    """What is wrong at a line and column (both from 1) of a file."""

    code: str
    severity: Severity
    path: str
    line: int
    column: int
    message: str
    fix: Fix | None = None
    declined: str = ""

    @property
    def paths(self) -> frozenset[str]:
        """The file it stands in, and those that its fix touches or makes."""
        return frozenset((self.path, *(self.fix.paths if self.fix else ())))

    @property
    def order(self) -> tuple[str, int, int, str]:
        """By place, for lists of findings."""
        return self.path, self.line, self.column, self.code

    @property
    def identity(self) -> Identity:
        """What stays the same when lines above it move."""
        return self.code, self.path, self.message


def mend(source: Source, *edits: Edit, safe: bool = True) -> Fix:
    """A fix within one file."""
    return Fix({source.path: edits}, safe=safe)


def write(path: str, text: str, *, safe: bool = True) -> Fix:
    """A fix that writes a file which is not there yet."""
    return Fix(files={path: text}, safe=safe)
