"""What commands left in the ledger, and what becomes of it where it is damaged."""

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from filling import AUDIT, FINDING, PROOF, SCENARIOS, report
from flask.testing import FlaskClient

from app import running

Write = Callable[..., None]
DAMAGED = [
    pytest.param("", id="nothing"),
    pytest.param("{", id="cut off"),
    pytest.param("[]", id="a list"),
    pytest.param("null", id="null"),
    pytest.param("[" * 100_000, id="deeper than can be read"),
    pytest.param('{"code": 1e999, "checks": NaN}', id="numbers that JSON has not"),
    pytest.param("{}", id="of another form"),
]
PAGES = {
    "audit": ("/api/v1/findings", {"made": None, "commit": None, "dirty": False, "fails_from": None, "findings": []}),
    "doctor": ("/api/v1/doctor", {"made": None, "code": None, "checks": []}),
    "proof": ("/api/v1/proofs", {"proofs": []}),
    "scenarios": ("/api/v1/scenarios", {"reports": []}),
}


@pytest.mark.parametrize("kind", PAGES)
@pytest.mark.parametrize("body", DAMAGED)
def test_a_damaged_report_counts_as_missing(client: FlaskClient, db: sqlite3.Connection, kind: str, body: str) -> None:
    report(db, kind, "", body)
    page, empty = PAGES[kind]
    answer = client.get(page)
    assert (answer.status_code, answer.json) == (200, empty)


@pytest.mark.parametrize("kind", ["audit", "budgets", "main", "scenarios", "proof"])
@pytest.mark.parametrize(
    "body", [*DAMAGED[:-1], pytest.param('{"backend": 7, "builds": {"backend": "x"}}', id="words")]
)
def test_an_image_is_told_whatever_its_reports_are(
    client: FlaskClient, full: sqlite3.Connection, kind: str, body: str
) -> None:
    report(full, kind, "", body)
    assert client.get("/api/v1/images").status_code == client.get("/api/v1/images/backend").status_code == 200


def test_a_report_that_is_no_text_counts_as_missing(client: FlaskClient, db: sqlite3.Connection) -> None:
    db.execute("INSERT INTO reports VALUES ('doctor', '', 'now', ?)", (b"\xff",))
    assert client.get("/api/v1/doctor").json["made"] is None


@pytest.mark.parametrize(
    ("table", "column", "value", "pages"),
    [
        pytest.param("builds", "seconds", "soon", ["builds", "images", "builds/1"], id="a word for seconds"),
        pytest.param("builds", "seconds", float("inf"), ["builds", "images"], id="seconds without end"),
        pytest.param("builds", "dirty", 7, ["builds", "images"], id="neither true nor false"),
        pytest.param("builds", "outcome", "both", ["builds", "builds/1"], id="an outcome nobody knows"),
        pytest.param("builds", "disk_bytes", "big", ["images", "images/backend"], id="a word for bytes"),
        pytest.param("steps", "inputs", "[", ["builds/1", "compare?before=1&after=3"], id="inputs cut off"),
        pytest.param("steps", "inputs", '["a"]', ["builds/1"], id="inputs that are no numbers"),
        pytest.param("grounds", "why", "7", ["builds/1"], id="a cause that is none"),
        pytest.param("image_parts", "kind", "gem", ["images/backend"], id="a kind nobody knows"),
    ],
)
def test_damage_in_a_table_is_said(
    client: FlaskClient, full: sqlite3.Connection, table: str, column: str, value: object, pages: list[str]
) -> None:
    full.execute(f"UPDATE {table} SET {column} = ?", (value,))  # noqa: S608
    for page in pages:
        answer = client.get(f"/api/v1/{page}")
        assert (answer.status_code, answer.mimetype) == (503, "application/problem+json"), page


def test_findings_come_with_their_fix_and_what_a_proof_said(client: FlaskClient, full: sqlite3.Connection) -> None:
    told = client.get("/api/v1/findings").json
    assert (told["dirty"], told["fails_from"], len(told["findings"])) == (True, "warning", 2)
    kept, back = (one["proof"] for one in told["findings"])
    assert kept == {"verdict": "kept", "reason": "", "proof": "latest"}
    assert back == {"verdict": "taken-back", "reason": "it does not start", "proof": "latest"}
    assert told["findings"][0]["fix"]["diff"].startswith("--- a/")


def test_the_newest_proof_has_the_last_word(client: FlaskClient, full: sqlite3.Connection) -> None:
    later = {**PROOF, "kept": [], "taken_back": [{**PROOF["kept"][0], "reason": "slower"}]}
    report(full, "proof", "later", later, made="2026-03-01T00:00:00Z")
    assert client.get("/api/v1/findings").json["findings"][0]["proof"]["verdict"] == "taken-back"
    assert [one["name"] for one in client.get("/api/v1/proofs").json["proofs"]] == ["later", "latest"]


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ("severity=error", ["root-user"]),
        ("severity=warning", []),
        ("path=backend/Dockerfile", ["link-missing", "root-user"]),
        ("path=backend", []),
        ("image=backend&severity=note", ["link-missing"]),
        ("image=frontend", []),
    ],
)
def test_findings_are_narrowed(client: FlaskClient, full: sqlite3.Connection, asked: str, codes: list[str]) -> None:
    assert [one["code"] for one in client.get(f"/api/v1/findings?{asked}").json["findings"]] == codes


