"""What was written to while a build went on: nobody knows whether it read such a file before or after."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from drydock.causes import hashes, manifest
from drydock.causes.gathering import Gathered
from drydock.causes.grounds import Kind
from drydock.measures import inputs
from drydock.measures.inputs import Tree

TICK = 20_000_000  # nanoseconds that a file system's clock may be behind
Moved = dict[tuple[Path, Path | None], list[str]]


def settle(found: Mapping[str, Gathered], began: int) -> dict[str, Gathered]:
    """The grounds as they are kept of a build that began then (nanoseconds since the epoch), and is over.

    Where something that it read was written since, a note says so, and no grounds are ever like these.
    """
    moved, settled, unsure = Moved(), dict[str, Gathered](), set[str]()
    for image, one in found.items():  # what others are built upon comes first
        upon = [fact.name for fact in one.grounds.whole if fact.kind is Kind.IMAGE and fact.hash in unsure]
        written = next(iter([*upon, *_written(one, began, moved)]), "")
        settled[image] = one
        if written:
            unsure.add(one.bodies()[0])
            notes = (*one.grounds.notes, f"{inputs.shown(written)} was written while it was built")
            settled[image] = replace(one, grounds=replace(one.grounds, notes=notes))
    return settled


def _written(found: Gathered, began: int, moved: Moved) -> Iterable[str]:
    for path in (found.dockerfile, *(ignore for _, _, ignore in found.walked if ignore)):
        if not path.is_file() or _is_late(path.stat().st_ctime_ns, began):
            yield path.name
    for name, tree, ignore in found.walked:
        if (tree.root, ignore) not in moved:
            moved[tree.root, ignore] = _moved(tree, ignore, began)
        reads = [path for step in found.grounds.steps for context, path in step.reads if context == name]
        yield from manifest.chosen(moved[tree.root, ignore], reads)


def _moved(tree: Tree, ignore: Path | None, began: int) -> list[str]:
    """The paths of a context that are not as they were before the build, files and folders."""
    late = [one.path for one in tree.entries if _is_late(one.stamp[0], began)]
    then = {one.path: one for one in tree.entries}
    now = {one.path: one for one in inputs.walk(tree.root, inputs.rules(ignore)).entries}
    return [*late, *(path for path in {**then, **now} if then.get(path) != now.get(path))]


def _is_late(changed: int, began: int) -> bool:
    """Whether something may have been written since; some file systems keep whole seconds or milliseconds only."""
    return changed > began - (hashes.RACY_NANOSECONDS if changed % 1_000_000 == 0 else TICK)
