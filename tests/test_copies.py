"""Scratch copies: what lies in a folder comes along, and nothing is read or written through a link."""

import os
import socket
import subprocess
from contextlib import chdir
from pathlib import Path

import pytest

from drydock.errors import Misuse
from drydock.scenarios import copies


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/file").write_text("outside")
    source = tmp_path / "a/source"
    (source / "deep/empty").mkdir(parents=True)
    (source / "deep/file").write_text("own")
    (source / "deep/file").chmod(0o750)
    (source / "link").symlink_to("deep/file")
    (source / "away").symlink_to(tmp_path / "outside")
    return source


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_files_folders_and_links_come_along_as_they_are(source: Path, tmp_path: Path) -> None:
    copies.copy_folder(source, tmp_path / "copy", os.environ)
    assert names(tmp_path / "copy") == {"deep", "deep/empty", "deep/file", "link", "away"}
    assert (tmp_path / "copy/away").readlink() == tmp_path / "outside"
    seen, then = (tmp_path / "copy/deep/file").stat(), (source / "deep/file").stat()
    assert (seen.st_mode, seen.st_mtime_ns) == (then.st_mode, then.st_mtime_ns)


def test_what_has_no_content_is_left_out(source: Path, tmp_path: Path) -> None:
    os.mkfifo(source / "pipe")
    with socket.socket(socket.AF_UNIX) as one, chdir(source):
        one.bind("socket")
    copies.copy_folder(source, tmp_path / "copy", os.environ)
    assert not {"pipe", "socket"} & names(tmp_path / "copy")


def test_what_git_lists_behind_a_link_is_left_out(source: Path, tmp_path: Path) -> None:
    for words in (["init", "--quiet"], ["add", "--all"]):
        subprocess.run(["git", *words], cwd=source, check=True)
    (source / "deep/file").unlink()
    (source / "deep/empty").rmdir()
    (source / "deep").rmdir()
    (source / "deep").symlink_to("../../outside")
    copies.copy_folder(source, tmp_path / "b/c/d/copy", os.environ)
    assert names(tmp_path / "b/c/d/copy") == {"deep", "link", "away"}
    assert (tmp_path / "outside/file").read_text() == "outside"


@pytest.mark.parametrize("limit", ["LARGEST", "MOST"])
def test_more_than_fits_is_refused_before_anything_is_copied(
    source: Path, tmp_path: Path, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, limit, 2)
    with pytest.raises(Misuse, match="for a scratch copy"):
        copies.copy_folder(source, tmp_path / "copy", os.environ)
    assert names(tmp_path / "copy") == set()
