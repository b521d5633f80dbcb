"""A compose file of the repository: its services as they are written, and the image each builds. Pure."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from drydock.audit import yamltree
from drydock.audit.finding import Fix, Found
from drydock.audit.source import Source
from drydock.audit.yamltree import Node, Shape
from drydock.values import dataclass

VARIABLE = re.compile(r"\$\$|\$(?:\{(?P<name>\w+)(?:(?P<sign>:?[-?+])(?P<rest>[^{}]*))?\}|(?P<bare>\w+))")


@dataclass(frozen=True)
class Service:
    """A service: its name's node and its own mapping."""

    name: str
    key: Node
    node: Node

    def get(self, *path: str | int) -> Node | None:
        return self.node.get(*path)


@dataclass(frozen=True)
class Build:
    """What a service says of building its image; folders and files are relative to the repository's root.

    `folder` is None where the context lies elsewhere: another repository, or outside the root.
    """

    service: str
    folder: str | None
    dockerfile: str
    target: str = ""
    args: Mapping[str, str] | None = None
    contexts: tuple[str, ...] = ()


@dataclass(frozen=True)
class ComposeFile:
    """A compose file and its root node; `is_override` where it only completes another one."""

    source: Source
    root: Node
    is_override: bool = False

    @property
    def path(self) -> str:
        return self.source.path

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """The services that are mappings, in the order of the file."""
        found = self.root.get("services")
        pairs = found.pairs if found else []
        return tuple(Service(key.text, key, node) for key, node in pairs if node.shape is Shape.MAPPING)

    def service(self, name: str) -> Service | None:
        """The service of that name, None where there is none."""
        return self._by_name.get(name)

    @cached_property
    def builds(self) -> tuple[Build, ...]:
        """The images that its services build."""
        return tuple(self._builds())

    @cached_property
    def _by_name(self) -> Mapping[str, Service]:
        return {one.name: one for one in self.services}

    def is_shared(self, node: Node) -> bool:
        """Whether others may have the same node through an anchor, its own or that of something around it."""
        return any(start <= node.start and node.end <= end for start, end in self._anchored)

    def found(self, node: Node, message: str, fix: Fix | None = None, *, declined: str = "") -> Found:
        """A finding at a node."""
        return Found(self.source, node.start, message, fix, declined)

    @cached_property
    def _anchored(self) -> tuple[tuple[int, int], ...]:
        return tuple((one.start, one.end) for one in yamltree.nodes(self.root) if one.anchor)

    def _builds(self) -> Iterator[Build]:
        for service in self.services:
            node = service.get("build")
            if node is None:
                continue
            short = node.shape is Shape.SCALAR
            context = filled(node.text if short else _text(node.get("context")) or ".")
            folder = joined(posixpath.dirname(self.path), context)
            named = filled(_text(node.get("dockerfile"))) or "Dockerfile"
            if node.get("dockerfile_inline") is not None:
                continue
            dockerfile = joined(folder, named) if folder is not None else None
            if dockerfile is not None:
                others = node.get("additional_contexts")
                names = [key.text for key, _ in others.entries()] if others else []
                names += [word.partition("=")[0] for word in others.words()] if others else []
                target = filled(_text(node.get("target")))
                yield Build(service.name, folder, dockerfile, target, _arguments(node.get("args")), tuple(names))


def filled(text: str) -> str:
    """A value with `${NAME:-default}` as compose would have it where nothing is set."""

    def value(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        return match["rest"] or "" if (match["sign"] or "").endswith("-") else ""

    for _ in range(5):  # defaults may hold variables
        once = VARIABLE.sub(value, text)
        if once == text:
            break
        text = once
    return text


def joined(folder: str | None, path: str) -> str | None:
    """A path from the root of the repository, "" for the root; None for what lies outside it or is an address."""
    if folder is None or "://" in path or path.startswith(("/", "~", "git@")):
        return None
    found = posixpath.normpath(posixpath.join(folder, path))
    return None if found.startswith("..") else ("" if found == "." else found)


def _text(node: Node | None) -> str:
    return node.text if node is not None and node.shape is Shape.SCALAR else ""


def _arguments(node: Node | None) -> dict[str, str]:
    if node is None:
        return {}
    if node.shape is Shape.SEQUENCE:
        return {name: filled(value) for name, sign, value in (word.partition("=") for word in node.words()) if sign}
    return {key.text: filled(value.text) for key, value in node.entries() if value.shape is Shape.SCALAR}
