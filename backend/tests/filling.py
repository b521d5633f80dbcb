"""What ledgers of the tests hold: rows of every table, reports of every kind, and what older versions had not."""

import json
import sqlite3
from typing import Any

BASE = {"name": "python:3.12-slim", "reference": "python:3.12-slim", "origin": "pulled", "digest": "sha256:ba5e"}
COMMIT = "0123456789abcdef0123456789abcdef01234567"
BUILD: dict[str, object] = {
    "started": "2026-01-02T03:04:05Z",
    "image": "backend",
    "tag": "drydock/backend:local",
    "commit_id": COMMIT,
    "dirty": 0,
    "platform": "linux/amd64",
    "scenario": "build",
    "engine": "26.1.5",
    "store": "overlay2",
    "bases": json.dumps([BASE]),
    "standin": 0,
    "outcome": "done",
    "seconds": 1.25,
    "steps": 9,
    "cached": 7,
    "context_bytes": 4096,
    "pull_bytes": 50_000_000,
    "disk_bytes": 130_000_000,
    "layers": 6,
    "digest": "sha256:c0ffee",
}
FAILED = {"outcome": "failed", "pull_bytes": None, "disk_bytes": None, "layers": None, "digest": None}
WHY = {
    **{"image": "backend", "stage": "app", "line": 75, "instruction": "COPY app /srv/app", "reads": None},
    **{"against": 1, "after": 0, "agrees": True, "notes": ["the base may have changed"]},
    "words": "backend: line 75, COPY app /srv/app, ran again: app/v1.py changed",
}
FINDING: dict[str, Any] = {
    **{"code": "link-missing", "severity": "note", "path": "backend/Dockerfile", "line": 73, "column": 1},
    **{"message": "COPY without --link", "images": ["backend"], "declined": None},
    "fix": {"safe": True, "diff": "--- a/backend/Dockerfile\n+++ b/backend/Dockerfile\n"},
}
PLACE = {"path": "backend/Dockerfile", "line": 75}
STEPS = [[{"stage": "app", "instruction": "COPY", "cached": cached} for cached in (True, False)]] * 3
VARIANT = {
    "scenarios": {"source edit": {"seconds": [0.3, 0.1, 0.2], "steps": STEPS}, "cold": {"seconds": [9.0]}},
    **{"disk_bytes": 130_000_000, "pull_bytes": 50_000_000, "own_bytes": 5_000_000, "edits": {}},
}
AUDIT = {
    **{"commit": COMMIT, "dirty": True, "fails_from": "warning"},
    "findings": [FINDING, {**FINDING, "code": "root-user", "severity": "error", "fix": None, "declined": "unknown"}],
}
SCENARIOS = {
    **{"schema": 1, "kind": "scenarios", "command": "inv bench", "machine": "2 cores", "commit": COMMIT},
    **{"dirty": False, "standin": True, "runs": 3, "images": {"backend": {"plan": VARIANT, "baseline": VARIANT}}},
}
PROOF = {
    **{"level": "unsafe", "commit": COMMIT, "dirty": False, "unestablished": ["nothing asked it anything"]},
    "kept": [{"code": "link-missing", **PLACE, "message": "COPY without --link"}],
    "taken_back": [{"code": "root-user", **PLACE, "message": "COPY without --link", "reason": "it does not start"}],
    "not_tried": [{"code": "full-base-image", **PLACE, "message": "full", "reason": "no registry answers"}],
    "images": {
        "backend": {
            "changes": [
                {"what": "unpacked", "before": "2 MB", "after": "1 MB", "better": True},
                {"what": "no-op", "before": "1 s", "after": "1 s", "better": None},
            ]
        }
    },
    "diff": "--- a/backend/Dockerfile\n",
}
BUDGETS = {
    "backend": [
        {"figure": "pull", "soft": 60_000_000, "hard": None, "against": ""},
        {"figure": "disk", "soft": 120_000_000, "hard": 140_000_000, "against": ""},
        {"figure": "own", "soft": 1, "hard": 2, "against": ""},
        {"figure": "growth", "soft": 1_000_000, "hard": None, "against": "main"},
        {"figure": "source-edit-steps", "soft": None, "hard": 1, "against": ""},
    ]
}
DOCTOR = {
    "code": 3,
    "checks": [{"check": "engine", "state": "fail", "seen": "none", "remedy": "inv doctor --fix", "can_fix": True}],
}
REPORTS: tuple[tuple[str, str, Any], ...] = (
    ("audit", "", AUDIT),
    ("doctor", "", DOCTOR),
    ("budgets", "", BUDGETS),
    ("main", "", {"branch": "main", "builds": {"backend": 1}}),
    ("scenarios", "before-after", SCENARIOS),
    ("proof", "latest", PROOF),
)

