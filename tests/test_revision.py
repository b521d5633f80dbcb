"""Which commit, and whether the work tree differs."""

import os
import subprocess
from pathlib import Path

import pytest

from drydock import config
from drydock.measures import revision
from drydock.measures.revision import Revision


@pytest.mark.parametrize(
    ("status", "found"),
    [
        ("# branch.oid abc\n# branch.head main\n", Revision("abc", False)),
        ("# branch.oid abc\n1 .M N... 100644 100644 100644 x x a\n", Revision("abc", True)),
        ("# branch.oid abc\n? new\n", Revision("abc", True)),
        ("# branch.oid (initial)\n# branch.head main\n", Revision(None, False)),
        ("", Revision(None, False)),
    ],
)
def test_git_s_answer_is_read(status: str, found: Revision) -> None:
    assert revision.parse(status) == found


def test_outside_a_repository_and_without_git_there_is_none(tmp_path: Path) -> None:
    assert revision.read(config.load(tmp_path, os.environ)) == Revision(None, False)
    assert revision.read(config.load(tmp_path, {**os.environ, "PATH": ""})) == Revision(None, False)


def test_a_repository_before_its_first_commit_is_read(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "a").touch()
    assert revision.read(config.load(tmp_path, os.environ)) == Revision(None, True)
