"""The hooks of the repository, run by pre-commit itself from a clone, in repositories with and without a finding."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.release.conftest import commit, run

CONFIG = """repos:
  - repo: {source}
    rev: {rev}
    hooks: [{{id: drydock-audit}}, {{id: drydock-docs}}]
"""
CLEAN = "FROM scratch\nUSER 1000\n"
LATEST = "FROM debian:latest\nRUN apt-get install -y curl\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, bare: dict[str, str], versions: Path) -> dict[str, str]:
    """pre-commit's own folder, so that it installs us anew, once."""
    return {**bare, "PRE_COMMIT_HOME": str(tmp_path_factory.mktemp("hooks")), "PIP_CONSTRAINT": str(versions)}


def hooks(root: Path, source: Path, home: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    rev = run("git", "rev-parse", "HEAD", cwd=source).strip()
    (root / ".pre-commit-config.yaml").write_text(CONFIG.format(source=source, rev=rev))
    commit(root)
    argv = [sys.executable, "-m", "pre_commit", "run", "--all-files"]
    return subprocess.run(argv, cwd=root, env=home, capture_output=True, text=True)


def test_a_finding_fails_the_commit_and_is_shown(source: Path, home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(LATEST)
    ran = hooks(tmp_path, source, home)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "Dockerfile:2:" in ran.stdout
    assert "[apt-discipline]" in ran.stdout


def test_a_clean_repository_passes(source: Path, home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(CLEAN)
    (tmp_path / ".dockerignore").write_text("*\n")
    ran = hooks(tmp_path, source, home)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_document_that_drifted_fails_the_commit(source: Path, home: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Shop\n\n<!-- drydock:tasks -->\n<!-- /drydock -->\n")
    ran = hooks(tmp_path, source, home)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "README.md" in ran.stdout
