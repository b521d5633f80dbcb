"""A capture of kind "safe-fixes" as rows of text and sentences. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Document = Mapping[str, Any]
Row = tuple[str, ...]
HEADER = (
    *("repository", "defects", "with safe fixes", "in a build", "build before", "build after"),
    *(
        "same configuration",
        "same files",
        "services that run before",
        "run alike",
        "installs without a mount",
        "given one",
    ),
)
WORSE = ("broken", "configuration", "files", "behaviour")  # what may be worse of a result


def rows(document: Document) -> tuple[Row, list[Row]]:
    """Header and a row for each repository, then one for all."""
    own = document["repositories"]
    results = {name: [one for one in document["results"] if one["defect"].startswith(f"{name}/")] for name in own}
    found = [_row(name, [one], results[name]) for name, one in own.items()]
    return HEADER, [*found, _row("all", list(own.values()), document["results"])]


def broken(document: Document) -> list[Mapping[str, Any]]:
    """The results of which something is worse after the fixes."""
    return [one for one in document["results"] if any(one[what] for what in WORSE)]


def odd(document: Document) -> Iterator[str]:
    """What does not hold, what does not build before any fix, and installs that get no mount, as sentences."""
    for one in broken(document):
        for what in WORSE:
            yield from (f"{one['defect']}: {words}" for words in one[what])
    for one in document["results"]:
        if one["trouble"]:
            yield f"{one['defect']} does not build before any fix: {one['trouble'][0]}"
    for repository in document["repositories"].values():
        for install in repository["bare"]:
            if not install["given"]:
                yield f"{install['defect']}: {install['manager']} gets no mount: {install['reason']}"


def _row(name: str, own: Sequence[Mapping[str, Any]], results: Sequence[Mapping[str, Any]]) -> Row:
    built = [one for one in results if not one["trouble"]]
    after = [one for one in built if not one["broken"]]
    bare = [install for one in own for install in one["bare"]]
    started = [one for one in after if one["started"]]
    counts = (
        *(sum(one["defects"] for one in own), sum(one["fixed"] for one in own), len(results), len(built), len(after)),
        *(sum(not one["configuration"] for one in after), sum(not one["files"] for one in after)),
        *(sum(one["started"] for one in after), sum(one["started"] for one in started if not one["behaviour"])),
        *(len(bare), sum(install["given"] for install in bare)),
    )
    return (name, *map(str, counts))
