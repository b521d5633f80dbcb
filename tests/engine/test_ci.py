"""The workflow of a small repository, run by the real act: what its nox sessions give is what they give without it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.committing import commit

PYTHON = sys.executable
WORKFLOW = """\
on: push
jobs:
  good:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - uses: actions/setup-python@v6
      - run: {python} -m nox -s good
  bad:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - run: {python} -m nox -s good bad
  slow:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v6
      - run: {python} -m nox -s slow
"""
NOXFILE = """\
import os
import pathlib
import nox

nox.options.default_venv_backend = "none"


@nox.session
def good(session):
    with open(os.environ.get("GITHUB_STEP_SUMMARY", os.devnull), "a") as summary:
        summary.write("## Seen in the summary\\n")
    session.run("git", "--version", external=True)


@nox.session
def bad(session):
    session.run("sh", "-c", "echo ::warning file=a,line=3::planted; exit 3", external=True)


@nox.session
def slow(session):
    try:
        session.run("sleep", "300", external=True)
    finally:
        pathlib.Path(os.environ["MARK"]).write_text("cleaned up")
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with three sessions and a job for each, one of which fails and one of which takes long."""
    root = tmp_path / "repository"
    (root / ".github" / "workflows").mkdir(parents=True)
    (root / ".github" / "workflows" / "ci.yml").write_text(WORKFLOW.format(python=PYTHON))
    (root / "noxfile.py").write_text(NOXFILE)
    commit(root)
    return root


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home of Drydock in which nothing of a run may stay."""
    home = tmp_path / "home"
    home.mkdir()
    yield home
    assert not list(home.glob("drydock-ci-*"))


def start(root: Path, home: Path, *words: str, **environ: str) -> "subprocess.Popen[str]":
    argv = [PYTHON, "-m", "drydock", "ci", *words, "--root", str(root)]
    engine = {"DRYDOCK_HOME": str(home), "DOCKER_HOST": os.environ.get("DOCKER_HOST") or address()}
    env = {**os.environ, **engine, **environ}
    return subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def address() -> str:
    """Where the engine answers that these tests use: another home would look for one of its own."""
    from drydock import config
    from drydock.engines import engine

    return engine.find(config.load(Path(__file__).parents[2], os.environ)).host


def nox(root: Path, session: str) -> tuple[str, int]:
    """How a session ends without act: its result, and the exit code of nox."""
    report = root.parent / f"{session}.json"
    ended = subprocess.run([PYTHON, "-m", "nox", "-s", session, "--report", str(report)], cwd=root, capture_output=True)
    told: dict[str, Any] = json.loads(report.read_text())["sessions"][0]
    return {"success": "success", "failed": "failure"}[told["result"]], ended.returncode


def test_sessions_end_in_the_workflow_as_they_do_without_it(
    root: Path, home: Path, record_property: Callable[[str, object], None]
) -> None:
    out, err, code, compared = "", "", 0, 0
    for job in ("good", "bad"):
        run = start(root, home, f"--job={job}", "--json")
        out, err = run.communicate(timeout=120)
        document = json.loads(out)
        (step,) = [one for one in document["steps"] if one["sessions"]]
        ran = {one["name"]: one["result"] for one in step["sessions"]}
        assert ran == {name: nox(root, name)[0] for name in ran}
        compared += len(ran)
        code = max(nox(root, name)[1] for name in ran)
        assert (step["code"], run.returncode) == (code, min(code, 1))
        assert [one["name"] for one in document["jobs"]] == [job]
        assert [one["text"].strip() for one in document["summaries"]] == ["## Seen in the summary"]
        assert document["skipped"] == (["good: actions/setup-python@v6"] if job == "good" else [])
    assert (code, compared) == (1, 3)
    record_property("sessions compared", compared)
    assert "bad | ::warning file=a,line=3::planted" in err


def test_ctrl_c_lets_a_session_clean_up_and_leaves_no_process_and_no_folder(root: Path, home: Path) -> None:
    mark = root.parent / "mark"
    run = start(root, home, "--job=slow", MARK=str(mark))
    assert run.stderr is not None
    while "sleep 300" not in run.stderr.readline():
        assert run.poll() is None
    began = time.monotonic()
    run.send_signal(signal.SIGINT)
    run.communicate(timeout=60)
    assert run.returncode == 130
    assert time.monotonic() - began < 20
    assert mark.read_text() == "cleaned up"
    left = subprocess.run(["pgrep", "--full", str(home)], capture_output=True, text=True).stdout
    assert left == ""
