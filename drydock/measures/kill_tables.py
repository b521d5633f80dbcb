"""A capture of kind "kills" as rows of text and sentences: what was killed when, and what was lost or left. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

Document = Mapping[str, Any]
Row = tuple[str, ...]
HEADER = ("command", "killed", "kills", "had begun something", "lost or half written", "left after the next run")
VICTIMS = {
    "drydock": "Drydock itself",
    "client": "docker, buildx, compose or git",
    "all": "Drydock and those",
    "engine": "dockerd and containerd",
}


def rows(document: Document) -> tuple[Row, list[Row]]:
    """Header and a row for each command and victim, then one for all."""
    kills = document["kills"]
    pairs = dict.fromkeys((one["command"], one["victim"]) for one in kills)
    each = [
        _row(name, VICTIMS[victim], [one for one in kills if (one["command"], one["victim"]) == (name, victim)])
        for name, victim in pairs
    ]
    return HEADER, [*each, _row("all", "", kills)]


def odd(document: Document) -> Iterator[str]:
    """What was lost or left, as sentences; the seed and the place give the kill again."""
    for one in document["kills"]:
        where = f"{one['command']}, {one['victim']} killed at {one['at']:.3f}"
        yield from (f"{where}: lost or half written: {what}" for what in one["lost"])
        yield from (f"{where}: left after the next run: {what}" for what in one["left"])


def told(document: Document) -> str:
    """How the moments lie, how to have them again, and which commands were killed less often than was asked for."""
    at = sorted(one["at"] for one in document["kills"])
    spread = f"from {at[0]:.0%} to {at[-1]:.0%} of a run, half of them before {median(at):.0%}"
    counts = Counter(one["command"] for one in document["kills"])
    less = ", ".join(f"{name} ({many})" for name, many in counts.items() if many < document["count"])
    short = f" Broken off before {document['count']}: {less}." if less else ""
    return f"{len(at)} moments {spread}; seed {document['seed']}.{short}"


def _row(name: str, victim: str, kills: Sequence[Mapping[str, Any]]) -> Row:
    counts = (len(kills), *(sum(bool(one[what]) for one in kills) for what in ("begun", "lost", "left")))
    return (name, victim, *map(str, counts))
