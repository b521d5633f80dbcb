"""Budgets: the limits that `[tool.drydock.images.NAME.budget]` sets an image, and its figures judged by them. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import Any

from drydock.errors import Misuse
from drydock.text import human_bytes, read_bytes, table
from drydock.values import dataclass

GRADES = ("soft", "hard")
HEADER = ("state", "image", "what", "now", "soft", "hard", "slack")
AGAINST = "main"  # what growth is measured against where the budget does not say


class Figure(StrEnum):
    """What can be limited, as it is written in a budget."""

    PULL = "pull"
    DISK = "disk"
    OWN = "own"
    STEPS = "source-edit-steps"
    GROWTH = "growth"


SPOKEN = {
    Figure.PULL: "to pull",
    Figure.DISK: "unpacked",
    Figure.OWN: "over its base",
    Figure.STEPS: "steps after a source edit",
    Figure.GROWTH: "growth unpacked",
}


class State(StrEnum):
    """How a figure stands to its limits; `UNKNOWN` where there is no figure."""

    OK = "ok"
    SOFT = "warn"
    HARD = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Limit:
    """What a figure must not exceed: bytes, or a number of steps; at least one of `soft` and `hard` is there.

    `against` is what growth is measured against: a branch, a capture, or the image before (last).
    """

    figure: Figure
    soft: int | None
    hard: int | None
    against: str = ""

    def spell(self, value: float) -> str:
        """A value of this figure as people read it."""
        return f"{value:g}" if self.figure is Figure.STEPS else human_bytes(value)


@dataclass(frozen=True)
class Judgement:
    """A figure of an image beside its limit. Where it is not known, `why` says so and `remedy` how to get it."""

    image: str
    limit: Limit
    now: float | None
    why: str = ""
    remedy: str = ""

    @property
    def state(self) -> State:
        """Whether it is within its limits."""
        if self.now is None:
            return State.UNKNOWN
        if self.limit.hard is not None and self.now > self.limit.hard:
            return State.HARD
        return State.SOFT if self.limit.soft is not None and self.now > self.limit.soft else State.OK

    @property
    def limited(self) -> int:
        """The limit that counts: the one that is exceeded, else the first that would be."""
        first, last = self.limit.soft, self.limit.hard
        found = last if first is None or (last is not None and self.state is State.HARD) else first
        return found or 0

    @property
    def slack(self) -> float | None:
        """How much is left up to that limit; negative by how much it is exceeded."""
        return None if self.now is None else self.limited - self.now

    def document(self) -> dict[str, Any]:
        """The judgement as plain data, in bytes or steps."""
        return {**asdict(self), "state": self.state, "slack": self.slack}


def of(settings: Mapping[str, Any], image: str) -> tuple[Limit, ...]:
    """The limits of an image, none where it has no budget; Misuse for one that cannot be read, with the forms that can.

    A size is an integer of bytes or text such as "45 MB"; a value alone is a hard limit.
    """
    where = "[tool.drydock]"
    held: Any = settings
    for name in ("images", image, "budget"):
        held = held.get(name, {})
        where = f"[{where[1:-1]}.{name}]"
        if not isinstance(held, Mapping):
            raise Misuse(f"{where[1:-1]} is no table", remedy=f"write it as {where}")
    return tuple(_limit(name, value, where) for name, value in held.items())


def named(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """The images that the settings give a budget."""
    images = settings.get("images", {})
    if not isinstance(images, Mapping):
        raise Misuse("tool.drydock.images is no table", remedy="write it as [tool.drydock.images.NAME]")
    return tuple(name for name in images if of(settings, name))


def line(text: str, image: str, figure: Figure) -> int:
    """The line of a pyproject.toml that sets a limit, else that of the image's budget; 0 where neither is found so."""
    found, inside = 0, False
    head = re.compile(rf"\[\s*tool\.drydock\.images\.[\"']?{re.escape(image)}[\"']?\.budget\s*]")
    for number, one in enumerate(text.splitlines(), start=1):
        if one.lstrip().startswith("["):
            inside = bool(head.match(one.strip()))
            found = number if inside else found
        elif inside and re.match(rf"\s*[\"']?{figure.value}[\"']?\s*=", one):
            return number
    return found


def show(judged: Sequence[Judgement]) -> str:
    """The table of `inv size --check`."""
    return table(HEADER, rows(judged), right=range(3, 7))


def rows(judged: Sequence[Judgement]) -> list[tuple[str, ...]]:
    """The rows of that table, under HEADER."""
    found = list[tuple[str, ...]]()
    for one in judged:
        spell = one.limit.spell
        soft, hard = ("" if value is None else spell(value) for value in (one.limit.soft, one.limit.hard))
        what = SPOKEN[one.limit.figure]
        if one.limit.against:
            what += f" since {one.limit.against}"
        now, slack = ("" if value is None else spell(value) for value in (one.now, one.slack))
        found.append((one.state.value, one.image, what, now, soft, hard, slack))
    return found


def _limit(name: str, value: Any, where: str) -> Limit:
    if name not in list(Figure):
        raise Misuse(f"{name} in {where} is no limit", remedy=f"one of: {', '.join(Figure)}")
    figure = Figure(name)
    words = value if isinstance(value, Mapping) else {"hard": value}
    known = (*GRADES, "against") if figure is Figure.GROWTH else GRADES
    if unknown := [word for word in words if word not in known]:
        raise Misuse(f"{unknown[0]} of {name} in {where} means nothing", remedy=f"one of: {', '.join(known)}")
    soft, hard = (_size(figure, grade, words[grade], where) if grade in words else None for grade in GRADES)
    if soft is None and hard is None:
        raise Misuse(f"{name} in {where} sets no limit", remedy=_forms(figure))
    if soft is not None and hard is not None and soft > hard:
        raise Misuse(f"the soft limit of {name} in {where} is above the hard one", remedy="lower soft, or raise hard")
    against = words.get("against", AGAINST) if figure is Figure.GROWTH else ""
    if not isinstance(against, str) or (figure is Figure.GROWTH and not against):
        raise Misuse(f"against of {name} in {where} is no name", remedy=_forms(figure))
    return Limit(figure, soft, hard, against)


def _size(figure: Figure, grade: str, value: Any, where: str) -> int:
    """A limit as a number; a whole number of either kind, or of bytes also text with a unit."""
    try:
        if isinstance(value, str) and figure is not Figure.STEPS:
            return read_bytes(value)
    except ValueError:
        pass
    else:
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
    wrong = f"{value!r} as the {grade} limit of {figure} in {where} is no "
    raise Misuse(wrong + ("number of steps" if figure is Figure.STEPS else "size"), remedy=_forms(figure))


def _forms(figure: Figure) -> str:
    match figure:
        case Figure.STEPS:
            return f"write it as {figure} = 2, or {figure} = {{soft = 2, hard = 3}}"
        case Figure.GROWTH:
            return f'write it as {figure} = "1 MB", or {figure} = {{against = "main", soft = "1 MB", hard = "2 MB"}}'
    return f'write it as {figure} = "45 MB", {figure} = 45000000, or {figure} = {{soft = "44 MB", hard = "45 MB"}}'
