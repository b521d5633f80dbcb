"""Ports, volumes and variables of a compose service, in their short and their long forms. Pure."""

import re
from collections.abc import Iterator

from drydock.audit.composefile import Service, filled, joined
from drydock.audit.yamltree import Node, Shape
from drydock.values import dataclass

PIECE = re.compile(r"\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|\[[^\]]*\]|[^:]")


@dataclass(frozen=True)
class Port:
    """A published port: `host` is the address as written, "" where there is none; `target` lies in the container."""

    node: Node
    host: str
    published: str
    target: str


@dataclass(frozen=True)
class Volume:
    """Something mounted at `target`; `source` as written, "" for an anonymous volume."""

    node: Node
    source: str
    target: str
    is_bind: bool

    def folder(self, base: str) -> str | None:
        """What a bind mount mounts, from the root of the repository, for a compose file in `base`; None: elsewhere."""
        return joined(base, filled(self.source)) if self.is_bind else None


@dataclass(frozen=True)
class Setting:
    """A variable that a service sets, with the node that says so; `value` is as written."""

    node: Node
    name: str
    value: str


def ports(service: Service) -> Iterator[Port]:
    """What `ports` publishes; what cannot be read is left out."""
    node = service.get("ports")
    for item in node.items if node else []:
        if item.shape is Shape.MAPPING:
            published, target = text(item.get("published")), text(item.get("target"))
            if target:
                yield Port(item, text(item.get("host_ip")), published, target)
            continue
        words = pieces(item.text.partition("/")[0] if "$" not in item.text else re.sub(r"/(tcp|udp)$", "", item.text))
        if 1 <= len(words) <= 3 and words[-1]:
            *front, target = words
            yield Port(item, front[0] if front[1:] else "", front[-1] if front else "", target)


def volumes(service: Service) -> Iterator[Volume]:
    """What `volumes` mounts; what cannot be read is left out."""
    node = service.get("volumes")
    for item in node.items if node else []:
        if item.shape is Shape.MAPPING:
            kind, source = text(item.get("type")), text(item.get("source") or item.get("src"))
            target = text(item.get("target") or item.get("destination") or item.get("dst"))
            if target:
                yield Volume(item, source, filled(target).rstrip("/") or "/", kind == "bind")
        elif item.shape is Shape.SCALAR:
            words = pieces(item.text)
            source, target = ("", words[0]) if not words[1:] else (words[0], words[1])
            is_bind = filled(source).startswith((".", "/", "~"))
            yield Volume(item, source, filled(target).rstrip("/") or "/", is_bind)


def settings(service: Service, *path: str) -> Iterator[Setting]:
    """The variables of `environment`, or of the mapping or list at another path."""
    node = service.get(*(path or ("environment",)))
    if node is None:
        return
    for item in node.items:
        name, sign, value = item.text.partition("=")
        if item.shape is Shape.SCALAR and sign:
            yield Setting(item, name, value)
    for key, given in node.entries():
        if given.shape is Shape.SCALAR:
            yield Setting(key, key.text, given.text)


def text(node: Node | None) -> str:
    """A scalar's text, "" for anything else."""
    return node.text if node is not None and node.shape is Shape.SCALAR else ""


def pieces(words: str) -> list[str]:
    """Split at colons, but for those of `${NAME:-default}` and `[::1]`."""
    found = [""]
    at = 0
    while at < len(words):
        match = PIECE.match(words, at)
        if match is None:
            found.append("")
            at += 1
        else:
            found[-1] += match[0]
            at = match.end()
    return found
