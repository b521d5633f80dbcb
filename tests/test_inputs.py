"""The walk of a context: what it finds, what it skips, and what it only tells."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drydock.measures import followed, ignore, inputs
from drydock.measures.inputs import Kind


def write(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)


def paths(tree: inputs.Tree) -> list[str]:
    return [entry.path for entry in tree.entries]


@pytest.mark.parametrize(
    ("present", "counts"),
    [
        ((), None),
        ((".dockerignore",), ".dockerignore"),
        ((".dockerignore", "deploy/web.Dockerfile.dockerignore"), "deploy/web.Dockerfile.dockerignore"),
    ],
)
def test_the_ignore_file_named_after_the_dockerfile_comes_first(
    tmp_path: Path, present: tuple[str, ...], counts: str | None
) -> None:
    write(tmp_path, *present)
    found = inputs.ignore_file(tmp_path, tmp_path / "deploy/web.Dockerfile")
    assert found == (tmp_path / counts if counts else None)


def test_a_folder_is_shown_for_what_is_taken_back_in_it(tmp_path: Path) -> None:
    write(tmp_path, "a/b/keep", "a/b/drop", "a/c", "z")
    assert paths(inputs.walk(tmp_path, ignore.parse("a\n!a/b/keep"))) == ["a", "a/b", "a/b/keep", "z"]


def test_a_folder_that_is_left_out_is_not_even_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "node_modules/x/y", "src/a")
    opened, scan = list[str](), os.scandir

    def noting(path: Path) -> Any:
        opened.append(path.name)
        return scan(path)

    monkeypatch.setattr(os, "scandir", noting)
    inputs.walk(tmp_path, ignore.parse("node_modules\n!src/b"))
    assert opened == [tmp_path.name, "src"]


def test_links_are_not_followed_and_rings_end(tmp_path: Path) -> None:
    write(tmp_path, "a/b")
    (tmp_path / "ring").symlink_to(".")
    (tmp_path / "gone").symlink_to("nowhere")
    tree = inputs.walk(tmp_path, ignore.Ignore())
    assert paths(tree) == ["a", "a/b", "gone", "ring"]
    assert [entry.target for entry in tree.entries if entry.kind is Kind.LINK] == ["nowhere", "."]
    assert tree.notes == ()


def test_what_has_no_content_is_one_note_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    with socket.socket(socket.AF_UNIX) as end:
        end.bind("socket")
    tree = inputs.walk(tmp_path, ignore.Ignore())
    assert [entry.kind for entry in tree.entries] == [Kind.OTHER, Kind.OTHER]
    assert [note.partition(":")[0] for note in tree.notes] == ["pipe", "socket"]


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    write(tmp_path, "locked/in", "file", "open")
    (tmp_path / "locked").chmod(0)
    (tmp_path / "file").chmod(0)
    yield tmp_path
    (tmp_path / "locked").chmod(0o700)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable for root")
def test_what_cannot_be_read_is_one_note_each_and_the_rest_is_found(locked: Path) -> None:
    tree = inputs.walk(locked, ignore.Ignore())
    assert paths(tree) == ["file", "locked", "open"]
    assert [note.partition(":")[0] for note in tree.notes] == ["file", "locked"]


def test_a_folder_that_vanishes_is_a_note(tmp_path: Path) -> None:
    tree = inputs.walk(tmp_path / "gone", ignore.Ignore())
    assert (tree.entries, len(tree.notes)) == ((), 1)


def test_odd_names_are_found_and_can_be_printed(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff\n\x1b[2J")).touch()
    (entry,) = inputs.walk(tmp_path, ignore.parse("*.py")).entries
    assert inputs.shown(entry.path) == r"\udcff\n\x1b[2J"


def test_what_is_asked_for_comes_with_its_folders_and_never_against_the_ignore_file(tmp_path: Path) -> None:
    write(tmp_path, "a/x/1", "a/x/2", "b/1", "c")
    tree = inputs.walk(tmp_path, ignore.parse("a/x/2\n"))
    assert [entry.path for entry in inputs.asked(tree, ["a/x", "nowhere"])] == ["a", "a/x", "a/x/1"]
    assert [entry.path for entry in inputs.asked(tree, ["*/1"])] == ["b", "b/1"]
    assert inputs.asked(tree, None) == tree.entries
    assert inputs.asked(tree, []) == ()


@pytest.mark.parametrize(
    ("asked", "followed_to"),
    [
        ("file", ("file",)),
        ("link", ("folder/in", "link")),
        ("to/in", ("folder/in", "to")),
        ("l*", ("folder/in", "l*")),
        ("ring", ("ring",)),
        ("out", ("etc/x", "out")),
        ("nowhere/at/all", ("nowhere/at/all",)),
        (".", None),
        ("root", None),
    ],
)
def test_links_on_the_way_are_followed_within_the_context(
    tmp_path: Path, asked: str, followed_to: tuple[str, ...] | None
) -> None:
    write(tmp_path, "file", "folder/in")
    for link, target in (("link", "folder/in"), ("to", "folder"), ("ring", "ring"), ("out", "/etc/x"), ("root", "/")):
        (tmp_path / link).symlink_to(target)
    assert followed.follow(tmp_path, [asked]) == followed_to


def test_a_walk_is_linear_in_the_number_of_files(tmp_path: Path) -> None:
    """Told by questions asked of the rules, not by a clock."""
    rules, questions = ignore.parse("**/*.log\n.git\n!keep.log"), []

    class Counted(ignore.Ignore):
        def judge(self, path: str, above: ignore.State = None) -> tuple[bool, ignore.State]:
            questions.append(path)
            return rules.judge(path, above)

    write(tmp_path, *(f"{folder}/{file}" for folder in range(20) for file in range(20)))
    inputs.walk(tmp_path, Counted(rules.patterns))
    assert len(questions) == 20 + 400
