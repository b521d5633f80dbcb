"""Hashes of files: right whatever happens, and found again without reading."""

import os
import socket
import time
from pathlib import Path

import pytest

from drydock.causes import hashes
from drydock.causes.hashes import Hashes
from drydock.causes.manifest import File
from drydock.causes.veil import Seal
from drydock.errors import NotReady
from drydock.measures import inputs
from drydock.measures.ignore import Ignore

SEAL = Seal(b"k" * 32)
OLD = time.time() - 3600


def read(root: Path, known: Hashes) -> dict[str, File]:
    tree = inputs.walk(root, Ignore())
    return {one.path: one for one in known.read(tree, tree.entries)}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "a").write_text("first")
    return tmp_path / "root"


def settled(known: Hashes) -> Hashes:
    """As if the files had been written long ago: no test waits for it."""
    held = {
        folder: {path: [*had[:4], "remembered"] for path, had in files.items()}
        for folder, files in known.folders.items()
    }
    return Hashes(known.seal, held)


def test_a_file_just_written_is_hashed_and_not_remembered(root: Path) -> None:
    known = Hashes(SEAL)
    assert read(root, known)["a"].hash == SEAL.of(b"first")
    assert known.folders == {str(root): {}}


def remember(root: Path, monkeypatch: pytest.MonkeyPatch) -> Hashes:
    """Hashes of files that were written long before."""
    monkeypatch.setattr(hashes, "RACY_NANOSECONDS", -(10**18))
    known = Hashes(SEAL)
    read(root, known)
    return settled(known)


def test_a_file_that_was_not_touched_is_not_read_again(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(root, remember(root, monkeypatch))["a"].hash == "remembered"


def test_other_content_of_the_same_size_and_time_is_seen(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.utime(root / "a", (OLD, OLD))
    known = remember(root, monkeypatch)
    (root / "a").write_text("other")
    os.utime(root / "a", (OLD, OLD))
    assert read(root, known)["a"].hash == SEAL.of(b"other")


def test_a_file_in_the_place_of_another_is_seen(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = remember(root, monkeypatch)
    (root / "b").write_text("other")
    (root / "b").replace(root / "a")
    assert read(root, known)["a"].hash == SEAL.of(b"other")


def test_a_file_that_is_gone_is_forgotten(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = remember(root, monkeypatch)
    (root / "a").unlink()
    assert read(root, known) == {}
    known.forget()
    assert known.folders == {str(root): {}}
    assert known.is_new


def test_odd_things_are_told_apart_and_break_nothing(root: Path) -> None:
    (root / "link").symlink_to("nowhere")
    os.mkfifo(root / "pipe")
    (root / "empty").mkdir()
    (root / os.fsdecode(b"n\xff\nl")).write_text("odd")
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(os.path.relpath(root / "s"))
    known = Hashes(SEAL)
    found = read(root, known)
    kinds = {"a": "file", "link": "link", "pipe": "other", "s": "other", "empty": "folder", "n\udcff\nl": "file"}
    assert {path: one.kind for path, one in found.items()} == kinds
    assert found["link"].hash == SEAL.of("nowhere")
    assert known.unread == []


def test_a_file_that_cannot_be_read_is_told_in_one_line(root: Path) -> None:
    tree = inputs.walk(root, Ignore())
    (root / "a").unlink()
    known = Hashes(SEAL)
    assert [one.hash for one in known.read(tree, tree.entries)] == ["?"]
    assert known.unread == ["a: No such file or directory"]


def test_what_is_kept_is_read_back_and_is_nobody_elses_business(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "hashes.json"
    known = Hashes(SEAL, {str(root): {"a\udcff": [1, 2, 3, 4, "h"]}, "/gone": {"b": [1, 2, 3, 4, "h"]}}, is_new=True)
    hashes.save(path, known)
    assert hashes.load(path, SEAL).folders == {str(root): {"a\udcff": [1, 2, 3, 4, "h"]}}
    assert path.stat().st_mode & 0o777 == 0o600
    assert hashes.load(path, Seal(b"another")).folders == {}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', '{"version": 1, "key": "x", "folders": 3}', "\x00"])
def test_what_nobody_wrote_counts_as_nothing(text: str, tmp_path: Path) -> None:
    (tmp_path / "hashes.json").write_text(text)
    assert hashes.load(tmp_path / "hashes.json", SEAL).folders == {}


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / ".drydock" / "key"
    made = hashes.key(path)
    assert hashes.key(path) == made
    assert (path.stat().st_mode & 0o777, path.stat().st_size) == (0o600, 32)
    assert [one.name for one in path.parent.iterdir()] == ["key"]
    assert made.of("a") != SEAL.of("a")


def test_a_key_that_is_none_is_one_line_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("short")
    with pytest.raises(NotReady, match="holds no key") as caught:
        hashes.key(tmp_path / "key")
    assert caught.value.remedy == f"rm {tmp_path / 'key'}"
