"""Captures that are in the repository, as reports in its ledger, so that the dashboard shows what was measured once."""

from drydock.causes import veil
from drydock.config import Config
from drydock.errors import Problem
from drydock.events import Note, Tell
from drydock.measures import evidence, reports
from drydock.measures.reports import Kind

KINDS = frozenset({Kind.SCENARIOS.value, Kind.PROOF.value})


def record(config: Config, tell: Tell) -> None:
    """Write the captures of scenarios and proofs that the ledger lacks or has older; what hinders it is one warning."""
    if not config.state.is_dir():
        return
    try:
        known = reports.dates(config)
        for path in sorted(evidence.folder(config.root).glob("*.json")):
            document = evidence.load(config.root, path.stem)
            kind, made = document["kind"], str(document.get("date", ""))
            if kind in KINDS and made > known.get((kind, path.stem), ""):
                body = {"diff": ""} if kind == Kind.PROOF else {}
                body = veil.through({**body, **document}, veil.without_logins)
                reports.put(config, Kind(kind), body, name=path.stem, made=made)
    except Problem as problem:
        tell(Note(f"captures are not taken into the ledger: {problem.message}; {problem.remedy}", warning=True))
