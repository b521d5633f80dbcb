"""What a command makes outside of the repository, and what the next one removes of a command that was killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from drydock import command, config, files
from drydock.config import Config
from drydock.engines import processes, scratch
from drydock.events import silent
from tests.test_oci import engine

from .conftest import FakeDocker

PROJECT = Path(__file__).resolve().parents[1]
KILLED = """
import os, subprocess, sys
from pathlib import Path
from drydock import config
from drydock.engines import processes, scratch
from tests.test_oci import engine
here = config.load(Path(sys.argv[1]), os.environ)
with scratch.opened(here, engine(os.environ), "proof", print) as place:
    (place.folder / "copy").mkdir()
    place.took(["sha256:one"])
    child = subprocess.Popen(["sleep", "600"], env=place.engine.environ)
    print(place.mark, place.folder, child.pid, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def here(tmp_path: Path, docker: FakeDocker) -> Config:
    root = tmp_path / "repository"
    root.mkdir()
    for words in ("container", "network"):
        docker.says(words, "ls")
    docker.says("image", "ls")
    docker.says("image", "inspect", out="[]")
    return config.load(root, {**docker.environ, "DRYDOCK_HOME": str(tmp_path / "home")})


@contextmanager
def begun(here: Config) -> Iterator[tuple["subprocess.Popen[str]", str, Path, int]]:
    """A command at work in a process of its own: the process, its mark, its scratch folder, and what it started."""
    environ = {**here.environ, "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(here.root)],
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        mark, folder, started = child.stdout.readline().split()
        yield child, mark, Path(folder), int(started)
        child.kill()


def killed(here: Config) -> tuple[str, Path, int]:
    """A command that was killed at its work: its mark, its scratch folder, and what it started, which goes on."""
    with begun(here) as (child, mark, folder, started):
        child.kill()
        child.wait()
    return mark, folder, started


def runs(here: Config) -> list[str]:
    return sorted(path.name for path in (here.home / "runs").iterdir())


def test_a_dry_run_removes_nothing_that_a_killed_command_left(here: Config) -> None:
    mark, folder, _ = killed(here)
    with command.dry_run(True), scratch.opened(here, engine(here.environ), "bench", silent):
        assert folder.is_dir()
    assert runs(here) == [mark]
    scratch.sweep(here, engine(here.environ), silent)
    assert (folder.exists(), runs(here)) == (False, [])


def test_files_that_a_kill_left_by_half_are_removed_wherever_they_lie_in_the_home(here: Config) -> None:
    places = [
        here.home / name for name in (".probe.json.w896v28c.unfinished", "contents/.layer.json.gz.w896v28c.unfinished")
    ]
    for path in places:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{")
    scratch.sweep(here, engine(here.environ), silent)
    assert [path for path in places if path.exists()] == []


def test_a_command_leaves_neither_folder_nor_record(here: Config) -> None:
    with scratch.opened(here, engine(here.environ), "bench", silent) as place:
        assert (runs(here), place.folder.is_dir()) == ([place.mark], True)
        assert place.engine.environ["DRYDOCK_RUN"] == place.mark
    assert (runs(here), place.folder.exists()) == ([], False)


def test_what_a_killed_command_left_is_removed_by_the_next_one(here: Config, docker: FakeDocker) -> None:
    mark, folder, child = killed(here)
    assert (runs(here), folder.is_dir(), processes.carrying(f"DRYDOCK_RUN={mark}")) == ([mark], True, {child})
    docker.says("container", "ls", out="c1\nc2\n")
    docker.says("network", "ls", out="n1\n")
    docker.says("image", "ls", out="drydock-proof/web:before-x\n")
    docker.says(
        "image", "inspect", out=json.dumps([{"Id": "sha256:i", "RepoTags": []}, {"Id": "sha256:j", "RepoTags": ["a"]}])
    )
    for words in (("container", "rm"), ("network", "rm"), ("image", "rm")):
        docker.says(*words)
    scratch.sweep(here, engine(here.environ), silent)
    assert (runs(here), folder.exists()) == ([], False)
    assert docker.calls == [
        ["container", "ls", "--all", "--quiet", "--filter", f"label=drydock.run={mark}"],
        ["container", "rm", "--force", "--volumes", "c1", "c2"],
        ["network", "ls", "--quiet", "--filter", f"label=drydock.run={mark}"],
        ["network", "rm", "n1"],
        ["image", "ls", "--format={{.Repository}}:{{.Tag}}", f"--filter=reference=drydock-*/*:*-{mark}"],
        ["image", "rm", "drydock-proof/web:before-x"],
        ["image", "inspect", "sha256:one"],
        ["image", "rm", "sha256:i"],
    ]
    assert processes.carrying(f"DRYDOCK_RUN={mark}") == set()


def test_a_command_that_lives_keeps_what_is_its_own(here: Config, docker: FakeDocker) -> None:
    with begun(here) as (child, mark, folder, started):
        scratch.sweep(here, engine(here.environ), silent)
        assert (runs(here), folder.is_dir(), docker.calls) == ([mark], True, [])
        os.kill(started, signal.SIGTERM)
        child.communicate("")
        assert child.returncode == 0


def test_where_the_engine_does_not_answer_the_record_stays_for_the_next_command(
    here: Config, docker: FakeDocker
) -> None:
    mark, folder, _ = killed(here)
    docker.says("container", "ls", code=1)
    scratch.sweep(here, engine(here.environ), silent)
    assert (runs(here), folder.exists()) == ([mark], False)
    docker.says("container", "ls")
    scratch.sweep(here, engine(here.environ), silent)
    assert runs(here) == []


def test_what_lies_in_another_engine_waits_for_that_one(here: Config, docker: FakeDocker) -> None:
    mark, _, _ = killed(here)
    record = here.home / "runs" / mark
    record.write_text(record.read_text().replace("unix:///x", "unix:///other"))
    scratch.sweep(here, engine(here.environ), silent)
    assert (runs(here), docker.calls) == ([mark], [])


@pytest.mark.parametrize("content", ["", "{", "[]", '{"folder": "/etc"}', '{"folder": "/tmp/drydock-nothing"'])
def test_a_record_that_was_cut_off_removes_nothing_that_is_not_ours(here: Config, content: str) -> None:
    (here.home / "runs").mkdir(parents=True)
    (here.home / "runs" / "abc").write_text(content)
    scratch.sweep(here, engine(here.environ), silent)
    assert (runs(here), Path("/etc").is_dir()) == ([], True)


def test_a_link_in_the_place_of_a_scratch_folder_is_not_followed(here: Config, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "drydock-proof-x").symlink_to(tmp_path / "mine")
    (here.home / "runs").mkdir(parents=True)
    (here.home / "runs" / "x").write_text(json.dumps({"folder": str(tmp_path / "drydock-proof-x"), "host": ""}))
    scratch.sweep(here, engine(here.environ), silent)
    assert (tmp_path / "mine").is_dir()


def test_a_home_that_cannot_be_written_leaves_no_record_and_stops_nothing(here: Config) -> None:
    here.home.write_text("in the way")
    with scratch.opened(here, engine(here.environ), "build", silent, only_folder=True) as place:
        assert place.folder.is_dir()
    assert not place.folder.exists()


def test_files_that_a_killed_writer_began_are_swept_and_those_of_a_living_one_stay(tmp_path: Path) -> None:
    (tmp_path / ".a.json.abcdefgh.unfinished").write_text("ha")
    (tmp_path / ".unfinished").write_text("no name of ours")
    with (tmp_path / ".b.json.abcdefgh.unfinished").open("w") as living:
        files.hold(living.fileno())
        files.sweep(tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir()) == [".b.json.abcdefgh.unfinished", ".unfinished"]
