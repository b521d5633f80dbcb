"""What the blocks of a document quote from captures: tables, single figures, pictures."""

import os
from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path, PurePosixPath
from typing import TypeVar

from drydock.documents.snippets import Block, Renderer
from drydock.errors import Misuse
from drydock.measures import evidence, figures
from drydock.values import dataclass

IMAGES = "docs/images"
Said = TypeVar("Said")


@dataclass
class Quotations:
    """The captures below `root`, each read once, and the pictures that were asked for: path below the root -> SVG."""

    root: Path
    pictures: dict[str, str] = field(default_factory=dict)
    _read: dict[str, evidence.Document] = field(default_factory=dict)

    def renderers(self) -> Mapping[str, Renderer]:
        """A renderer for each block that quotes a capture."""
        return {"table": self.table, "figure": self.figure, "plot": self.plot}

    def table(self, block: Block) -> str:
        """A capture as a table; the block names it."""
        if len(block.words) != 1:
            raise _wrong(block, "CAPTURE")
        return self._quote(block, block.words[0], evidence.markdown)

    def figure(self, block: Block) -> str:
        """One figure; the block names the capture and the words that lead to it."""
        if len(block.words) < 2:
            raise _wrong(block, "CAPTURE WORD…")
        return self._quote(block, block.words[0], lambda document: figures.quoted(document, block.words[1:]))

    def plot(self, block: Block) -> str:
        """The line that places a picture, which is kept to be written; the block names kind, capture and more."""
        from drydock.measures import pictures

        if len(block.words) < 2 or block.words[0] not in pictures.PICTURES:
            raise _wrong(block, f"{'|'.join(pictures.PICTURES)} CAPTURE")
        kind, capture, *more = block.words
        made = self._quote(block, capture, lambda document: pictures.PICTURES[kind](document, more))
        path = f"{IMAGES}/{'-'.join((capture, kind, *more))}.svg"
        self.pictures[path] = made.svg
        place = PurePosixPath(os.path.relpath(path, PurePosixPath(block.path).parent).replace(os.sep, "/"))
        words = made.alternative.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
        return f"![{words}]({place})"

    def _quote(self, block: Block, name: str, say: Callable[[evidence.Document], Said]) -> Said:
        try:
            if name not in self._read:
                self._read[name] = evidence.load(self.root, name)
            return say(self._read[name])
        except Misuse as error:
            raise Misuse(f"{block.place}: {error.message}", remedy=error.remedy) from error
        except (LookupError, TypeError, ValueError) as error:
            raise Misuse(
                f"{block.place}: the capture {name} is incomplete: {error!r}",
                remedy="capture it again with this Drydock",
            ) from error


def _wrong(block: Block, words: str) -> Misuse:
    return Misuse(
        f"{block.place}: the block {block.name} needs {words}",
        remedy=f"write it as <!-- drydock:{block.name} {words} -->",
    )
