"""`inv prove` before any engine is asked, and its report."""

import os
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from drydock import config
from drydock.commands import prove
from drydock.commands.prove import Report, Request
from drydock.errors import Misuse
from drydock.measures import evidence, proof_tables

HEAD = {
    "schema": 1,
    "kind": "proof",
    "command": "inv prove",
    "date": "2026-06-01T00:00:00+00:00",
    "machine": "a machine",
    "versions": {"drydock": "1"},
    "store": "overlay2",
    "commit": "",
    "dirty": False,
    "bases": [{"name": "python:3.12-slim", "origin": "standin"}],
    "runs": 3,
}
FINDING = {"path": "Dockerfile", "line": 3, "message": "m"}
CAPTURE: dict[str, Any] = {
    **HEAD,
    "images": {
        "web": {
            "before": {"builds": True, "trouble": ""},
            "after": {"builds": True, "trouble": ""},
            "times": {"before": {"no-op": {"seconds": [0.2], "steps": 0}}, "after": {}},
            "expected": [{"what": "environment PYTHONUNBUFFERED is new", "rule": "python-env-missing"}],
            "changes": [
                {"what": "to pull", "before": "50 MB", "after": "40 MB", "better": True},
                {"what": "no-op", "before": "0.2 s", "after": "0.2 s", "better": None},
            ],
        }
    },
    "services": {"web": {"before": ["is running"], "after": ["is running", "port 80 answers"]}},
    "kept": [{"code": "python-env-missing", **FINDING}],
    "taken_back": [{"code": "root-user", **FINDING, "reason": "web ends with exit code 1"}],
    "not_tried": [{"code": "workflow-compose-v1", **FINDING, "reason": "no build reads it"}],
    "unestablished": ["web: no port is declared"],
}
BROKEN: dict[str, Any] = {
    **CAPTURE,
    "images": {
        "web": {**CAPTURE["images"]["web"], "before": {"builds": False, "trouble": "x"}, "times": {}, "changes": []}
    },
    "kept": [],
}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"level": "bold"}, "--level bold: no such level"),
        ({"format": "xml"}, "--format xml: no such format"),
        ({"save": "../x"}, "is no name for a capture"),
    ],
    ids=lambda value: str(value),
)
def test_wrong_use_is_told_before_an_engine_is_needed(tmp_path: Path, wrong: Any, words: str) -> None:
    settings = config.load(tmp_path, {**os.environ, "PATH": ""})
    with pytest.raises(Misuse, match=words):
        prove.run(settings, replace(Request(), **wrong), lambda _: None, date(2026, 6, 1))


def test_the_report_says_what_was_gained_taken_back_and_not_established() -> None:
    text = Report(CAPTURE, "--- a\n+++ b\n").text()
    for words in (
        "--- a",
        "taken back: web ends with exit code 1",
        "not tried: no build reads it",
        "- web, to pull: 50 MB -> 40 MB",
        "- web: environment PYTHONUNBUFFERED is new (python-env-missing)",
        "- web: is running, port 80 answers",
        "- web: no port is declared",
        "1 kept, 1 taken back, 1 not tried.",
        "inv prove --keep writes what holds",
    ):
        assert words in text
    assert Report(CAPTURE).document()["taken_back"][0]["code"] == "root-user"


def test_markdown_holds_tables_the_diff_and_what_it_rests_on() -> None:
    text = Report(CAPTURE, "--- a\n+++ b\n", "markdown").text()
    assert "| web | to pull | 50 MB | 40 MB | better |" in text
    assert "python:3.12-slim is a stand-in" in text
    assert text.endswith("```diff\n--- a\n+++ b\n```")


def test_a_capture_is_shown_in_documents(tmp_path: Path) -> None:
    evidence.save(tmp_path, "proof", CAPTURE)
    assert "| root-user | Dockerfile:3 | taken back" in evidence.markdown(evidence.load(tmp_path, "proof"))


def test_nothing_is_claimed_where_nothing_built() -> None:
    assert proof_tables.verdict(BROKEN) == "nothing builds before any fix, so nothing is claimed"
    assert (Report(BROKEN).code, Report(CAPTURE).code) == (4, 0)


def test_proofs_of_several_repositories_are_one_table() -> None:
    judged = {"findings": 9, "false": ["root-user Dockerfile:1: a job"], "mended": 1}
    proofs = {
        "good": {"trouble": "", **CAPTURE, "audit": judged, "commit": "0123456789abcdef"},
        "broken": {"trouble": "", **BROKEN},
        "odd": {"trouble": "no compose"},
    }
    text = evidence.markdown({**HEAD, "kind": "proofs", "repositories": proofs})
    assert "| good | 0123456789ab | 9 | 1 | 1 | 1 of 1 | 1 | 1 | 1 | 3 | web, to pull: 50 MB -> 40 MB |" in text
    assert "| broken |  |  |  |  | 0 of 1 | 0 | 1 | 1 | none | nothing builds before any fix |" in text
    assert "| odd |  |  |  |  |  |  |  |  |  | no compose |" in text
    assert "- good: judged false: root-user Dockerfile:1: a job" in text
    assert "- good: not established: web: no port is declared" in text
