"""What made an image grow or shrink: its packages and files before and after. Pure."""

from collections.abc import Iterable

from drydock.measures.anatomy import Kind, Part
from drydock.values import dataclass

Key = tuple[Kind, str]


@dataclass(frozen=True)
class Grown:
    """A package, or a file of none, then and now; 0 bytes and no version where it was not there."""

    kind: Kind
    name: str
    before_bytes: int
    after_bytes: int
    before_version: str = ""
    after_version: str = ""

    @property
    def bytes(self) -> int:
        """How much it grew; negative where it shrank."""
        return self.after_bytes - self.before_bytes


def growth(before: Iterable[Part], after: Iterable[Part]) -> tuple[Grown, ...]:
    """Every part that differs in size, the one that grew most first and the one that shrank most last.

    Several versions of one package are counted together. The differences sum to that of all parts.
    """
    then, now = _summed(before), _summed(after)
    absent = (0, "")
    found = [
        Grown(*key, old[0], new[0], old[1], new[1])
        for key in {**now, **then}
        if (old := then.get(key, absent))[0] != (new := now.get(key, absent))[0]
    ]
    return tuple(sorted(found, key=lambda one: (-one.bytes, one.kind, one.name)))


def _summed(parts: Iterable[Part]) -> dict[Key, tuple[int, str]]:
    sizes, versions = dict[Key, int](), dict[Key, set[str]]()
    for part in parts:
        key = part.kind, part.name
        sizes[key] = sizes.get(key, 0) + part.disk_bytes
        versions.setdefault(key, set()).add(part.version)
    return {key: (size, ", ".join(sorted(versions[key] - {""}))) for key, size in sizes.items()}
