"""Find why a step ran: what was recorded of it held against earlier builds, and against what BuildKit did. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from drydock.causes import cause, difference, pairing
from drydock.causes.cause import Cause, Why
from drydock.causes.difference import Files
from drydock.causes.grounds import Ground, Grounds, Kind, keys, under
from drydock.causes.manifest import Change
from drydock.measures.build import Step
from drydock.values import dataclass

CLOSEST = 5  # earlier builds of which the files are compared, where several are as close by all else


@dataclass(frozen=True)
class Past:
    """An earlier build: its id, its grounds, and the keys of the steps it came through."""

    id: int
    grounds: Grounds
    keys: Sequence[str]
    held: frozenset[str]


@dataclass(frozen=True)
class Present:
    """The build to explain: its grounds, the positions of the steps that ran, and of those BuildKit told of at all.

    `strays` are steps that ran and stand in no Dockerfile: what a base triggers; `is_triggered` says whether the first
    of all that ran is one. `missed` are imported caches that were not there.
    """

    image: str
    grounds: Grounds
    ran: frozenset[int]
    told: frozenset[int]
    strays: tuple[Step, ...] = ()
    missed: tuple[str, ...] = ()
    is_triggered: bool = False


def past(number: int, grounds: Grounds, came_through: Callable[[Ground], bool]) -> Past:
    """An earlier build, of which `came_through` says which steps were built."""
    found = keys(grounds)
    held = frozenset(key for key, one in zip(found, grounds.steps, strict=True) if came_through(one))
    return Past(number, grounds, found, held)


def present(image: str, grounds: Grounds, steps: Sequence[Step], *, missed: tuple[str, ...] = ()) -> Present:
    """The build to explain, from the steps as BuildKit ran them."""
    at: dict[tuple[str, int | None], int] = {
        (one.stage, one.line): i for i, one in enumerate(grounds.steps) if one.line and one.keyword != "FROM"
    }
    waiting = {
        name: [i for i, one in enumerate(grounds.steps) if one.stage == name and not one.line]
        for name in {one.stage for one in grounds.steps}
    }
    ran, told, strays, is_triggered = set[int](), set[int](), list[Step](), False
    for step in sorted(steps, key=lambda one: one.started):
        here = at.get((step.stage, step.line))
        if step.line is None and waiting.get(step.stage):
            here = waiting[step.stage].pop(0)
        if here is None:
            is_triggered = is_triggered or not (step.cached or ran)
            strays += [] if step.cached else [step]
            continue
        told.add(here)
        if not step.cached:
            ran.add(here)
    return Present(image, grounds, frozenset(ran), frozenset(told), tuple(strays), missed, is_triggered)


def find(now: Present, before: Sequence[Past], files: Files) -> Why:
    """Why the first step ran that an earlier build had; `before` is newest first, and made with the same key."""
    notes = now.grounds.notes
    alike = [one for one in before if one.grounds.key == now.grounds.key]
    if not alike:
        told = (
            ("the key of this repository is a new one: what was recorded before cannot be compared",) if before else ()
        )
        return Why(now.image, notes=(*told, *notes))
    had, mine = frozenset().union(*(one.held for one in alike)), keys(now.grounds)
    notes = (*_unforeseen(now, mine, had), *notes)
    now = replace(now, ran=frozenset(at for at in now.ran if not (mine[at] in had and _is_redone(now.grounds, at))))
    if not now.ran and not now.strays:
        return Why(now.image, against=alike[0].id, notes=notes)
    if now.is_triggered:
        return _triggered(now, alike[0], notes)
    first = min(now.ran)
    step = now.grounds.steps[first]
    why = Why(now.image, step.stage, step.line, step.text, after=len(now.ran) + len(now.strays) - 1, notes=notes)
    if mine[first] in had:
        one = next(one for one in alike if mine[first] in one.held)
        return replace(why, against=one.id, agrees=False, cause=_emptied(now, one, first))
    if failed := next((one for one in alike if mine[first] in one.keys), None):
        return replace(
            why, against=failed.id, cause=Cause(cause.Kind.UNKNOWN, f"build {failed.id} did not come through it")
        )
    found, where, against = _compared(now, first, mine, alike, files)
    reads = now.grounds.steps[where].line if where is not None and where != first else None
    unexplained = found.kind in (cause.Kind.UNKNOWN, cause.Kind.REMOTE)
    return replace(why, cause=found, reads=reads, against=against.id, agrees=not unexplained)


def _is_redone(grounds: Grounds, at: int) -> bool:
    """Whether BuildKit does the step anew in each build: it makes a folder on nothing at all."""
    steps = [grounds.steps[one] for one in (*under(grounds.steps, at), at)]
    return all(one.keyword == "WORKDIR" or one.text.lower() == "from scratch" for one in steps)


def _emptied(now: Present, one: Past, first: int) -> Cause:
    """Why a step ran of which nothing is different."""
    if now.missed:
        return Cause(cause.Kind.IMPORT, now.missed[0])
    if now.grounds.engine != one.grounds.engine:
        return Cause(cause.Kind.ENGINE)
    steps = now.grounds.steps
    step, resting = steps[first], [fact for at in (*under(steps, first), first) for fact in steps[at].facts]
    if outside := [fact for fact in resting if fact.kind is Kind.IMAGE]:
        return Cause(cause.Kind.IMAGE, outside[0].name, "unknown")
    if step.keyword == "ADD" and ("://" in step.text or "git@" in step.text):
        return Cause(cause.Kind.REMOTE)
    return Cause(cause.Kind.CACHE)


def _triggered(now: Present, against: Past, notes: tuple[str, ...]) -> Why:
    stray = now.strays[0]
    words = "what a base triggers (ONBUILD) is not recorded, nor what it reads"
    found = Cause(cause.Kind.UNKNOWN, words)
    ran = len(now.ran) + len(now.strays) - 1
    return Why(now.image, stray.stage, None, stray.instruction, found, None, against.id, ran, False, notes)


def _unforeseen(now: Present, mine: Sequence[str], had: frozenset[str]) -> Iterator[str]:
    """Steps that were expected to run and came from the cache: the engine knew more than is recorded, or saw less."""
    steps = now.grounds.steps
    fresh = [at for at in sorted(now.told - now.ran) if mine[at] not in had]
    if fresh:
        where = f"line {steps[fresh[0]].line}" if steps[fresh[0]].line else f"a trigger in {steps[fresh[0]].stage}"
        known = "another build had it, or the change does not reach it, or a file kept its size and time"
        alike = "what it takes from another stage came out the same, or another build had it"
        reason = alike if len(steps[fresh[0]].rests) > 1 else known
        yield f"{where} was expected to run and came from the cache: {reason}"


def _compared(
    now: Present, first: int, mine: Sequence[str], alike: Sequence[Past], files: Files
) -> tuple[Cause, int | None, Past]:
    """The cause, the position it was found at, and the earlier build that is closest."""
    resting = [*under(now.grounds.steps, first), first]

    def distance(one: Past) -> tuple[int, int]:
        known, own = set(one.keys), pairing.pairs(one.grounds.steps, now.grounds.steps).get(first)
        shared = sum(mine[at] in known for at in resting)
        facts = 99 if own is None else len(list(difference.different(one.grounds.steps[own], now.grounds.steps[first])))
        return -shared, facts

    distances = [distance(one) for one in alike]
    closest = [one for one, far in zip(alike, distances, strict=True) if far == min(distances)][:CLOSEST]
    found = [(*_cause(now.grounds, one.grounds, first, resting, files), one) for one in closest]
    return min(found, key=lambda item: item[0].more)


def _cause(now: Grounds, then: Grounds, first: int, resting: Sequence[int], files: Files) -> tuple[Cause, int | None]:
    """What is different of the step itself; else of what it rests on, in the order of the file."""
    pairs = pairing.pairs(then.steps, now.steps)
    if found := difference.first(now, then, (first, *resting[:-1]), pairs, files):
        return found
    if gone := [one for one in under(then.steps, pairs[first]) if one not in pairs.values()]:
        return Cause(cause.Kind.LINE, change=Change.REMOVED.value, before=then.steps[gone[0]].text), None
    return Cause(cause.Kind.UNKNOWN), None
