"""What tasks found out beside builds, in the ledger: the newest report of each kind and name."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from drydock import command
from drydock.config import Config
from drydock.errors import Misuse, Problem
from drydock.events import Note, Tell
from drydock.measures.schema import REPORTS_SINCE
from drydock.measures.storage import damaged, reading, version, writing
from drydock.text import human_bytes
from drydock.values import dataclass

MOST_BYTES = 4_000_000  # of a body, as it is stored

LATEST = "latest"  # the name of a capture that was not saved

Body = Mapping[str, Any]


class Kind(StrEnum):
    """What a report is of; scenarios and proofs have names, of the others there is one."""

    AUDIT = "audit"
    DOCTOR = "doctor"
    BUDGETS = "budgets"
    MAIN = "main"
    SCENARIOS = "scenarios"
    PROOF = "proof"
    CACHES = "caches"


@dataclass(frozen=True)
class Report:
    """A report as it is kept; `made` is RFC 3339 in UTC."""

    kind: Kind
    name: str
    made: str
    body: Body


def put(config: Config, kind: Kind, body: Body, *, name: str = "", made: str = "") -> None:
    """Write a report in place of the one of its kind and name; `made` is now where it is not given.

    Raises Misuse for a body that is too large, and as every write to the ledger does.
    """
    text = _text(body)
    if len(text) > MOST_BYTES:
        raise Misuse(f"the report {kind} is too large to be kept: {human_bytes(len(text))}", remedy="it is only shown")
    made = made or datetime.now(UTC).isoformat(timespec="seconds")
    with writing(config.ledger) as base:
        base.execute(
            "INSERT OR REPLACE INTO reports (kind, name, made, body) VALUES (?, ?, ?, ?)", (kind, name, made, text)
        )


def fits(body: Body) -> bool:
    """Whether a body is small enough to be kept."""
    return len(_text(body)) <= MOST_BYTES


def get(config: Config, kind: Kind, name: str = "") -> Report | None:
    """The report of a kind and name, or None where there is none; Misuse for one that nobody wrote so."""
    with reading(config.ledger) as base:
        if base is None or version(base, config.ledger) < REPORTS_SINCE:
            return None
        row = base.execute("SELECT made, body FROM reports WHERE kind = ? AND name = ?", (kind, name)).fetchone()
    if row is None:
        return None
    try:
        body = json.loads(row[1])
    except (TypeError, ValueError) as error:
        raise damaged(config.ledger, error) from error
    if not isinstance(body, dict):
        raise damaged(config.ledger, f"the report {kind} {name} is no object".replace("  ", " "))
    return Report(kind, name, row[0], body)


def dates(config: Config) -> Mapping[tuple[str, str], str]:
    """When each report was made, by kind and name."""
    with reading(config.ledger) as base:
        if base is None or version(base, config.ledger) < REPORTS_SINCE:
            return {}
        return {(kind, name): made for kind, name, made in base.execute("SELECT kind, name, made FROM reports")}


def record(config: Config, kind: Kind, body: Body, tell: Tell, *, name: str = "", made: str = "") -> None:
    """Put a report where the repository has a folder of records; what hinders that is one warning and no failure."""
    if not config.state.is_dir() or command.is_dry():
        return
    try:
        put(config, kind, body, name=name, made=made)
    except Problem as problem:
        told = f"the report {kind} is not recorded: {problem.message}; {problem.remedy}"
        tell(Note(told, warning=True))


def _text(body: Body) -> str:
    """As it is stored: ASCII, so that even a path that is no text can be kept."""
    return json.dumps(body, separators=(",", ":"))