def test_gains_are_what_means_something(client: FlaskClient, full: sqlite3.Connection) -> None:
    (proof,) = client.get("/api/v1/proofs").json["proofs"]
    assert [(one["image"], one["what"], one["better"]) for one in proof["gains"]] == [("backend", "unpacked", True)]


def test_scenarios_have_median_and_spread_beside_the_baseline(client: FlaskClient, full: sqlite3.Connection) -> None:
    (saved,) = client.get("/api/v1/scenarios").json["reports"]
    assert [one["variant"] for one in saved["images"]] == ["plan", "baseline"]
    edited, cold = saved["images"][0]["scenarios"]
    assert (edited["median"], edited["low"], edited["high"], edited["ran"], edited["steps"]) == (0.2, 0.1, 0.3, 1, 2)
    assert (cold["seconds"], cold["steps"]) == ([9.0], 0)


def test_a_scenario_without_a_run_is_left_out(client: FlaskClient, db: sqlite3.Connection) -> None:
    images = {"backend": {"plan": {"scenarios": {"cold": {"seconds": []}}}, "other": {"scenarios": {}}}}
    report(db, "scenarios", "a", {**SCENARIOS, "images": images})
    (saved,) = client.get("/api/v1/scenarios").json["reports"]
    assert [(one["variant"], one["scenarios"]) for one in saved["images"]] == [("plan", [])]


def test_a_report_that_changes_is_told_anew(client: FlaskClient, full: sqlite3.Connection) -> None:
    assert len(client.get("/api/v1/findings").json["findings"]) == 2
    report(full, "audit", "", {**AUDIT, "findings": []})
    assert client.get("/api/v1/findings").json["findings"] == []


NOW = datetime(2026, 1, 2, tzinfo=UTC)


def entry(seconds: float, **changes: object) -> dict[str, Any]:
    told = {
        "pid": 7,
        "images": ["backend"],
        "started": "2026-01-01T23:59:00Z",
        "done": 3,
        "total": None,
        "step": "RUN x",
    }
    return {**told, "beat": (NOW - timedelta(seconds=seconds)).isoformat(), **changes}


@pytest.mark.parametrize(
    ("seconds", "runs"),
    [
        pytest.param(1, True, id="just now"),
        pytest.param(15, True, id="a while ago"),
        pytest.param(15.1, False, id="so long ago that it was killed"),
    ],
)
def test_a_builder_that_gave_a_sign_of_life_runs(tmp_path: Path, seconds: float, runs: bool) -> None:
    (tmp_path / "running.json").write_text(json.dumps({"builds": [entry(seconds)]}))
    found = running.now(tmp_path / "ledger.db", NOW)
    assert [(one.images, one.done, one.total) for one in found] == ([(("backend",), 3, None)] if runs else [])


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"builds": [{}]}', json.dumps({"builds": [entry(1, beat="then")]}), "[" * 100_000]
)
def test_a_damaged_file_means_that_nothing_runs(client: FlaskClient, path: Path, text: str) -> None:
    (path.parent / "running.json").write_text(text)
    answer = client.get("/api/v1/running")
    assert (answer.status_code, answer.json) == (200, {"builds": []})


def test_the_tag_changes_with_what_runs(client: FlaskClient, path: Path) -> None:
    idle = client.get("/api/v1/running").headers["ETag"]
    now = datetime.now(UTC).isoformat()
    (path.parent / "running.json").write_text(json.dumps({"builds": [entry(0, beat=now)]}))
    busy = client.get("/api/v1/running", headers={"If-None-Match": idle})
    assert (busy.status_code, busy.json["builds"][0]["step"]) == (200, "RUN x")
    assert "pid" not in busy.json["builds"][0]


SECRET = "hunter2hunter2"  # noqa: S105  a made-up one, to be looked for


@pytest.mark.parametrize(
    "text",
    [
        f"-      API_TOKEN: {SECRET}",
        f"+ENV DB_PASSWORD={SECRET} PORT=80",
        f'RUN curl --header "x" && export MY_SECRET="{SECRET}"',
        f"fatal: https://me:{SECRET}@git.example/x.git",
        f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END",
    ],
)
def test_no_value_of_a_secret_leaves_whatever_the_ledger_holds(
    client: FlaskClient, full: sqlite3.Connection, text: str
) -> None:
    full.execute("UPDATE steps SET error = ?, log = ?, instruction = ?", (text, text, text))
    finding = {**FINDING, "message": text, "fix": {"safe": True, "diff": text}}
    report(full, "audit", "", {**AUDIT, "findings": [finding]})
    report(full, "proof", "latest", {**PROOF, "diff": text})
    for page in ("builds/2", "findings", "proofs", "compare?before=1&after=2"):
        answer = client.get(f"/api/v1/{page}")
        assert answer.status_code == 200
        assert SECRET not in answer.text
        assert "***" in answer.text


@pytest.mark.parametrize(
    "text",
    [
        "RUN --mount=type=secret,id=ca pip install x",
        "TOKEN_FILE=/run/secrets/token",
        "PASSWORD: ${PASSWORD}",
        "secrets: [ca]",
        "TOKEN_TTL=60",
    ],
)
def test_what_is_no_secret_stays(client: FlaskClient, full: sqlite3.Connection, text: str) -> None:
    full.execute("UPDATE steps SET log = ?", (text,))
    assert client.get("/api/v1/builds/2").json["detail"][2]["log"] == text
