"""What is different between steps now and then: their facts in pairs, and the cause that a pair is. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from drydock.causes import cause, manifest
from drydock.causes.cause import Cause
from drydock.causes.grounds import Fact, Ground, Grounds, Kind
from drydock.causes.manifest import Change, Difference, Manifest
from drydock.measures.inputs import shown

Files = Callable[[Grounds, str], Manifest | None]  # the files of a context that grounds name, None where dropped
Pair = tuple[Fact | None, Fact | None]
ORDER = tuple(Kind)  # a line says more than a value, and a value more than a file
KINDS: Mapping[Kind, cause.Kind] = {
    Kind.LINE: cause.Kind.LINE,
    Kind.HEREDOC: cause.Kind.LINE,
    Kind.ORDER: cause.Kind.LINE,
    Kind.ARGUMENT: cause.Kind.ARGUMENT,
    Kind.ENVIRONMENT: cause.Kind.ENVIRONMENT,
    Kind.SETTING: cause.Kind.SETTING,
    Kind.BASE: cause.Kind.BASE,
    Kind.IMAGE: cause.Kind.IMAGE,
    Kind.FILES: cause.Kind.FILE,
    Kind.DOCKERFILE: cause.Kind.DOCKERFILE,
}


def first(
    now: Grounds, then: Grounds, positions: Iterable[int], pairs: Mapping[int, int], files: Files
) -> tuple[Cause, int] | None:
    """The first of these steps of `now` that is different, as a cause, and its position; `pairs` are those of both."""
    for at in positions:
        other = pairs.get(at)
        if other is None:
            return new(now.steps[at], then.steps), at
        if facts := sorted(different(then.steps[other], now.steps[at]), key=rank):
            return said(facts[0], at, other, now, then, files), at
    return None


def new(step: Ground, before: Sequence[Ground]) -> Cause:
    """The cause that a step is one that the earlier build had not, or had elsewhere."""
    mine = [fact.hash for fact in step.facts if fact.kind is Kind.LINE]
    there = {fact.hash for one in before for fact in one.facts if fact.kind is Kind.LINE}
    change = "moved" if mine and mine[0] in there else Change.ADDED.value
    return Cause(cause.Kind.LINE, change=change, after=step.text, line=step.line)


def different(before: Ground, after: Ground) -> Iterator[Pair]:
    """The facts that differ, before and after; what only one of them has is paired with nothing."""
    then = {_about(fact): fact for fact in before.facts}
    now = {_about(fact): fact for fact in after.facts}
    for about in {**now, **then}:
        old, new = then.get(about), now.get(about)
        if old is None or new is None or old.hash != new.hash:
            yield old, new


def _about(fact: Fact) -> tuple[Kind, str]:
    return fact.kind, "" if fact.kind is Kind.LINE else fact.name


def rank(pair: Pair) -> tuple[bool, int, bool]:
    """By kind, what is there before what is gone; last an order that only differs since something came or went.

    An argument of FROM that is new or gone says less than the base itself.
    """
    fact = pair[1] or pair[0]
    if fact is None:
        raise ValueError("a pair of nothing")
    return fact.kind is Kind.ARGUMENT and None in pair and fact.chooses, ORDER.index(fact.kind), pair[1] is None


def said(pair: Pair, at: int, other: int, now: Grounds, then: Grounds, files: Files) -> Cause:
    """The cause that a pair of facts is; `at` and `other` are the positions of their steps now and then."""
    old, new = pair
    fact = new or old
    if fact is None:
        raise ValueError("a pair of nothing")
    change = Change.ADDED.value if old is None else Change.REMOVED.value if new is None else "changed"
    before, after = old.shown if old else None, new.shown if new else None
    found = Cause(KINDS[fact.kind], fact.name, change, before, after, new.line if new else None)
    if fact.kind is Kind.FILES:
        return _files(fact.name, at, other, now, then, files)
    if fact.kind is Kind.LINE:
        return replace(found, name="")
    return replace(found, change="order") if fact.kind is Kind.ORDER else found


def _files(name: str, at: int, other: int, now: Grounds, then: Grounds, files: Files) -> Cause:
    mine, theirs = files(now, name), files(then, name)
    if mine is None or theirs is None:
        return Cause(cause.Kind.FILE, "a file", "changed")
    before, after = manifest.part(then.steps[other].reads, name, theirs), manifest.part(now.steps[at].reads, name, mine)
    found = manifest.differences(before, after)
    if not found:
        return Cause(cause.Kind.UNKNOWN)
    first, ignored = found[0], dict(now.ignored).get(name, "")
    is_other = ignored != dict(then.ignored).get(name, "")
    beside = (ignored or dict(then.ignored).get(name, "")).split(" ")[0] if is_other else ""
    return Cause(
        cause.Kind.FILE,
        name=f"{name}/{shown(first.path)}" if name else shown(first.path),
        change=first.change.value,
        before=_old(first, before),
        after=_aspect(first, after),
        more=len(found) - 1,
        beside=beside if first.change in (Change.ADDED, Change.REMOVED) else "",
    )


def _old(one: Difference, files: Manifest) -> str | None:
    return shown(one.was) if one.change is Change.RENAMED else _aspect(one, files)


def _aspect(one: Difference, files: Manifest) -> str | None:
    if one.change is Change.MODE:
        return f"{files[one.path].mode:o}"
    return files[one.path].kind if one.change is Change.KIND else None
