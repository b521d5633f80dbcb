"""What an audit leaves in the ledger: findings with the images they concern, and no secret."""

import json
import os
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from drydock import config
from drydock.commands import audit
from drydock.config import Config
from drydock.events import Event, Note, silent
from drydock.measures import reports
from drydock.measures.reports import Kind
from tests.defects import loader

TODAY = date(2026, 6, 1)
COMPOSE = """\
services:
  web:
    build: {context: web}
    ports: ["8000:8000"]
    environment:
      API_TOKEN: hunter22-planted
      DATABASE_URL: "postgres://app:planted-login@db/app"
  twin:
    build: {context: web}
  api:
    build: {context: ., dockerfile: api/Dockerfile}
  db:
    image: postgres:latest
    environment:
      POSTGRES_PASSWORD: postgres
"""
WEB = "FROM python:latest\nENV WEB_PASSWORD=planted-in-env\nCOPY . /srv\nRUN pip install flask\n"
WORKFLOW = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n"
PLANTED = ("hunter22-planted", "planted-login", "planted-in-env", "planted-in-run")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    for name in ("web", "api", ".github/workflows", ".drydock"):
        (root / name).mkdir(parents=True)
    (root / "compose.yaml").write_text(COMPOSE)
    (root / "web" / "Dockerfile").write_text(WEB + "RUN curl https://app:planted-in-run@host/x\n")
    (root / "web" / ".dockerignore").write_text(".git\n")
    (root / "web" / "server.key").touch()
    (root / "api" / "Dockerfile").write_text(WEB)
    (root / ".github" / "workflows" / "ci.yml").write_text(WORKFLOW)
    return root


def run(root: Path, **asked: Any) -> Config:
    settings = config.load(root, os.environ)
    audit.run(settings, audit.Request(**asked), tell=silent, today=TODAY)
    return settings


def kept(root: Path) -> dict[str, Any]:
    found = reports.get(config.load(root, os.environ), Kind.AUDIT)
    assert found is not None
    return dict(found.body)


def test_every_finding_names_the_images_it_concerns(root: Path) -> None:
    run(root)
    found: dict[tuple[str, str], set[str]] = {}
    for one in kept(root)["findings"]:
        found.setdefault((one["path"], one["code"]), set()).update(one["images"])
    assert found["web/Dockerfile", "base-not-pinned"] == {"web", "twin"}
    assert found["api/Dockerfile", "base-not-pinned"] == {"api"}
    assert found["web/.dockerignore", "ignore-lacks-secrets"] == {"web", "twin"}
    assert found["compose.yaml", "compose-secret-in-file"] == {"web"}
    assert found["compose.yaml", "compose-latest-image"] == set()  # db is built nowhere
    assert found[".github/workflows/ci.yml", "workflow-action-unpinned"] == set()


def test_without_a_compose_file_an_image_is_its_dockerfile(root: Path) -> None:
    (root / "compose.yaml").unlink()
    run(root)
    found = {one["path"]: one["images"] for one in kept(root)["findings"]}
    assert (found["web/Dockerfile"], found["api/Dockerfile"]) == (["web"], ["api"])
    assert found["web/.dockerignore"] == ["web"]


def test_a_report_is_whole_and_holds_no_secret(root: Path) -> None:
    run(root, severity="error")
    body = kept(root)
    assert (body["commit"], body["dirty"], body["fails_from"]) == (None, False, "error")
    keys = {"code", "severity", "path", "line", "column", "message", "fix", "declined", "images"}
    assert all(set(one) == keys for one in body["findings"])
    diffs = [one["fix"]["diff"] for one in body["findings"] if one["fix"]]
    assert all(diffs)
    assert "$WEB_PASSWORD" in "".join(diffs)
    text = json.dumps(body)
    assert [one for one in PLANTED if one in text] == []
    assert "postgres:latest" in text  # what everybody tries first is no secret, and words stay words


def test_a_report_names_the_commit(root: Path) -> None:
    loader.write({}, root)
    shown = subprocess.run(["git", "rev-parse", "HEAD"], cwd=root, check=True, capture_output=True, text=True)
    for is_dirty in (False, True):
        run(root)
        assert (kept(root)["commit"], kept(root)["dirty"]) == (
            shown.stdout.strip(),
            is_dirty,
        )  # .drydock is not ignored here


@pytest.mark.parametrize("asked", [{"paths": ("web",)}, {"select": ("root-user",)}], ids=["a path", "a rule"])
def test_an_audit_of_a_part_is_not_kept(root: Path, asked: dict[str, Any]) -> None:
    assert reports.get(run(root, **asked), Kind.AUDIT) is None


def test_after_fixes_what_is_left_is_kept(root: Path) -> None:
    run(root)
    before = len(kept(root)["findings"])
    run(root, fix=True, force=True)
    assert 0 < len(kept(root)["findings"]) < before


def test_where_nothing_was_ever_recorded_no_folder_is_made(root: Path) -> None:
    (root / ".drydock").rmdir()
    run(root)
    audit.note(config.load(root, os.environ), tell=silent, today=TODAY)
    assert not (root / ".drydock").exists()


def test_findings_that_are_too_much_lose_their_diffs(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(root)
    whole = len(json.dumps(kept(root)))
    monkeypatch.setattr(reports, "MOST_BYTES", whole - 1000)
    run(root)
    fixes = [one["fix"] for one in kept(root)["findings"] if one["fix"]]
    assert fixes
    assert {one["diff"] for one in fixes} == {None}


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param("[tool.drydock.audit]\nnonsense = 1\n", id="settings that cannot be read"),
        pytest.param('[tool.drydock.audit]\nseverity = "awful"\n', id="no severity"),
    ],
)
def test_an_audit_on_the_side_that_cannot_be_made_is_one_warning(root: Path, spoil: str) -> None:
    (root / "pyproject.toml").write_text(spoil)
    told = list[Event]()
    audit.note(config.load(root, os.environ), tell=told.append, today=TODAY)
    (note,) = told
    assert isinstance(note, Note)
    assert note.warning
    assert "\n" not in note.text


def test_an_audit_on_the_side_keeps_what_the_task_keeps(root: Path) -> None:
    audit.note(config.load(root, os.environ), tell=silent, today=TODAY)
    noted = kept(root)
    run(root)
    assert kept(root) == noted
