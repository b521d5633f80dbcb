"""What the tables of defects are made of: changes of a clean repository, what must be found, what must survive. Pure."""

import bisect
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

Files = dict[str, bytes]
"""A repository: the content of each file by its path, with forward slashes, from the root."""


@dataclass(frozen=True)
class Swap:
    """`old`, which the file holds exactly once, becomes `new`."""

    path: str
    old: str
    new: str

    def apply(self, files: Files) -> Files:
        text = files[self.path].decode()
        if (count := text.count(self.old)) != 1:
            raise ValueError(f"{self.path} holds {count} times, not once: {self.old!r}")
        return {**files, self.path: text.replace(self.old, self.new).encode()}


@dataclass(frozen=True)
class Whole:
    """The file holds just this; None takes it away."""

    path: str
    content: str | bytes | None

    def apply(self, files: Files) -> Files:
        rest = {path: content for path, content in files.items() if path != self.path}
        if self.content is None:
            if self.path not in files:
                raise ValueError(f"there is no {self.path} to take away")
            return rest
        return {**rest, self.path: self.content.encode() if isinstance(self.content, str) else self.content}


@dataclass(frozen=True)
class Recode:
    """The same text with other newlines or in another encoding."""

    path: str
    newline: str = "\n"
    encoding: str = "utf-8"
    final: bool = True

    def apply(self, files: Files) -> Files:
        text = files[self.path].decode()
        text = text if self.final else text.removesuffix("\n")
        changed = text.replace("\n", self.newline).encode(self.encoding)
        if changed == files[self.path]:
            raise ValueError(f"{self.path} is written so already")
        return {**files, self.path: changed}


Change = Swap | Whole | Recode


@dataclass(frozen=True)
class Expected:
    """A finding that must be made: its code, its file, and words that stand on its line.

    Where a tool may as well point at another line (the COPY or the install that it spoils), each has its words; where
    the finding is about the whole file, there are none.
    """

    code: str
    path: str
    at: tuple[str, ...] = ()

    def lines(self, files: Files) -> tuple[int, ...]:
        """The line of each of the words, from 1; words that the file does not hold exactly once raise ValueError."""
        text = decoded(files[self.path])
        starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        for words in self.at:
            if (count := text.count(words)) != 1:
                raise ValueError(f"{self.path} holds {count} times, not once: {words!r}")
        return tuple(bisect.bisect_right(starts, text.index(words)) for words in self.at)


@dataclass(frozen=True)
class Kept:
    """Words that a file must still hold after fixing."""

    path: str
    text: str


@dataclass(frozen=True)
class Declined:
    """A finding that must not be fixed, though it may be reported."""

    code: str


@dataclass(frozen=True)
class Defect:
    """What is wrong in a repository that was clean before.

    `expected` must be found; the codes in `also` may be found, since they follow from it; anything else is a false
    alarm. `safe` says whether safe mode must mend all that is expected; `builds` whether the images can be built as
    they are found, where their bases can be had.
    """

    id: str
    changes: tuple[Change, ...]
    expected: tuple[Expected, ...]
    safe: bool = False
    also: tuple[str, ...] = ()
    note: str = ""
    builds: bool = True

    @property
    def repository(self) -> str:
        """The clean repository it is made of: what stands before the slash of its id."""
        return self.id.partition("/")[0]


@dataclass(frozen=True)
class Trap:
    """A repository that a naive fix breaks.

    `kept` and `declined` must hold after fixing at `level`, and so at every level below: `unsafe` includes `safe`.
    """

    id: str
    changes: tuple[Change, ...]
    kept: tuple[Kept, ...]
    declined: tuple[Declined, ...]
    reason: str
    level: str = "safe"

    @property
    def repository(self) -> str:
        """The clean repository it is made of: what stands before the slash of its id."""
        return self.id.partition("/")[0]


def swap(path: str, old: str, new: str) -> Swap:
    return Swap(path, old, new)


def found(code: str, path: str, *at: str) -> Expected:
    return Expected(code, path, at)


def defect(
    id: str, *parts: Change | Expected, safe: bool = False, also: str = "", note: str = "", builds: bool = True
) -> Defect:
    """A defect as the tables write it: changes and expectations in any order, `also` as words."""
    changes = tuple(part for part in parts if not isinstance(part, Expected))
    expected = tuple(part for part in parts if isinstance(part, Expected))
    return Defect(id, changes, expected, safe, tuple(also.split()), note, builds)


def trap(id: str, *parts: Change | Kept | Declined, reason: str, level: str = "safe") -> Trap:
    """A trap as the tables write it: changes and what must stay true in any order."""
    changes = tuple(part for part in parts if not isinstance(part, Kept | Declined))
    kept = tuple(part for part in parts if isinstance(part, Kept))
    declined = tuple(part for part in parts if isinstance(part, Declined))
    return Trap(id, changes, kept, declined, reason, level)


def combined(id: str, *parts: Defect, also: str = "") -> Defect:
    """Several defects of one repository at once: one after the other, each as it is alone."""
    more = {code for part in parts for code in part.also} | set(also.split())
    return Defect(
        id,
        tuple(change for part in parts for change in part.changes),
        tuple(dict.fromkeys(expected for part in parts for expected in part.expected)),
        all(part.safe for part in parts),
        tuple(sorted(more)),
        "; ".join(part.id.partition("/")[2] for part in parts),
        all(part.builds for part in parts),
    )


def decoded(content: bytes) -> str:
    """The text of a file in whatever encoding the tables use; newlines as they are, without a mark of byte order."""
    for encoding in ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "latin-1"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("in no encoding that the tables use")


def applied(files: Mapping[str, bytes], changes: tuple[Change, ...]) -> Files:
    """The files after all changes, in their order."""
    made = dict(files)
    for change in changes:
        made = change.apply(made)
    return made
