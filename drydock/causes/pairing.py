"""Steps of two builds in pairs: the same step before and after, however far the lines around it moved. Pure."""

from collections.abc import Mapping, Sequence

from drydock.causes.grounds import Ground, Kind


def pairs(before: Sequence[Ground], after: Sequence[Ground]) -> dict[int, int]:
    """For each step of `after` that `before` has, at what position: stage by stage, the same line or the one edited."""
    from difflib import SequenceMatcher  # only where a step ran

    then, now = _staged(before), _staged(after)
    found: dict[int, int] = {}
    for mine, theirs in _stages(list(now), list(then)).items():
        old, new = then[theirs], now[mine]
        matcher = SequenceMatcher(None, [_line(before[at]) for at in old], [_line(after[at]) for at in new], False)
        for what, old_from, old_to, new_from, new_to in matcher.get_opcodes():
            if what in ("equal", "replace"):
                found.update(_aligned(before, after, old[old_from:old_to], new[new_from:new_to]))
    return found


def _aligned(before: Sequence[Ground], after: Sequence[Ground], old: list[int], new: list[int]) -> dict[int, int]:
    """Pairs of two runs of steps that stand in one place: those with one keyword first, then what is left, if alone."""
    found: dict[int, int] = {}
    left = list(old)
    for at in new:
        if (other := next((one for one in left if before[one].keyword == after[at].keyword), None)) is not None:
            found[at] = other
            left = left[left.index(other) + 1 :]
    if len(old) == len(new) == 1 and not found:
        found[new[0]] = old[0]
    return found


def _staged(steps: Sequence[Ground]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for at, one in enumerate(steps):
        found.setdefault(one.stage, []).append(at)
    return found


def _stages(now: Sequence[str], then: Sequence[str]) -> Mapping[str, str]:
    """Stages by name; of the others, which were renamed, by their order."""
    same = {name: name for name in now if name in then}
    fresh = [name for name in now if name not in same]
    return {**same, **dict(zip(fresh, [name for name in then if name not in same], strict=False))}


def _line(one: Ground) -> str:
    """What tells a step from another: its instruction as written, or for a FROM only that it is one."""
    return next((fact.hash for fact in one.facts if fact.kind is Kind.LINE), one.keyword)
