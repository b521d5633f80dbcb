"""The `drydock` command: exit codes, version, completion, any repository."""

import os
import re
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from drydock import __version__
from drydock.program import program

ROOT = Path(__file__).parent.parent


def test_the_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert program().code(["drydock", "--version"]) == 0
    assert capsys.readouterr().out == f"Drydock {__version__}\n"


def test_the_changelog_has_a_section_for_a_released_version_and_none_for_one_to_come() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## \[(\S+)\](?: - (\d{4}-\d\d-\d\d))?$", text, re.MULTILINE))
    newest, *released = sections
    assert (newest, all(sections[one] for one in released)) == ("Unreleased", True)
    version, _, to_come = __version__.partition(".dev")
    assert version not in released if to_come else released[0] == version


@pytest.mark.parametrize(
    ("words", "message", "remedy"),
    [
        pytest.param(["build", "--nope"], "'--nope'", "drydock --help build", id="a flag that no task has"),
        pytest.param(["nope"], "'nope'", "drydock --help", id="no such task"),
        pytest.param(["--nope"], "'--nope'", "drydock --help", id="no such flag of the program"),
        pytest.param(["logs", "--lines", "few"], "--lines few", "--lines 100", id="a number that is none"),
        pytest.param(["logs", "--lines=-4"], "--lines -4", "--lines 100", id="a number below nothing"),
        pytest.param(["up", "--timeout", "0"], "--timeout 0", "--timeout 120", id="no time to wait"),
        pytest.param(["size", "--top", "0"], "--top 0", "--top 10", id="the largest none"),
        pytest.param(["bench", "--runs", "x"], "--runs x", "--runs 3", id="runs of a benchmark"),
        pytest.param(["prove", "--runs=-1"], "--runs -1", "--runs 3", id="runs of a proof"),
        pytest.param(["prove", "--minutes", "0"], "--minutes 0", "--minutes 30", id="no time to build"),
        pytest.param(["ps", "--root"], "needed value", "drydock --help ps", id="a flag without its value"),
    ],
)
def test_wrong_use_is_2_and_names_the_help(
    words: list[str], message: str, remedy: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program().code(["drydock", *words]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("error: ")
    assert message in first
    assert second == f"remedy: {remedy}"


def test_a_folder_that_is_not_there_is_wrong_use(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert program().code(["drydock", "ps", "--root", str(tmp_path / "gone")]) == 2
    assert "gone is not a folder" in capsys.readouterr().err


def test_the_package_is_a_program_too() -> None:
    shown = subprocess.run([sys.executable, "-m", "drydock", "--version"], cwd=ROOT, capture_output=True, text=True)
    assert shown.stdout == f"Drydock {__version__}\n"


def test_invoke_does_without_what_it_hardly_uses_and_has_it_once_it_is_asked(tmp_path: Path) -> None:
    script = """
import sys
import drydock.program
assert not {"unittest.mock", "invoke.vendor.yaml", "importlib.metadata"} & set(sys.modules)
from importlib import metadata
from invoke import Config, MockContext, Result
assert metadata.version("invoke")
assert MockContext(run=Result("said"), repeat=True).run("anything").stdout == "said"
assert Config(user_prefix=sys.argv[1]).tasks.dedupe is False
"""
    (tmp_path / "invoke.yaml").write_text("tasks: {dedupe: false}\n")
    ran = subprocess.run([sys.executable, "-c", script, f"{tmp_path}/"], cwd=ROOT, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_what_a_later_invoke_may_want_besides_is_the_real_thing() -> None:
    script = """
from drydock.sparing import sparing
with sparing():
    from unittest.mock import patch
import unittest.mock
assert patch is unittest.mock.patch
"""
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (0, "")


def test_help_lists_every_task(capsys: pytest.CaptureFixture[str]) -> None:
    assert program().code(["drydock", "--help"]) == 0
    shown = capsys.readouterr().out
    for name in ("build", "up", "down", "doctor", "size", "engine"):
        assert f"\n  {name} " in shown


def dev(*words: str) -> "subprocess.CompletedProcess[str]":
    """What `./dev` hands over to, started as it does it, from another folder."""
    environ = {**os.environ, "DRYDOCK_STARTED_AS": "./dev"}
    argv = [sys.executable, str(ROOT / "tasks.py"), *words]
    return subprocess.run(argv, cwd=ROOT.parent, env=environ, capture_output=True, text=True)


@pytest.mark.parametrize("words", [pytest.param([], id="alone"), pytest.param(["--help"], id="asked for help")])
def test_dev_says_what_it_is_and_which_words_it_takes(words: list[str]) -> None:
    shown = dev(*words)
    assert (shown.returncode, shown.stderr) == (0, "")
    for word in ("./dev test ", "./dev nox ", "./dev TASK ", "\n  build ", "\n  why "):
        assert word in shown.stdout


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        pytest.param(["nope"], "./dev --help", id="no such task"),
        pytest.param(["ps", "--nope"], "./dev --help ps", id="no such flag"),
        pytest.param(["ci", "--job"], "./dev --help ci", id="a flag without its value"),
    ],
)
def test_wrong_words_for_dev_are_2_and_lead_to_its_own_help(words: list[str], remedy: str) -> None:
    shown = dev(*words)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert shown.stderr.splitlines()[1] == f"remedy: {remedy}"


@pytest.mark.parametrize("buffered", [pytest.param("", id="in one piece"), pytest.param("1", id="line by line")])
def test_a_reader_that_has_read_enough_of_the_help_is_no_bug(buffered: str) -> None:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    script = "from drydock.program import program; program().run(['drydock', '--help'])"
    environ = {**os.environ, "PYTHONUNBUFFERED": buffered}
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=environ, **pipes) as task:  # type: ignore[call-overload]
        task.stdout.close()
        assert (task.wait(20), task.stderr.read()) == (0, "")


def test_run_leaves_with_the_code() -> None:
    with pytest.raises(SystemExit) as left:
        program().run(["drydock", "nope"])
    assert left.value.code == 2
    program().run(["drydock", "nope"], exit=False)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_of_each_shell_is_for_drydock(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert program().code(["drydock", "--print-completion-script", shell]) == 0
    assert "_complete_drydock" in capsys.readouterr().out


def test_completion_knows_the_flags_of_a_task(capsys: pytest.CaptureFixture[str]) -> None:
    assert program().code(["drydock", "--complete", "--", "drydock build --no"]) == 0
    assert "--target" in capsys.readouterr().out.split()


WAITING = """
import sys
from invoke.collection import Collection
from drydock.program import Drydock
from drydock.tasks import verb

@verb()
def wait(c):
    try:
        print("at work", flush=True)
        sys.stdin.readline()
    finally:
        print("cleaning", flush=True)
        sys.stdin.readline()
        print("clean", flush=True)

Drydock(namespace=Collection(wait)).run(["drydock", "wait"])
"""


@pytest.mark.parametrize(
    ("first", "later"),
    [
        pytest.param(signal.SIGINT, None, id="Ctrl-C"),
        pytest.param(signal.SIGTERM, None, id="what ends a process in the background"),
        pytest.param(signal.SIGHUP, None, id="a terminal that is closed"),
        pytest.param(signal.SIGTERM, signal.SIGTERM, id="told twice, as timeout does"),
        pytest.param(signal.SIGHUP, signal.SIGTERM, id="a session that ends"),
    ],
)
def test_an_interrupt_while_a_task_runs_is_130_after_it_has_cleaned_up(
    first: signal.Signals, later: signal.Signals | None
) -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", WAITING], cwd=ROOT, text=True, **pipes) as task:  # type: ignore[call-overload]
        assert task.stdout.readline() == "at work\n"
        task.send_signal(first)
        assert task.stdout.readline() == "cleaning\n"
        if later:
            task.send_signal(later)
        assert task.communicate("\n", timeout=20) == ("clean\n", "interrupted\n")
        assert task.returncode == 130


def test_the_package_is_built_from_the_version_the_command_shows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["tool"]["hatch"]["version"]["path"] == "drydock/__init__.py"
    assert project["project"]["scripts"]["drydock"] == "drydock.program:main"
