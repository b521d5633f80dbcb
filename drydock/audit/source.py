"""One file of a repository: its text, and edits to it that leave every other byte as it was. Pure."""

import codecs
from collections.abc import Iterable
from functools import cached_property
from itertools import accumulate

from drydock.values import dataclass

MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class Edit:
    """Put `new` in place of the characters from `start` to `end`; newlines in `new` are written as "\\n"."""

    start: int
    end: int
    new: str

    def meets(self, other: "Edit") -> bool:
        """Whether both change the same characters, or one changes something at the place where the other inserts."""
        return self.start <= other.end and other.start <= self.end


@dataclass(frozen=True)
class Source:
    """A file as text, newlines as they are; `path` is relative to the root, `mark` its byte order mark."""

    path: str
    text: str
    encoding: str = "utf-8"
    mark: bytes = b""

    @property
    def data(self) -> bytes:
        """The bytes to write."""
        return self.mark + self.text.encode(self.encoding)

    @property
    def newline(self) -> str:
        """What its first line ends with."""
        end = self.text.find("\n")
        return "\r\n" if end > 0 and self.text[end - 1] == "\r" else "\n"

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of a character, both from 1."""
        from bisect import bisect_right

        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1

    def line_start(self, line: int) -> int:
        """The offset at which a line (from 1) begins; the end of the text for a line behind it."""
        return self._starts[line - 1] if line <= len(self._starts) else len(self.text)

    def splice(self, edits: Iterable[Edit]) -> "Source":
        """The file with all edits applied; ValueError where two of them meet or one lies outside."""
        text, newline, before = self.text, self.newline, len(self.text) + 1
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
            if not 0 <= edit.start <= edit.end <= len(text) or edit.end > before or edit.start == before:
                raise ValueError(f"edits of {self.path} meet at {edit.start}")
            text = text[: edit.start] + edit.new.replace("\n", newline) + text[edit.end :]
            before = edit.start
        return Source(self.path, text, self.encoding, self.mark)

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(line) + 1 for line in self.text.split("\n")[:-1])]


def read(path: str, data: bytes) -> Source:
    """A file's bytes as text: UTF-8, or UTF-16 where its mark says so; UnicodeDecodeError for anything else."""
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return Source(path, data[len(mark) :].decode(encoding), encoding, mark)
    return Source(path, data.decode())
