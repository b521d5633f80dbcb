"""What the last audit found, with what proofs said of it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from app.ledger import reports
from app.ledger.documents import Fix, Kept, Proof, Refused
from app.ledger.reading import Ledger
from app.ledger.reports import Report

Key = tuple[str, str, str]  # code, path and message stay the same when lines above move


@dataclass(frozen=True)
class Verdict:
    """What the newest proof that had to do with a finding said of its fix; `proof` is that proof's name."""

    verdict: Literal["kept", "taken-back", "not-tried"]
    reason: str
    proof: str


@dataclass(frozen=True)
class Finding:
    """What is wrong at a line and column of a file, in which images, and what can be done."""

    code: str
    severity: str
    path: str
    line: int
    column: int
    message: str
    images: tuple[str, ...]
    fix: Fix | None
    declined: str | None
    proof: Verdict | None


@dataclass(frozen=True)
class Findings:
    """Those of the last audit; `made` is None where there was none."""

    made: str | None
    commit: str | None
    dirty: bool
    fails_from: str | None
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Count:
    """Findings by severity."""

    error: int
    warning: int
    note: int


def listed(ledger: Ledger, *, severity: str | None, path: str | None, image: str | None) -> Findings:
    """The findings of one severity, file and image, or of all."""
    audit = reports.audit(ledger)
    if audit is None:
        return Findings(None, None, False, None, ())
    verdicts = _verdicts(reports.proofs(ledger))
    fitting = tuple(
        Finding(**vars(one), proof=verdicts.get((one.code, one.path, one.message)))
        for one in audit.body.findings
        if severity in (None, one.severity) and path in (None, one.path) and (image is None or image in one.images)
    )
    return Findings(audit.made, audit.body.commit, audit.body.dirty, audit.body.fails_from, fitting)


def counts(ledger: Ledger, names: Iterable[str]) -> dict[str, Count]:
    """How many findings each image has; nothing at all where nobody audited."""
    audit = reports.audit(ledger)
    if audit is None:
        return {}
    found = Counter((name, one.severity) for one in audit.body.findings for name in one.images)
    return {name: Count(found[name, "error"], found[name, "warning"], found[name, "note"]) for name in names}


def _verdicts(proofs: Iterable[Report[Proof]]) -> dict[Key, Verdict]:
    """By finding what the newest proof said."""
    found: dict[Key, Verdict] = {}
    for proof in proofs:
        for one, verdict in _told(proof):
            found.setdefault((one.code, one.path, one.message), verdict)
    return found


def _told(proof: Report[Proof]) -> Iterator[tuple[Kept | Refused, Verdict]]:
    for kept in proof.body.kept:
        yield kept, Verdict("kept", "", proof.name)
    for one in proof.body.taken_back:
        yield one, Verdict("taken-back", one.reason, proof.name)
    for one in proof.body.not_tried:
        yield one, Verdict("not-tried", one.reason, proof.name)
