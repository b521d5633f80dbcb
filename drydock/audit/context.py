"""A build context of the repository: what is in it, and what its ignore file leaves visible. Pure."""

import posixpath
from collections.abc import Iterator

from drydock.audit import source
from drydock.audit.source import Source
from drydock.audit.tree import Tree
from drydock.measures.ignore import Ignore
from drydock.values import dataclass


@dataclass(frozen=True)
class Context:
    """A folder that builds are given; `ignored_by` is the path of the ignore file that counts, "" where there is none.

    `sure` is true where a compose file or a workflow names the folder, false where it was only guessed.
    """

    folder: str
    tree: Tree
    ignore: Ignore
    ignored_by: str = ""
    sure: bool = True

    def path(self, inside: str) -> str:
        """A path below the context, from the root of the repository."""
        return posixpath.normpath(posixpath.join(self.folder, inside.lstrip("/")))

    def has(self, inside: str) -> bool:
        """Whether there is a file or a folder, hidden or not."""
        return self.tree.has(self.path(inside))

    def shows(self, inside: str) -> bool:
        """Whether a build can see it."""
        return self.has(inside) and not self.ignore.matches(posixpath.normpath(inside.lstrip("/")))

    def files(self) -> Iterator[str]:
        """The visible files, from the context's root."""
        cut = len(self.folder) + 1 if self.folder else 0
        for path in self.tree.below(self.folder):
            if path in self.tree.files and not self.ignore.matches(path[cut:]):
                yield path[cut:]

    def read(self, inside: str) -> Source | None:
        """A file's text; None where there is none or it cannot be read."""
        path = self.path(inside)
        if path not in self.tree.files:
            return None
        try:
            return source.read(path, self.tree.read(path))
        except (OSError, UnicodeDecodeError):
            return None
