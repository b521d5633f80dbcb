"""Which commit, whether the work tree differs, and where its history left a branch."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from drydock import config
from drydock.errors import NotReady
from drydock.git import check_out
from drydock.measures import revision
from drydock.measures.revision import Revision
from tests.committing import git


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


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A repository whose branches main and change parted at its first commit, and merge as GitHub merges them."""
    root = tmp_path / "shared"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    for branch in ("first", "change", "main"):
        if branch == "change":
            git(root, "checkout", "-q", "-b", "change")
        elif branch == "main":
            git(root, "checkout", "-q", "main")
        (root / branch).write_text(branch)
        git(root, "add", ".")
        git(root, "commit", "-qm", branch)
    git(root, "checkout", "-q", "-b", "merge")
    git(root, "merge", "-q", "change", "-m", "merge")
    return root


def load(root: Path, **environ: str) -> config.Config:
    return config.load(root, {**os.environ, **environ})


@pytest.mark.parametrize("name", ["main", "origin/main"])
def test_a_branch_is_compared_with_where_this_history_left_it(shared: Path, tmp_path: Path, name: str) -> None:
    git(tmp_path, "clone", "-q", "--branch=change", str(shared), "clone")
    found = revision.fork(load(tmp_path / "clone"), name)
    assert found is not None
    assert found.commit == git(shared, "rev-parse", "main~1")
    assert (found.branch, found.label) == ("main", f"{name} ({found.commit[:12]})")


@pytest.mark.parametrize("told", [True, False], ids=["by its event", "by the merge alone"])
def test_a_pull_request_that_is_checked_out_with_little_depth_finds_its_base(
    shared: Path, tmp_path: Path, told: bool
) -> None:
    base, merge, clone = git(shared, "rev-parse", "main"), git(shared, "rev-parse", "merge"), tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth=2", "--branch=merge", f"file://{shared}", str(clone))
    git(clone, "checkout", "-q", "--detach")
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"base": {"sha": base}}} if told else {}))
    workflow = {"GITHUB_BASE_REF": "main", "GITHUB_EVENT_PATH": str(event), "GITHUB_SHA": merge}
    assert revision.fork(load(clone, **workflow)) == revision.Fork("main", base)


def test_a_base_that_is_not_here_is_said_with_what_brings_it(shared: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth=1", "--branch=change", f"file://{shared}", "clone")
    with pytest.raises(NotReady) as raised:
        revision.fork(load(tmp_path / "clone", GITHUB_BASE_REF="main"))
    assert raised.value.remedy == "git fetch origin main"


def pushed(root: Path, tmp_path: Path, event: object) -> config.Config:
    """The settings in a workflow that a push, or something else that goes to no branch, has started."""
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event))
    return load(root, GITHUB_EVENT_PATH=str(path), GITHUB_REF_NAME="main")


def test_a_push_that_is_checked_out_with_little_depth_is_compared_with_what_it_followed(
    shared: Path, tmp_path: Path
) -> None:
    before, clone = git(shared, "rev-parse", "main"), tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth=2", "--branch=merge", f"file://{shared}", str(clone))
    found = revision.fork(pushed(clone, tmp_path, {"before": before}))
    assert found == revision.Fork(before, before)
    assert found.label == before[:12]


def test_a_branch_that_was_pushed_over_is_compared_with_what_it_was(shared: Path, tmp_path: Path) -> None:
    git(shared, "checkout", "-q", "main")
    change = git(shared, "rev-parse", "change")
    assert revision.fork(pushed(shared, tmp_path, {"before": change})) == revision.Fork(change, change)


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({"before": "0" * 40}, id="a new branch"),
        pytest.param({"before": "1" * 40}, id="a commit that is not here"),
        pytest.param({"before": None}, id="nothing"),
        pytest.param({"inputs": {}}, id="started by hand"),
        pytest.param([], id="no event"),
    ],
)
def test_a_push_onto_what_is_not_here_is_compared_with_nothing(shared: Path, tmp_path: Path, event: object) -> None:
    assert revision.fork(pushed(shared, tmp_path, event)) is None


def test_a_name_and_a_pull_request_go_before_what_a_push_followed(shared: Path, tmp_path: Path) -> None:
    settings = pushed(shared, tmp_path, {"before": git(shared, "rev-parse", "change")})
    assert revision.fork(settings, "main") == revision.Fork("main", git(shared, "rev-parse", "main"))
    pull = load(shared, **{**settings.environ, "GITHUB_BASE_REF": "main"})
    assert revision.fork(pull) == revision.Fork("main", git(shared, "rev-parse", "main"))


def test_outside_a_workflow_nothing_is_compared(shared: Path) -> None:
    assert revision.fork(load(shared)) is None


def test_a_commit_is_written_out_whole_and_leaves_the_repository_alone(shared: Path, tmp_path: Path) -> None:
    (shared / "staged").write_text("not committed")
    (shared / "inner").mkdir()
    git(shared, "add", "staged")
    before, into = git(shared, "status", "--porcelain=v2"), tmp_path / "into"
    into.mkdir()
    found = check_out(shared / "inner", os.environ, "main~1", into)
    assert found == into / "tree" / "shared" / "inner"
    assert sorted(path.name for path in found.parent.iterdir()) == ["first"]
    assert git(shared, "status", "--porcelain=v2") == before


def test_a_commit_that_is_not_there_is_not_written_out(shared: Path, tmp_path: Path) -> None:
    assert check_out(shared, os.environ, "0" * 40, tmp_path) is None
