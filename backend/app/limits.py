"""The figures of an image beside the limits that its budget sets. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.ledger.documents import Budget

State = Literal["ok", "warn", "fail", "unknown"]


@dataclass(frozen=True)
class Limit:
    """A limit and the figure now, in bytes or as a number of steps; None where it is not known."""

    figure: str
    soft: float | None
    hard: float | None
    against: str
    now: float | None
    state: State


def judged(budget: Budget, figures: Mapping[str, float | None]) -> Limit:
    """A limit held against the figures of an image, which are by name."""
    now = figures.get(budget.figure)
    return Limit(budget.figure, budget.soft, budget.hard, budget.against, now, _state(budget, now))


def _state(budget: Budget, now: float | None) -> State:
    if now is None:
        return "unknown"
    if budget.hard is not None and now > budget.hard:
        return "fail"
    return "warn" if budget.soft is not None and now > budget.soft else "ok"
