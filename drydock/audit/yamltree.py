"""YAML as nodes with their place in the text: anchors and merge keys resolved, depth and size bounded. Pure."""

from collections.abc import Iterator
from dataclasses import field
from enum import Enum

from drydock.errors import Misuse
from drydock.values import dataclass

DEEPEST = 100  # levels; real files have fewer than 20
MOST = 50_000  # nodes


class Shape(Enum):
    """What a node is."""

    SCALAR = "scalar"
    SEQUENCE = "sequence"
    MAPPING = "mapping"


@dataclass(eq=False)
class Node:
    """A value of a YAML file; `start` and `end` are offsets into the text, `end` behind its last character.

    `text` is a scalar's value as a string, `plain` whether it is written without quotes; `flow` says whether a
    collection is written with brackets. An alias is the very node that it stands for.
    """

    shape: Shape
    start: int
    end: int
    text: str = ""
    plain: bool = False
    flow: bool = False
    anchor: str = ""
    items: list["Node"] = field(default_factory=list)
    pairs: list[tuple["Node", "Node"]] = field(default_factory=list)

    def get(self, *path: str | int) -> "Node | None":
        """What lies under these keys and numbers, merge keys included; None where a step is missing."""
        node: Node | None = self
        for step in path:
            if node is None:
                return None
            if isinstance(step, int):
                node = node.items[step] if step < len(node.items) else None
            else:
                node = next((value for key, value in node.entries() if key.text == step), None)
        return node

    def key(self, name: str) -> "Node | None":
        """The key itself, where it is written in this very mapping."""
        return next((key for key, _ in self.pairs if key.text == name), None)

    def entries(self) -> Iterator[tuple["Node", "Node"]]:
        """Keys and values, one's own before what `<<` brings in, each key once (the last of two namesakes)."""
        seen, merged, waiting = set[str](), set[int](), [self]
        while waiting:
            node = waiting.pop(0)
            if id(node) in merged:
                continue  # lists of merges within merges would multiply
            merged.add(id(node))
            for key, value in reversed(node.pairs):
                if key.text == "<<" and key.plain:
                    waiting += value.items if value.shape is Shape.SEQUENCE else [value]
                elif key.text not in seen:
                    seen.add(key.text)
                    yield key, value

    def words(self) -> tuple[str, ...]:
        """The scalars of a sequence, or the one scalar; empty for a mapping."""
        if self.shape is Shape.SCALAR:
            return (self.text,)
        return tuple(item.text for item in self.items if item.shape is Shape.SCALAR)


def parse(text: str, path: str) -> tuple[Node, ...]:
    """The documents of a file; Misuse with `path` and line for what does not parse, is too deep or holds itself."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(path, text)
    try:
        for event in yaml.parse(text, Loader=loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Misuse(f"{path}:{line}: {error.problem or 'is not YAML'}", remedy=f"mend {path} at that line") from error
    except yaml.YAMLError as error:
        raise Misuse(f"{path}: is not YAML", remedy=f"mend {path}") from error
    return tuple(builder.documents)


def nodes(root: Node) -> Iterator[Node]:
    """Every node of a tree once, however many aliases lead to it."""
    seen, waiting = set[int](), [root]
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting += [*node.items, *(one for pair in node.pairs for one in pair)]


def _offsets(text: str) -> list[int]:
    """Where each line begins, as libyaml counts lines: also after a lone carriage return and Unicode's own ends."""
    import re

    return [0, *(found.end() for found in re.finditer("\r\n|[\r\n\x85\u2028\u2029]", text))]


class _Builder:
    """Nodes out of events, with a stack of its own, so that no depth of nesting can exhaust ours."""

    def __init__(self, path: str, text: str) -> None:
        self.path, self.text, self.starts = path, text, _offsets(text)
        self.last = 0  # the end of what was written last
        self.documents: list[Node] = []
        self.open: list[tuple[Node, Node | None]] = []  # a collection, and the key that waits for its value
        self.anchors: dict[str, Node] = {}
        self.count = 0

    def take(self, event: object) -> None:
        import yaml

        match event:
            case yaml.DocumentStartEvent():
                self.anchors = {}
            case yaml.AliasEvent():
                self.last = self.offset(event.end_mark)
                node = self.anchors.get(event.anchor or "")
                if node is None:
                    self.refuse(event, f"*{event.anchor} stands for nothing")
                elif any(node is one for one, _ in self.open):
                    self.refuse(event, f"*{event.anchor} lies in itself")
                else:
                    self.put(node)
            case yaml.ScalarEvent():
                node = self.node(Shape.SCALAR, event)
                node.text, node.plain = event.value, event.style is None or event.style == ""
                node.end = self.last = node.start + len(self.text[node.start : node.end].rstrip("\r\n"))
                self.put(node)
            case yaml.CollectionStartEvent():
                shape = Shape.MAPPING if isinstance(event, yaml.MappingStartEvent) else Shape.SEQUENCE
                node = self.node(shape, event)
                node.flow = bool(event.flow_style)
                if len(self.open) >= DEEPEST:
                    self.refuse(event, f"is nested more than {DEEPEST} levels deep")
                self.open.append((node, None))
            case yaml.CollectionEndEvent():
                node, _ = self.open.pop()
                node.end = self.last = self.offset(event.end_mark) if node.flow else max(node.start, self.last)
                self.put(node)

    def node(self, shape: Shape, event: object) -> Node:
        self.count += 1
        if self.count > MOST:
            self.refuse(event, f"holds more than {MOST} values")
        node = Node(shape, self.offset(event.start_mark), self.offset(event.end_mark))  # type: ignore[attr-defined]
        node.anchor = getattr(event, "anchor", None) or ""
        if node.anchor:
            self.anchors[node.anchor] = node
        return node

    def put(self, node: Node) -> None:
        if not self.open:
            self.documents.append(node)
            return
        parent, key = self.open[-1]
        if parent.shape is Shape.SEQUENCE:
            parent.items.append(node)
        elif key is None:
            self.open[-1] = (parent, node)
        else:
            parent.pairs.append((key, node))
            self.open[-1] = (parent, None)

    def offset(self, mark: object) -> int:
        line, column = int(mark.line), int(mark.column)  # type: ignore[attr-defined]
        return self.starts[min(line, len(self.starts) - 1)] + column

    def refuse(self, event: object, reason: str) -> None:
        line = event.start_mark.line + 1  # type: ignore[attr-defined]
        raise Misuse(f"{self.path}:{line}: {reason}", remedy=f"mend {self.path} at that line")
