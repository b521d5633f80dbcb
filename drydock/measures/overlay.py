"""Layers laid over each other: what the finished image shows, and the bytes below that nobody sees. Pure.

As the specification of OCI images has it: a whiteout hides what lies below its layer, an opaque one all that its folder
held there; whatever is no folder replaces what was at its path, with all below it.
"""

import posixpath
from collections.abc import Iterator, Sequence

from drydock.measures.contents import Contents, Entry, Sort
from drydock.values import dataclass

WHITEOUT, OPAQUE, INTERNAL = ".wh.", ".wh..wh..opq", ".wh..wh."
FOLDER = Entry("", Sort.FOLDER)
DEEPEST = 40  # links in a path, as Linux has it: more go in a circle


@dataclass(frozen=True)
class Body:
    """Bytes of one file in one layer, whatever number of names it has; `path` is the first."""

    layer: int
    path: str
    size: int


@dataclass(frozen=True)
class Held:
    """What the image has at a path: the entry, its layer counted from 0, and for a file the position of its body."""

    entry: Entry
    layer: int
    body: int | None = None


@dataclass(frozen=True)
class Tree:
    """A finished image: what it has at each path, and the bodies of all its layers."""

    nodes: dict[str, Held]
    bodies: tuple[Body, ...]

    def alive(self) -> dict[int, str]:
        """The bodies that have a name in the image, each with one of its names: its first, if that is left."""
        found: dict[int, str] = {}
        for path, held in self.nodes.items():
            if held.body is not None and (held.body not in found or self.bodies[held.body].path == path):
                found[held.body] = path
        return found

    def wasted(self) -> tuple[Body, ...]:
        """The bodies that no name leads to any more: overwritten or deleted above; largest first."""
        alive = self.alive()
        lost = (body for at, body in enumerate(self.bodies) if at not in alive and body.size)
        return tuple(sorted(lost, key=lambda body: (-body.size, body.layer, body.path)))

    def real(self, path: str) -> str:
        """Where a path leads once the links among its folders are followed; the last part is not followed."""
        folder, name = posixpath.split(path)
        return posixpath.join(self._folder(folder, 0), name)

    def _folder(self, path: str, depth: int) -> str:
        if not path:
            return ""
        above, name = posixpath.split(path)
        here = posixpath.join(self._folder(above, depth), name)
        held = self.nodes.get(here)
        if held is None or held.entry.sort is not Sort.LINK or depth >= DEEPEST:
            return here
        target = posixpath.normpath(posixpath.join("/", posixpath.dirname(here), held.entry.target)).lstrip("/")
        return self._folder(target, depth + 1)


def lay(layers: Sequence[Contents]) -> Tree:
    """The layers over each other, the lowest first."""
    overlay = _Overlay()
    for number, layer in enumerate(layers):
        overlay.hide(layer.entries)
        overlay.add(number, layer.entries)
    return Tree(overlay.nodes, tuple(overlay.bodies))


class _Overlay:
    """The image so far: a layer first hides what lies below it, then adds its own."""

    def __init__(self) -> None:
        self.nodes: dict[str, Held] = {}
        self.bodies: list[Body] = []
        self._within: dict[str, set[str]] = {}

    def hide(self, entries: Sequence[Entry]) -> None:
        """Take away what the whiteouts of a layer name; nothing of that layer is there yet."""
        for entry in entries:
            folder, name = posixpath.split(entry.path)
            if name == OPAQUE:
                self._empty(folder)
            elif name.startswith(WHITEOUT) and not name.startswith(INTERNAL):
                self._drop(posixpath.join(folder, name.removeprefix(WHITEOUT)))

    def add(self, layer: int, entries: Sequence[Entry]) -> None:
        """Put the entries of a layer over what is there."""
        own: dict[str, int | None] = {}  # bodies by their names in this layer
        for entry in entries:
            if posixpath.basename(entry.path).startswith(WHITEOUT) or not entry.path:
                continue
            body = None
            if entry.sort is Sort.FILE:
                body = len(self.bodies)
                self.bodies.append(Body(layer, entry.path, entry.size))
            elif entry.sort is Sort.HARD:
                body = own.get(entry.target)
            own[entry.path] = body
            self._put(Held(entry, layer, body))

    def _put(self, held: Held) -> None:
        path = held.entry.path
        there = self.nodes.get(path)
        if there is None:
            self._link(path, held.layer)
        elif held.entry.sort is not Sort.FOLDER:
            self._empty(path)
        self.nodes[path] = held

    def _link(self, path: str, layer: int) -> None:
        """Make a path known to its folder; a folder that no entry tells of is one all the same."""
        folder = posixpath.dirname(path)
        self._within.setdefault(folder, set()).add(path)
        there = self.nodes.get(folder)
        if folder and (there is None or there.entry.sort is not Sort.FOLDER):
            if there is None:
                self._link(folder, layer)
            self.nodes[folder] = Held(FOLDER, layer)

    def _drop(self, path: str) -> None:
        self._empty(path)
        if self.nodes.pop(path, None):
            self._within[posixpath.dirname(path)].discard(path)

    def _empty(self, folder: str) -> None:
        for path in _all(self._within.pop(folder, set()), self._within):
            self.nodes.pop(path, None)


def _all(paths: set[str], within: dict[str, set[str]]) -> Iterator[str]:
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        waiting += within.pop(path, ())
        yield path
