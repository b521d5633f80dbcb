"""Limits lowered to what images weigh now, and the text of pyproject.toml with these in it. Pure."""

import tomllib
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from drydock.errors import Misuse
from drydock.measures.budgets import GRADES, SPOKEN, Figure, Judgement, Limit
from drydock.values import dataclass

SOFT_MARGIN = 1  # per cent above the figure of now
HARD_MARGIN = 2
DIGITS = 3  # of a size, rounded up
UNITS = {"GB": 10**9, "MB": 10**6, "kB": 10**3}
KEPT = (Figure.GROWTH,)  # it begins anew with each merge: the growth of today is no measure for it


@dataclass(frozen=True)
class Lowered:
    """A limit of an image before and after, in bytes or steps; `grade` is soft or hard."""

    image: str
    limit: Limit
    grade: str
    before: int
    after: int


def lowered(judged: Judgement) -> tuple[Lowered, ...]:
    """The limits that lie further above the figure than the margin, with the value each gets; none is ever raised."""
    limit, now = judged.limit, judged.now
    if now is None or limit.figure in KEPT:
        return ()
    found = []
    for grade, margin in zip(GRADES, (SOFT_MARGIN, HARD_MARGIN), strict=True):
        before = getattr(limit, grade)
        after = ceil(now) if limit.figure is Figure.STEPS else _above(now, margin)
        if before is not None and after < before:
            found.append(Lowered(judged.image, limit, grade, before, after))
    return tuple(found)


def rewritten(text: str, changes: Sequence[Lowered]) -> str:
    """The text of a pyproject.toml with these limits in it, all else as it was to the byte.

    Misuse where that cannot be had, in a file laid out as nobody thought of.
    """
    import tomlkit

    document: Any = tomlkit.parse(text)
    wanted = tomllib.loads(text)
    for one in changes:
        for tree in (document, wanted):
            _set(tree, one)
    new: str = document.as_string()
    then, now = text.splitlines(keepends=True), new.splitlines(keepends=True)
    differing = sum(old != line for old, line in zip(then, now, strict=False))
    if len(then) != len(now) or differing > len(changes) or tomllib.loads(new) != wanted:
        raise Misuse("the budgets cannot be lowered without a change elsewhere", remedy="edit pyproject.toml by hand")
    return new


def spoken(one: Lowered, *, dry: bool = False) -> str:
    """A limit that was lowered, or would be, both values as exactly as they are written."""
    then, now = (
        one.limit.spell(value) if one.limit.figure is Figure.STEPS else spelled(value, "")
        for value in (one.before, one.after)
    )
    word = "would be lowered" if dry else "lowered"
    return f"{one.image}, {SPOKEN[one.limit.figure]}: {one.grade} limit {word} from {then} to {now}"


def spelled(size: int, like: Any) -> int | str:
    """A size in the form of another: a number, or text with the unit that fits."""
    if not isinstance(like, str):
        return size
    for unit, factor in UNITS.items():
        if size >= factor:
            return f"{size / factor:.10g} {unit}"
    return f"{size} B"


def _above(now: float, margin: int) -> int:
    size = ceil(now * (100 + margin) / 100)
    step: int = 10 ** max(0, len(str(size)) - DIGITS)
    return -(-size // step) * step


def _set(tree: Any, one: Lowered) -> None:
    budget = tree["tool"]["drydock"]["images"][one.image]["budget"]
    place, key = budget, one.limit.figure.value
    if isinstance(budget[key], Mapping):
        place, key = budget[key], one.grade
    place[key] = spelled(one.after, place[key])
