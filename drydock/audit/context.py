"""A build context of the repository: what is in it, and what its ignore file leaves visible. Pure."""

import posixpath
import re
from collections.abc import Iterator

from drydock.audit import source
from drydock.audit.source import Source
from drydock.audit.tree import Tree
from drydock.dockerfile import Dockerfile
from drydock.measures.ignore import Ignore
from drydock.values import dataclass

UNTOLD = re.compile(r"[$*?<\[]")  # what a COPY takes cannot be told from such a word alone


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


def guessed(tree: Tree, path: str, file: Dockerfile) -> str:
    """The folder a Dockerfile lies in, or the nearest above it that has more of what it copies."""
    copied = [one for one in file.instructions if one.keyword == "COPY" and not one.flag("from")]
    words = [word.strip("/") for one in copied for word in one.args[:-1] if not UNTOLD.search(word)]
    wanted = [word for word in words if word.strip("./")]

    def held(folder: str) -> int:
        return sum(tree.has(posixpath.normpath(posixpath.join(folder, word))) for word in wanted)

    return max(_up(posixpath.dirname(path)), key=held)


def _up(folder: str) -> Iterator[str]:
    """A folder, and those above it, up to the root."""
    yield folder
    while folder:
        folder = posixpath.dirname(folder)
        yield folder
