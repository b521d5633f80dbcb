"""Reports that commands left in the ledger: the newest of each kind and name. A damaged one counts as missing."""

import json
import logging
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any, Generic, TypeVar

from app import shapes
from app.ledger.documents import Audit, Budget, Doctor, Main, Proof, Scenarios
from app.ledger.reading import Ledger

REMEMBERED = 8  # reports stay read until they change, and the list of a kind until the ledger does

T = TypeVar("T")
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Report(Generic[T]):
    """A report: its name, when it was made, and what it says."""

    name: str
    made: str
    body: T


def audit(ledger: Ledger) -> Report[Audit] | None:
    """What the last audit found."""
    return _newest(ledger, "audit", Audit)


def doctor(ledger: Ledger) -> Report[Doctor] | None:
    """The verdicts of the last look at the machine."""
    return _newest(ledger, "doctor", Doctor)


def budgets(ledger: Ledger) -> dict[str, tuple[Budget, ...]]:
    """The limits of each image."""
    found = _newest(ledger, "budgets", dict[str, tuple[Budget, ...]])
    return found.body if found else {}


def main(ledger: Ledger) -> Main | None:
    """The builds that a change is compared with."""
    found = _newest(ledger, "main", Main)
    return found.body if found else None


def scenarios(ledger: Ledger) -> tuple[Report[Scenarios], ...]:
    """Each saved run of scenarios, the newest first."""
    return _all(ledger, "scenarios", Scenarios)


def proofs(ledger: Ledger) -> tuple[Report[Proof], ...]:
    """Each proof, the newest first."""
    return _all(ledger, "proof", Proof)


def _newest(ledger: Ledger, kind: str, shape: Any) -> Report[Any] | None:
    return next(iter(_all(ledger, kind, shape)), None)


@lru_cache(maxsize=REMEMBERED)
def _read(shape: Any, body: str) -> Any:
    return shapes.read(shape, json.loads(body))


@lru_cache(maxsize=REMEMBERED)
def _all(ledger: Ledger, kind: str, shape: Any) -> tuple[Report[Any], ...]:
    if not ledger.has("reports"):
        return ()
    sql = "SELECT name, made, body FROM reports WHERE kind = ?"  # bodies are too large to be sorted there
    found = list[Report[Any]]()
    for row in ledger.rows(sql, kind):
        try:
            name, made, body = (shapes.read(str, row[key]) for key in ("name", "made", "body"))
            found.append(Report(name, made, _read(shape, body)))
        except (ValueError, RecursionError) as error:  # no JSON, or another shape
            log.warning("the report %s %r is damaged: %s", kind, row["name"], error)
    return tuple(sorted(found, key=attrgetter("made"), reverse=True))
