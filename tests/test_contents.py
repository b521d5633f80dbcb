"""What is kept of layers, and what is made of what cannot be used."""

import gzip
import os
from pathlib import Path

import pytest

from drydock import config
from drydock.config import Config
from drydock.measures import contents
from drydock.measures.contents import Contents, Entry, Record, Sort

LAYER = Contents(
    "sha256:" + "a" * 64,
    (Entry("usr", Sort.FOLDER), Entry("usr/\udcff.py", Sort.FILE, 7), Entry("lib", Sort.LINK, target="usr/lib")),
    (Record("var/lib/dpkg/status", (("a", "1"), ("b", ""))), Record("x/RECORD", (("x", "1"),), ("x/\udcff", "y"))),
)


@pytest.fixture
def settings(tmp_path: Path) -> Config:
    return config.load(tmp_path, os.environ)


def test_what_is_in_a_layer_is_kept_for_every_repository(settings: Config, tmp_path: Path) -> None:
    contents.remember(settings, [LAYER])
    (tmp_path / "other").mkdir()
    other = config.load(tmp_path / "other", os.environ)
    assert contents.is_kept(other, LAYER.diff_id)
    assert contents.recall(other, LAYER.diff_id) == LAYER
    assert contents.recall(other, "sha256:b") is None


@pytest.mark.parametrize(
    "kept",
    [
        b"",
        b"no gzip",
        gzip.compress(b"{"),
        gzip.compress(b"[]"),
        gzip.compress(b'{"format": 99}'),
        gzip.compress(b"{}")[:9],
    ],
    ids=["empty", "not packed", "no JSON", "another document", "a newer one", "cut off"],
)
def test_what_cannot_be_used_is_as_if_it_were_not_there(settings: Config, kept: bytes) -> None:
    contents.remember(settings, [LAYER])
    (path,) = (settings.home / "contents").iterdir()
    path.write_bytes(kept)
    assert contents.recall(settings, LAYER.diff_id) is None


def test_a_home_that_takes_no_writes_costs_nothing_but_time(settings: Config) -> None:
    settings.home.mkdir(parents=True)
    (settings.home / "contents").write_text("a file where the folder should be")
    contents.remember(settings, [LAYER])
    assert contents.recall(settings, LAYER.diff_id) is None
