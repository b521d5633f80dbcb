"""What each step of a build waited for, and the chain of steps that decided how long it took. Pure."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from drydock.builds.vertex import Place, Vertex, merged

Key = TypeVar("Key", bound=Hashable)
Node = Place | str  # a step by its place, anything else by its digest
Inputs = Mapping[Node, Sequence[Node]]
Known = Mapping[tuple[str, str], Vertex]  # by digest and image
Link = tuple[tuple[int, ...], bool]


def path(seconds: Mapping[Key, float], inputs: Mapping[Key, Iterable[Key]]) -> tuple[Key, ...]:
    """The chain, each link an input of the next, that takes longest in all; links that took no time are left out.

    Inputs that are not in `seconds` take none. Inputs that go round in a circle, as no build's do, give no chain.
    """
    known = {key: [one for one in inputs.get(key, ()) if one in seconds] for key in seconds}
    total: dict[Key, float] = {}
    before: dict[Key, Key | None] = {}
    try:
        order = tuple(TopologicalSorter(known).static_order())
    except CycleError:
        return ()
    for key in order:
        last = before[key] = max(known[key], key=total.__getitem__, default=None)
        total[key] = seconds[key] + (total[last] if last is not None else 0.0)
    chain: list[Key] = []
    at = max(seconds, key=total.__getitem__, default=None)
    while at is not None:
        chain.append(at)
        at = before[at]
    return tuple(key for key in reversed(chain) if seconds[key] > 0)


def linked(vertexes: Known, image: str, places: Sequence[Place]) -> tuple[Link, ...]:
    """For each of an image's steps, given by their places: which of these it waited for, and whether it is critical.

    What stands between two steps and is none itself (a context, a base) counts in the path's time. Where images share
    a step, BuildKit tells of its inputs under either's digests: a digest that is not of this image leads on as well.
    """
    steps: dict[Node, Vertex] = {
        _same(v.place): v for v in merged(v for (_, whose), v in vertexes.items() if whose == image)
    }
    aliases = {digest: _same(v.place) for (digest, whose), v in vertexes.items() if whose == image and v.place.is_step}
    others: dict[Node, Vertex] = {digest: v for (digest, _), v in vertexes.items() if digest not in aliases}
    nodes = {**steps, **others}
    inputs: Inputs = {key: [aliases.get(one, one) for one in sorted(v.inputs)] for key, v in nodes.items()}
    behind = _behind(steps, inputs)
    longest = path({key: v.seconds for key, v in nodes.items() if key in behind}, inputs)
    at = {_same(place): i for i, place in enumerate(places)}
    return tuple((tuple(sorted(at[one] for one in _steps(here, inputs) if one in at)), here in longest) for here in at)


def _same(place: Place) -> Place:
    """Where a step stands, in the words of its stage: one step may be told under several texts."""
    return Place(place.image, "", place.platform, place.stage, place.index)


def _behind(ends: Iterable[Node], inputs: Inputs) -> set[Node]:
    """Everything that the ends rest on, themselves too: what other images do is none of it."""
    found, left = set[Node](), list[Node](ends)
    while left:
        if (key := left.pop()) not in found:
            found.add(key)
            left += inputs.get(key, ())
    return found


def _steps(place: Place, inputs: Inputs) -> set[Place]:
    """The steps among the inputs of a step, and those behind an input that is none."""
    found, seen, left = set[Place](), set[Node](), list(inputs.get(place, ()))
    while left:
        if (key := left.pop()) in seen or key == place:
            continue
        seen.add(key)
        if isinstance(key, Place):
            found.add(key)
        else:
            left += inputs.get(key, ())
    return found
