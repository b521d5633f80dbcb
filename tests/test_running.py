"""Which builds run now: one entry for each, renewed while it runs, taken out however it ends."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from drydock import command, config
from drydock.builds import running
from drydock.builds.told import Finished, Running, Snapshot
from drydock.config import Config
from drydock.events import Event, Phase, silent
from drydock.measures.build import Step

PROJECT = Path(__file__).resolve().parents[1]
WEB = Running("web", "app: RUN make", total=9, done=4, cached=3, expected=None, over=False)
API = Running("api", "", total=3, done=3, cached=3, expected=None, over=True)


@pytest.fixture
def repository(tmp_path: Path) -> Config:
    return config.load(tmp_path, os.environ)


def entries(repository: Config) -> list[dict[str, Any]]:
    path = repository.state / running.FILE
    return list(json.loads(path.read_text())["builds"]) if path.exists() else []


def wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "EACH", 0.02)


def put(repository: Config, **words: Any) -> None:
    entry = {"pid": os.getpid(), "images": ["other"], "started": "", "done": 0, "total": None, "step": "", **words}
    repository.state.mkdir(exist_ok=True)
    (repository.state / running.FILE).write_text(json.dumps({"builds": [entry]}))


def ago(seconds: float) -> str:
    """When it was so many seconds ago."""
    return (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()


def test_a_build_shorter_than_a_second_writes_nothing(repository: Config) -> None:
    with running.shown(repository, ["web"], silent) as tell:
        tell(Snapshot((WEB,), 0.5))
    assert not repository.state.exists()


def test_a_build_says_how_far_it_is_and_is_gone_in_the_end(repository: Config, quick: None) -> None:
    told = list[Event]()
    before = os.umask(0o077)
    try:
        with running.shown(repository, ["web", "api"], told.append) as tell:
            tell(Snapshot((API, WEB), 0.5))
            wait(lambda: bool(entries(repository)))
            (entry,) = entries(repository)
            assert (repository.state / running.FILE).stat().st_mode & 0o777 == 0o644
            assert repository.state.stat().st_mode & 0o777 == 0o755
    finally:
        os.umask(before)
    assert told == [Snapshot((API, WEB), 0.5)]
    assert (entry["pid"], entry["images"]) == (os.getpid(), ["web", "api"])
    assert (entry["done"], entry["total"], entry["step"]) == (7, 12, "web: app: RUN make")
    assert datetime.fromisoformat(entry["started"]) <= datetime.fromisoformat(entry["beat"])
    assert not (repository.state / running.FILE).exists()


def test_a_step_that_says_nothing_for_long_still_counts(repository: Config, quick: None) -> None:
    with running.shown(repository, ["web"], silent):
        wait(lambda: bool(entries(repository)))
        first = entries(repository)[0]["beat"]
        wait(lambda: entries(repository)[0]["beat"] > first)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        pytest.param([], (0, None, ""), id="nothing yet"),
        pytest.param([Snapshot((), 0.0)], (0, None, ""), id="no step is known yet"),
        pytest.param(
            [
                Finished(Step("web", "app", "RUN a", 1, 0, 1, False)),
                Finished(Step("web", "app", "RUN b", 2, 0, 1, False)),
            ],
            (2, None, "web: RUN b"),
            id="the classic builder",
        ),
        pytest.param([Snapshot((WEB,), 1.0), Phase("weigh", "web:local")], (4, 9, "weighing web:local"), id="weighing"),
        pytest.param(
            [Snapshot((WEB,), 1.0), Finished(Step("web", "app", "RUN a", 1, 0, 1, False))],
            (4, 9, "web: app: RUN make"),
            id="BuildKit tells of its own how many are done",
        ),
    ],
)
def test_what_is_told_becomes_how_far_it_is(
    repository: Config, quick: None, told: list[Event], said: tuple[int, int | None, str]
) -> None:
    with running.shown(repository, ["web"], silent) as tell:
        for event in told:
            tell(event)
        wait(lambda: bool(entries(repository)))
        wait(lambda: tuple(entries(repository)[0][key] for key in ("done", "total", "step")) == said)


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit, ValueError])
def test_a_build_that_is_cut_off_is_gone(repository: Config, quick: None, ending: type[BaseException]) -> None:
    def build() -> None:
        with running.shown(repository, ["web"], silent):
            wait(lambda: bool(entries(repository)))
            raise ending

    with pytest.raises(ending):
        build()
    assert not (repository.state / running.FILE).exists()


@pytest.mark.parametrize(
    ("pid", "beat", "stays"),
    [
        pytest.param(os.getppid(), 1, True, id="another build that runs"),
        pytest.param(2**22 + 7, 1, False, id="its process is gone"),
        pytest.param(os.getppid(), 16, False, id="nobody renewed it"),
        pytest.param(os.getppid(), "yesterday", False, id="no time"),
        pytest.param(os.getppid(), "2026-01-01T00:00:00", False, id="a time without a zone"),
        pytest.param("1", 1, False, id="no process"),
    ],
)
def test_the_entry_of_another_build_stays_as_long_as_it_runs(
    repository: Config, quick: None, pid: Any, beat: float | str, stays: bool
) -> None:
    put(repository, pid=pid, beat=beat if isinstance(beat, str) else ago(beat))
    with running.shown(repository, ["web"], silent):
        wait(lambda: ["web"] in [one["images"] for one in entries(repository)])
        assert len(entries(repository)) == 1 + stays
    assert len(entries(repository)) == stays


@pytest.mark.parametrize("content", ["", "[", "[]", '{"builds": 3}', '{"builds": [3]}', "\xff"])
def test_a_file_that_nobody_wrote_so_is_replaced(repository: Config, quick: None, content: str) -> None:
    repository.state.mkdir()
    (repository.state / running.FILE).write_bytes(content.encode("latin-1"))
    with running.shown(repository, ["web"], silent):
        wait(lambda: b"web" in (repository.state / running.FILE).read_bytes())


def test_a_dry_run_is_no_build_that_runs(repository: Config) -> None:
    put(repository, pid=os.getpid(), beat=ago(1000))
    with command.dry_run(True), running.shown(repository, ["web"], silent) as tell:
        assert tell is silent
    assert [one["images"] for one in entries(repository)] == [["other"]]


def test_where_nothing_can_be_written_the_build_goes_on(repository: Config, quick: None) -> None:
    repository.state.write_text("a file where the folder should be")
    before = threading.active_count()
    with running.shown(repository, ["web"], silent) as tell:
        wait(lambda: threading.active_count() == before)
        tell(Snapshot((WEB,), 1.0))
    assert repository.state.is_file()


TWO = """
import os, sys
from pathlib import Path
from drydock import config, interrupts
from drydock.builds import running
from drydock.events import silent
running.EACH = 0.02
settings = config.load(Path(sys.argv[1]), os.environ)
with interrupts.as_ctrl_c(), running.shown(settings, [sys.argv[2]], silent):
    print("begun", flush=True)
    sys.stdin.read()
"""


def start(repository: Config, name: str) -> "subprocess.Popen[bytes]":
    environ = {**os.environ, "PYTHONPATH": str(PROJECT)}
    argv = [sys.executable, "-c", TWO, str(repository.root), name]
    child = subprocess.Popen(argv, env=environ, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"begun\n"
    return child


def names(repository: Config) -> list[str]:
    return sorted(one["images"][0] for one in entries(repository))


def test_two_builds_at_once_are_both_shown_and_a_kill_is_noticed_by_the_next_to_write(repository: Config) -> None:
    one, two = start(repository, "one"), start(repository, "two")
    wait(lambda: names(repository) == ["one", "two"])
    one.kill()
    one.communicate()
    wait(lambda: names(repository) == ["two"])
    two.communicate()
    assert entries(repository) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_takes_the_entry_out(repository: Config, number: signal.Signals) -> None:
    child = start(repository, "one")
    wait(lambda: names(repository) == ["one"])
    child.send_signal(number)
    assert child.wait(timeout=20) == -signal.SIGINT
    child.communicate()
    assert not (repository.state / running.FILE).exists()
