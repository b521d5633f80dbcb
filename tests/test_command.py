"""Processes: what comes back, what a dry run shows, and how a child ends."""

import os
import shlex
import sys
from pathlib import Path

import pytest

from drydock import command
from drydock.errors import NotReady

PYTHON = sys.executable


def test_output_code_and_time_come_back() -> None:
    result = command.run([PYTHON, "-c", "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"], env={})
    assert (result.code, result.out, result.err, result.ok) == (3, "out\n", "err\n", False)
    assert result.seconds > 0


def test_the_child_sees_only_the_environment_it_is_given() -> None:
    result = command.run([PYTHON, "-c", "import os; print(sorted(os.environ))"], env={"ONLY": "this", "LC_CTYPE": "C"})
    assert result.out.strip() == "['LC_CTYPE', 'ONLY']"


def test_stdin_text_reaches_the_child_and_without_it_there_is_none() -> None:
    echo = [PYTHON, "-c", "import sys; sys.stdout.write(sys.stdin.read())"]
    assert command.run(echo, env={}, stdin="wörds").out == "wörds"
    assert command.run(echo, env={}).out == ""


def test_a_program_that_is_not_there_is_a_machine_that_is_not_ready() -> None:
    with pytest.raises(NotReady, match="no-such-program is not installed"):
        command.run(["no-such-program"], env={"PATH": os.defpath})


def test_a_program_that_cannot_start_is_a_machine_that_is_not_ready(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    with pytest.raises(NotReady, match="broken could not be started"):
        command.run([str(broken)], env={})


def test_past_its_time_a_child_is_killed_and_the_code_says_so() -> None:
    result = command.run([PYTHON, "-c", "import time; time.sleep(60)"], env={}, timeout=0.2)
    assert result.code == 124
    assert "no answer within 0.2 s" in result.err


def test_bytes_that_are_no_text_do_no_harm() -> None:
    assert command.run([PYTHON, "-c", "import os; os.write(1, b'\\xff')"], env={}).out == "\ufffd"


@pytest.mark.parametrize(
    ("out", "err", "words"),
    [
        pytest.param("result\n", "first\nlast\n\n", "last", id="the last line of stderr"),
        pytest.param("only\n", "", "only", id="stdout where stderr is empty"),
        pytest.param("", "", "exit code 5", id="the code where there is neither"),
    ],
)
def test_last_words(out: str, err: str, words: str) -> None:
    assert command.Result(("x",), 5, out, err, 0.0).last_words == words


def test_the_last_words_of_one_that_was_killed() -> None:
    assert command.run([PYTHON, "-c", "import os; os.kill(os.getpid(), 9)"], env={}).last_words == "ended by signal 9"


def test_a_dry_run_shows_what_changes_something_and_runs_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    touch = [PYTHON, "-c", f"open({str(tmp_path / 'made')!r}, 'w')"]
    with command.dry_run(True):
        assert command.is_dry()
        shown = command.run(touch, env={}, changes=True)
        asked = command.run([PYTHON, "-c", "print(1)"], env={})
        assert command.interact(touch, env={}, changes=True) == 0
    assert shown.ok
    assert not (tmp_path / "made").exists()
    assert asked.out == "1\n"
    assert capsys.readouterr().err.count(f"$ {shlex.quote(PYTHON)} -c ") == 2
    assert not command.is_dry()


def test_a_child_left_running_is_ended_on_the_way_out() -> None:
    with command.start([PYTHON, "-c", "import time; time.sleep(60)"], env={}) as child:
        assert child.poll() is None
    assert child.returncode == -15


def test_errors_can_be_merged_into_the_output() -> None:
    both = "import sys; print('a', flush=True); print('b', file=sys.stderr)"
    with command.start([PYTHON, "-c", both], env={}, stderr=command.MERGED) as child:
        assert child.stdout is not None
        assert child.stdout.read() == b"a\nb\n"


def test_the_first_program_on_the_given_path_is_found(tmp_path: Path) -> None:
    own = tmp_path / "docker"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    assert command.find("docker", {"PATH": str(tmp_path)}) == str(own)
    assert command.find("docker", {"PATH": str(tmp_path / "empty")}) is None
