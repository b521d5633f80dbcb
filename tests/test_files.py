"""Files written whole or not at all."""

from pathlib import Path

import pytest

from drydock import files
from drydock.errors import Misuse, NotReady


def test_text_arrives_byte_for_byte_in_folders_that_were_missing(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "a.txt"
    files.replace(path, "one\r\ntwo\n")
    assert path.read_bytes() == b"one\r\ntwo\n"


def test_an_existing_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    path.chmod(0o640)
    files.replace(path, "new")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("new", 0o640)


def test_a_link_stays_a_link_and_its_target_changes(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to("target")
    files.replace(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"


def test_text_that_cannot_be_encoded_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        files.replace(path, "\ud800")
    assert [found.name for found in tmp_path.iterdir()] == ["a.txt"]
    assert path.read_text() == "old"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(NotReady, match="cannot be written"):
        files.replace(tmp_path / "file" / "a.txt", "x")


def test_below_a_root_no_folder_that_is_a_link_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "root/away").symlink_to("../outside")
    with pytest.raises(Misuse, match=r"away/a\.txt lies behind a link"):
        files.replace_below(tmp_path / "root", "away/a.txt", b"x")
    assert [*(tmp_path / "outside").iterdir()] == []


def test_below_a_root_a_link_in_the_place_of_a_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("kept")
    (tmp_path / "root").mkdir()
    (tmp_path / "root/a.txt").symlink_to("../outside")
    files.replace_below(tmp_path / "root", "a.txt", b"new")
    assert ((tmp_path / "root/a.txt").read_text(), (tmp_path / "outside").read_text()) == ("new", "kept")


def test_below_a_root_folders_are_made_and_a_mode_is_kept(tmp_path: Path) -> None:
    files.replace_below(tmp_path, "deep/er/a.txt", b"one")
    path = tmp_path / "deep/er/a.txt"
    path.chmod(0o640)
    files.replace_below(tmp_path, "deep/er/a.txt", b"two")
    assert (path.read_bytes(), path.stat().st_mode & 0o777, len([*path.parent.iterdir()])) == (b"two", 0o640, 1)
