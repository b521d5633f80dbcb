"""What is different between two builds of one image, by file and by entry of the configuration. Pure but for layers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from itertools import zip_longest
from typing import Any

from drydock.values import dataclass
from drydock.verification.archive import Archived, Entry, Layer

Entries = Callable[[Archived, Layer], Mapping[str, Entry]]
FIRST, SECOND = "only in the first", "only in the second"
PACKING = "the same files, in another order or packed otherwise"
FOLLOWS = {"rootfs"}  # of the configuration: it only names the layers


@dataclass(frozen=True)
class Difference:
    """One thing that came out otherwise: where (an instruction, or the configuration), which path, and what of it."""

    where: str
    path: str
    what: tuple[str, ...]

    def words(self) -> str:
        """As people read it."""
        return f"{self.path or 'the layer'}: {', '.join(self.what)}"


def between(first: Archived, second: Archived, entries: Entries) -> tuple[Difference, ...]:
    """Every difference of two builds of an image; `entries` reads a layer. None at all where the digests agree."""
    if first.digest == second.digest:
        return ()
    return (*_settings(first.config, second.config), *_layers(first, second, entries))


def _settings(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[Difference]:
    flat = [dict(_flat(one)) for one in (first, second)]
    for name in sorted(flat[0].keys() | flat[1].keys()):
        if name.split(".")[0] not in FOLLOWS and (what := _missing(name, *flat) or _other(name, *flat)):
            yield Difference("configuration", name, (what,))


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value of a document by its path: `config.Env.0`."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in inner:
        yield from _flat(below, f"{name}.{key}" if name else str(key))
    if not isinstance(value, dict | list):
        yield name, value


def _missing(name: str, first: Mapping[str, Any], second: Mapping[str, Any]) -> str:
    return FIRST if name not in second else SECOND if name not in first else ""


def _other(name: str, first: Mapping[str, Any], second: Mapping[str, Any]) -> str:
    return "" if first[name] == second[name] else "value"


def _layers(first: Archived, second: Archived, entries: Entries) -> Iterator[Difference]:
    for one, other in zip_longest(first.layers, second.layers):
        if one is None or other is None:
            yield Difference((one or other).instruction, "", (SECOND if one is None else FIRST,))
        elif one.digest != other.digest:
            found = list(_files(one.instruction, entries(first, one), entries(second, other)))
            yield from found or [Difference(one.instruction, "", (PACKING,))]


def _files(where: str, first: Mapping[str, Entry], second: Mapping[str, Entry]) -> Iterator[Difference]:
    for path in sorted(first.keys() | second.keys()):
        if lacking := _missing(path, first, second):
            yield Difference(where, path, (lacking,))
        elif what := _fields(first[path], second[path]):
            yield Difference(where, path, what)


def _fields(first: Entry, second: Entry) -> tuple[str, ...]:
    names = {"more": "attributes", "target": "link"}
    pairs = ((one.name, getattr(first, one.name), getattr(second, one.name)) for one in fields(Entry))
    return tuple(names.get(name, name) for name, one, other in pairs if one != other)
