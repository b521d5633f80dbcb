"""`drydock summary` on the real engine: what two commits differ in, and the budget that one of them exceeds."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from drydock import command, config
from drydock.engines import engine
from tests.committing import commit, git

Call = Callable[..., "subprocess.CompletedProcess[str]"]

SECRET = "hunter2-never-to-be-seen"  # noqa: S105 - planted to be looked for
DOCKERFILE = """\
FROM python:3.12-slim AS builder
ARG API_TOKEN
COPY lock /lock
RUN cat /lock > /made

FROM python:3.12-slim
WORKDIR /srv
COPY --from=builder /made /srv/made
COPY app /srv/app
"""
BUDGET = """\
[tool.drydock.images.app.budget]
disk = "10 GB"
growth = { against = "main", soft = "1 MB", hard = "2 MB" }
"""


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A repository whose branch main has one commit; its images are removed in the end."""
    root, tag = tmp_path / "repository", f"drydock-summary/{uuid.uuid4().hex[:12]}:local"
    (root / "app").mkdir(parents=True)
    build = {"context": ".", "args": {"API_TOKEN": SECRET}}
    service = {"image": tag, "build": build}
    (root / "compose.yaml").write_text(json.dumps({"services": {"app": service}}))
    (root / "Dockerfile").write_text(DOCKERFILE)
    (root / "pyproject.toml").write_text(BUDGET)
    (root / ".gitignore").write_text(".drydock\n")
    (root / "lock").write_text(f"{tmp_path}\n")
    (root / "app" / "main.py").write_text(f"print('{tmp_path}')\n")
    git(root, "init", "-q", "-b", "main")
    commit(root)
    git(root, "checkout", "-q", "-b", "change")
    yield root
    settings = config.load(root, os.environ)
    command.run(["docker", "image", "rm", tag], env=engine.find(settings).environ)


@pytest.fixture
def drydock(root: Path) -> Call:
    def call(*words: str, **environ: str) -> "subprocess.CompletedProcess[str]":
        argv = [sys.executable, "-m", "drydock", *words, "--root", str(root)]
        env = {**os.environ, **environ}
        return subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False, env=env)

    return call


def images(settings_root: Path) -> str:
    found = engine.find(config.load(settings_root, os.environ))
    return command.run(["docker", "image", "ls", "--quiet", "drydock-then/*"], env=found.environ).out


def test_what_a_pull_request_changes_is_summed_up_and_its_budget_decides(
    root: Path, drydock: Call, tmp_path: Path
) -> None:
    assert drydock("build").returncode == 0
    (root / "lock").write_text(f"{tmp_path} and more\n")
    (root / "app" / "data").write_bytes(os.urandom(3_000_000))
    commit(root)
    built: dict[str, Any] = json.loads(drydock("build", "--json").stdout)["images"][0]
    ran = [(step["stage"], step["line"]) for step in built["steps"] if not step["cached"]]
    event, page = tmp_path / "event.json", tmp_path / "summary.md"
    event.write_text(json.dumps({"pull_request": {"base": {"sha": git(root, "rev-parse", "main").strip()}}}))
    workflow = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_PATH": str(event), "GITHUB_STEP_SUMMARY": str(page)}
    said = drydock("summary", "--json", GITHUB_BASE_REF="main", **workflow)
    assert said.returncode == 1, said.stderr
    document = json.loads(said.stdout)
    (image,) = document["images"]
    assert document["against"].startswith("main (")
    assert (
        [(step["stage"], step["line"]) for step in image["reruns"]]
        == ran
        == [
            ("builder", 3),
            ("builder", 4),
            ("stage-1", 8),
            ("stage-1", 9),
        ]
    )
    assert 3_000_000 <= image["now"]["own_bytes"] - image["then"]["own_bytes"] < 3_100_000
    states = {one["limit"]["figure"]: one["state"] for one in document["budgets"]}
    assert states == {"disk": "ok", "growth": "fail"}
    assert document["excess"][0]["grown"][0]["name"] == "srv/app/data"
    words = "app: line 3, COPY lock /lock, ran again: lock changed"
    assert f"::notice file=Dockerfile,line=3,title=runs again::{words}" in said.stderr
    assert "::error file=pyproject.toml,line=3::/srv/app/data" in said.stderr
    text = page.read_text()
    assert "## Images against `main (" in text
    assert "| `app` | 4 | `RUN cat /lock > /made` |" in text
    assert "| fail | app | growth unpacked since main | 3.0 MB | 1.0 MB | 2.0 MB |" in text
    assert SECRET not in text + said.stdout + said.stderr
    assert images(root) == ""
    assert git(root, "status", "--porcelain") == ""


def test_a_change_of_nothing_that_is_built_runs_nothing_again_and_passes(root: Path, drydock: Call) -> None:
    (root / "README.md").write_text("words\n")
    commit(root)
    said = drydock("summary", "--against", "main", "--json")
    assert said.returncode == 0, said.stderr
    (image,) = json.loads(said.stdout)["images"]
    assert (image["reruns"], image["now"]) == ([], image["then"])


def test_a_commit_that_does_not_build_is_said_and_changes_no_verdict(root: Path, drydock: Call) -> None:
    (root / "Dockerfile").write_text(DOCKERFILE.replace("COPY app", "COPY --chmod=755 nowhere"))
    commit(root)
    (root / "Dockerfile").write_text(DOCKERFILE)
    commit(root)
    said = drydock("summary", "--against", "HEAD~1", GITHUB_ACTIONS="true")
    assert said.returncode == 0, said.stderr
    assert "there is no comparison with HEAD~1 (" in said.stdout
    assert "does not build" in said.stdout
    assert "::error" not in said.stderr
