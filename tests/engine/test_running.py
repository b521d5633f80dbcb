"""A build as others see it while it runs, and what is kept of one that fails."""

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drydock import config
from drydock.measures import ledger
from tests.repositories import PROJECT

PLANTED = "hunter22-planted-long"
DOCKERFILE = """\
FROM python:3.12-slim AS app
ARG API_TOKEN
COPY note /note
RUN sleep 4
RUN for i in $(seq 2000); do echo "line $i of the log"; done; printf "\\033[31mtoken $API_TOKEN\\033[0m\\n"; exit 3
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository whose one image does not build."""
    service = {"build": {"context": ".", "args": {"API_TOKEN": PLANTED}}, "image": "drydock-running/web:local"}
    (tmp_path / "compose.yaml").write_text(json.dumps({"services": {"web": service}}))
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    (tmp_path / ".dockerignore").write_text("*\n!note\n")
    (tmp_path / "note").write_text(uuid.uuid4().hex)  # never in a cache from before
    return tmp_path


def start(root: Path) -> "subprocess.Popen[str]":
    argv = [sys.executable, "-m", "drydock", "build", "--root", str(root)]
    environ = {**os.environ, "PYTHONPATH": str(PROJECT)}
    return subprocess.Popen(argv, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def seen(root: Path, child: "subprocess.Popen[str]", until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The entry of a build once it fits."""
    path = root / ".drydock" / "running.json"
    while child.poll() is None:
        if path.exists():
            (entry,) = json.loads(path.read_text())["builds"]
            if until(entry):
                return dict(entry)
        time.sleep(0.05)
    raise AssertionError(child.communicate()[0])


def test_a_build_that_runs_long_and_fails_is_seen_meanwhile_and_leaves_its_log(root: Path) -> None:
    with start(root) as child:
        entry = seen(root, child, lambda one: "sleep" in one["step"])
        said, _ = child.communicate(timeout=120)
    assert child.returncode == 4, said
    assert (entry["pid"], entry["images"], entry["step"]) == (child.pid, ["web"], "web: stage-0: RUN sleep 4")
    assert (entry["done"], entry["total"]) == (1, 3)
    assert not (root / ".drydock" / "running.json").exists()
    settings = config.load(root, os.environ)
    (failed,) = ledger.detailed(settings, ledger.recent(settings))
    *rest, last = failed.detail
    assert (failed.outcome, last.instruction[:7], [step.log for step in rest]) == ("failed", "RUN for", [None, None])
    assert last.log is not None
    assert last.log.endswith("line 2000 of the log\ntoken $API_TOKEN")
    assert 15_000 < len(last.log.encode()) <= 16_000
    shared = [path for path in (root / ".drydock").iterdir() if path.stat().st_mode & 0o004]  # what a container reads
    assert settings.ledger in shared
    assert not any(PLANTED.encode() in path.read_bytes() for path in shared)
    assert PLANTED not in said


def test_a_build_that_is_terminated_is_not_seen_any_more(root: Path) -> None:
    with start(root) as child:
        seen(root, child, lambda one: "sleep" in one["step"])
        child.send_signal(signal.SIGTERM)
        said, _ = child.communicate(timeout=60)
    assert child.returncode == 130, said
    assert not (root / ".drydock" / "running.json").exists()
    assert "Traceback" not in said
