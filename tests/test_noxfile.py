"""Our nox sessions: which tests they run, and how they run what finds or brings an engine."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import noxfile

ROOT = Path(__file__).parent.parent
BIN = str(Path(sys.executable).parent)
SESSION = """\
import sys
import noxfile
from types import SimpleNamespace
env = {"GONE": None, "SET": "x"}
session = SimpleNamespace(bin=sys.argv[1], bin_paths=[sys.argv[1]], env=env, log=lambda line: None)
noxfile.ready(session, "-c", sys.argv[2])
"""
SLOW = """\
import time
try:
    print("begun", flush=True)
    time.sleep(300)
except KeyboardInterrupt:
    time.sleep(0.8)  # longer than Python's own call of a program waits for it
    print("cleaned up")
"""


def ready(script: str) -> list[str]:
    """A session of nox that runs a script of Python."""
    return [sys.executable, "-c", SESSION, BIN, script]


@pytest.mark.parametrize("code", [0, 3])
def test_the_exit_code_is_that_of_what_it_ran(code: int) -> None:
    assert subprocess.run(ready(f"raise SystemExit({code})"), cwd=ROOT).returncode == code


def test_it_runs_in_the_environment_of_the_session() -> None:
    script = "import os; print(os.environ.get('GONE'), os.environ['SET'], os.environ['PATH'])"
    env = {**os.environ, "GONE": "y"}
    out = subprocess.run(ready(script), cwd=ROOT, env=env, capture_output=True, text=True).stdout
    assert out.rstrip("\n") == f"None x {os.pathsep.join([BIN, os.environ['PATH']])}"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no process groups to interrupt")
def test_ctrl_c_waits_until_what_it_ran_has_cleaned_up() -> None:
    with subprocess.Popen(ready(SLOW), cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "begun\n"
        os.killpg(run.pid, signal.SIGINT)
        assert run.stdout.read() == "cleaned up\n"
    assert run.returncode == -signal.SIGINT


Ran = list[tuple[tuple[str, ...], dict[str, Any]]]
Start = Callable[..., Ran]


@pytest.fixture
def start(tmp_path: Path, fake: Any) -> Start:
    """Starts a session with words behind `--`, and gives what it would run, with which keywords."""
    python = fake("python")
    python.says()

    def start(session: Any, *posargs: str) -> Ran:
        ran: Ran = []
        place = {
            "bin": str(python.folder),
            "bin_paths": [],
            "env": {},
            "virtualenv": SimpleNamespace(location=tmp_path),
        }
        does = {"run": lambda *words, **how: ran.append((words, how)), "log": print, "install": print}
        session(SimpleNamespace(posargs=posargs, **place, **does))
        return ran

    return start


@pytest.mark.parametrize("session", [noxfile.docker_test, noxfile.browser, noxfile.long, noxfile.faults])
def test_tests_of_the_engine_know_of_no_builder_beside_it(session: Any, start: Start) -> None:
    words, how = start(session)[-1]
    assert words[:3] == ("python", "-m", "pytest")
    assert how["env"] == {"BUILDX_BUILDER": None}


def test_words_for_the_long_tests_leave_out_the_made_up_files(start: Start) -> None:
    fuzz, engine = start(noxfile.long)
    assert (fuzz[0][3], engine[0][3]) == ("tests/test_audit_fuzz.py", "tests/engine/long")
    ((words, _),) = start(noxfile.long, "--one-in", "10")
    assert words[3:] == ("tests/engine/long", "--one-in", "10")
