"""What proofs kept and took back, and what was gained."""

from dataclasses import dataclass

from app.ledger import reports
from app.ledger.documents import Kept, Refused
from app.ledger.documents import Proof as Told
from app.ledger.reading import Ledger
from app.ledger.reports import Report


@dataclass(frozen=True)
class Gain:
    """A figure of an image before and after, in words."""

    image: str
    what: str
    before: str
    after: str
    better: bool


@dataclass(frozen=True)
class Proof:
    """What came of one proof; `unestablished` is what it could not see."""

    name: str
    made: str
    level: str
    commit: str | None
    dirty: bool
    kept: tuple[Kept, ...]
    taken_back: tuple[Refused, ...]
    not_tried: tuple[Refused, ...]
    gains: tuple[Gain, ...]
    unestablished: tuple[str, ...]
    diff: str


def listed(ledger: Ledger) -> tuple[Proof, ...]:
    """Each proof, the newest first."""
    return tuple(_proof(report) for report in reports.proofs(ledger))


def _proof(report: Report[Told]) -> Proof:
    told = dict(vars(report.body))
    gains = tuple(
        Gain(name, one.what, one.before, one.after, one.better)
        for name, image in told.pop("images").items()
        for one in image.changes
        if one.better is not None
    )
    return Proof(name=report.name, made=report.made, gains=gains, **told)
