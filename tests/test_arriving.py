"""Archives arrive whole, and what a killed build left of them goes with the next."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from drydock.builds import archives
from drydock.errors import NotReady

WRITES = """
import pathlib, sys, time
from drydock.builds import archives
with archives.arriving(pathlib.Path(sys.argv[1])) as apart:
    (apart / "web.tar").write_text("half")
    print(apart.name, flush=True)
    time.sleep(60)
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_arrived_takes_the_place_of_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "web.tar").write_text("old")
    with archives.arriving(tmp_path) as apart:
        assert apart
        (apart / "web.tar").write_text("new")
        assert archives.arrive(apart, tmp_path) == (tmp_path / "web.tar",)
    assert names(tmp_path) == ["web.tar"]
    assert (tmp_path / "web.tar").read_text() == "new"


@pytest.mark.skipif(os.name != "posix", reason="folders cannot be held there")
def test_what_a_killed_build_left_goes_with_the_next_and_what_a_living_one_writes_stays(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", WRITES, str(tmp_path)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        left = child.stdout.readline().strip()
        with archives.arriving(tmp_path) as apart:
            assert apart
            assert names(tmp_path) == sorted([left, apart.name])
        child.send_signal(signal.SIGKILL)
    with archives.arriving(tmp_path) as apart:
        assert apart
        assert names(tmp_path) == [apart.name]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotReady, match="cannot be written"), archives.arriving(tmp_path / "file" / "out"):
        pass
