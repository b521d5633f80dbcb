"""How nox runs what finds or brings an engine: its exit code is nox's, and Ctrl-C lets it clean up."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

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
        assert run.communicate(timeout=60) == ("cleaned up\n", None)
        assert run.returncode == -signal.SIGINT