ORDERS = {"builds_of_commits": 4, "builds_by_time": 4, "builds_alike": 4}
TABLES = {"reports": 4, "image_layers": 3, "image_parts": 3, "images": 3, "grounds": 3, "bodies": 3, "manifests": 3}
COLUMNS = {"log": ("steps", 4), "export_seconds": ("builds", 2), "critical": ("steps", 2), "inputs": ("steps", 2)}


def insert(db: sqlite3.Connection, table: str, row: dict[str, object]) -> None:
    """Write one row."""
    marks = ", ".join("?" * len(row))
    db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))  # noqa: S608


def fill(db: sqlite3.Connection, number: int) -> None:
    """Write the build of this number with steps and a cause; the second fails, the others are taken apart."""
    failed, digest = number == 2, f"sha256:{number}"
    changes = FAILED if failed else {"digest": digest, "disk_bytes": 130_000_000 + 1000 * number}
    insert(db, "builds", {**BUILD, "id": number, "started": f"2026-01-02T03:04:{number:02}Z", **changes})
    for position in range(3):
        ends = failed and position == 2
        step = {"build_id": number, "position": position, "stage": "app", "instruction": f"COPY {position * number} /"}
        timed = {
            "line": 70 + position,
            "started": 0.5 * position,
            "seconds": 0.5,
            "cached": 0,
            "critical": position != 1,
        }
        told = {"bytes": 1000, "error": "exit code 1" if ends else None, "log": "no space" if ends else None}
        insert(db, "steps", {**step, **timed, **told, "inputs": json.dumps(list(range(position)))})
    insert(db, "grounds", {"build_id": number, "why": json.dumps(WHY)})
    if failed:
        return
    insert(db, "images", {"digest": digest, "wasted_bytes": 1000})
    for position in range(3):
        layer = {"diff_id": f"sha256:{position}", "instruction": f"COPY {position}", "stage": "app", "line": None}
        sizes = {"disk_bytes": 1000 * number, "pull_bytes": 500, "base": position == 0}
        insert(db, "image_layers", {"digest": digest, "position": position, **layer, **sizes})
    for position, (kind, name) in enumerate((("pip", "flask"), ("apt", "libc6"), ("rest", "other files"))):
        version, size = f"{number}.0" if kind == "pip" else "", 100 * number if kind == "pip" else 100
        part = {"kind": kind, "name": name, "version": version, "disk_bytes": size, "base": kind == "apt"}
        insert(db, "image_parts", {"digest": digest, "position": position, **part})


def report(db: sqlite3.Connection, kind: str, name: str, body: Any, made: str = "2026-01-02T04:00:00Z") -> None:
    """Write a report, in place of what is there; a text goes in as it is."""
    text = body if isinstance(body, str) else json.dumps(body)
    db.execute("REPLACE INTO reports VALUES (?, ?, ?, ?)", (kind, name, made, text))


def age(db: sqlite3.Connection, version: int) -> None:
    """Make a ledger what it was in an older version: without what came later."""
    for name in (name for name, since in ORDERS.items() if version < since):
        db.execute(f"DROP INDEX {name}")
    for name in (name for name, since in TABLES.items() if version < since):
        db.execute(f"DROP TABLE {name}")
    for name, table in ((name, table) for name, (table, since) in COLUMNS.items() if version < since):
        db.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
    db.execute(f"PRAGMA user_version = {version}")
