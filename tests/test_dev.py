"""`dev`: from a bare Python to tasks and nox. The lock of these clones is empty: nothing is fetched."""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from drydock import bootstrap
from drydock.errors import NotReady

ROOT = Path(__file__).parent.parent
SHOW = (
    'import json, os, sys; print(json.dumps([sys.argv[1:], os.environ.get("DRYDOCK_YES"), os.getcwd()])); sys.exit(7)'
)


def clone(folder: Path) -> Path:
    """A repository with `dev` and stand-ins for tasks and nox that print what they are given and end with 7."""
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "dev", folder / "dev")
    (folder / "drydock").symlink_to(ROOT / "drydock")
    for name in ("tasks", "nox"):
        (folder / f"{name}.py").write_text(SHOW)
    (folder / "requirements.lock").write_text("# nothing\n")
    return folder


def start(folder: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(folder / "dev"), *words],
        env={**os.environ, **environ},
        cwd=folder.parent,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone in a folder with spaces, started once."""
    folder = clone(tmp_path_factory.mktemp("a folder") / "the clone")
    first = start(folder, "build")
    assert first.returncode == 7, first.stderr
    assert "packages  making .venv" in first.stderr
    assert "packages  done  (" in first.stderr
    return folder


def test_a_second_start_makes_nothing_and_says_nothing(made: Path) -> None:
    before = (made / ".venv" / bootstrap.STAMP).stat().st_mtime_ns
    assert start(made, "build").stderr == ""
    assert (made / ".venv" / bootstrap.STAMP).stat().st_mtime_ns == before


def test_words_code_and_folder_of_the_user_are_kept(made: Path) -> None:
    run = start(made, "build", "--service", "back end")
    assert run.returncode == 7
    words = ["build", "--service", "back end"]
    assert ast.literal_eval(run.stdout.replace("null", "None")) == [words, None, str(made.parent)]


def test_a_changed_lock_makes_the_environment_anew(made: Path) -> None:
    (made / ".venv" / "left over").touch()
    with (made / "requirements.lock").open("a") as lock:
        lock.write("# still nothing\n")
    assert "packages  done" in start(made).stderr
    assert not (made / ".venv" / "left over").exists()


def test_a_start_that_was_killed_is_mended_by_the_next_though_two_come_at_once(tmp_path: Path) -> None:
    folder = clone(tmp_path / "clone")
    with subprocess.Popen([sys.executable, folder / "dev"], stderr=subprocess.PIPE, text=True) as first:
        assert first.stderr is not None
        assert first.stderr.readline() == "packages  making .venv\n"
        first.kill()
    assert (folder / ".venv" / bootstrap.STAMP).read_text() == ""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    both = [subprocess.Popen([sys.executable, folder / "dev"], **pipes) for _ in range(2)]  # type: ignore[call-overload]
    said = [process.communicate(timeout=300) for process in both]
    assert [process.returncode for process in both] == [7, 7], said
    assert "".join(err for _, err in said).count("packages  done") == 1


def test_without_a_registry_it_is_one_line_a_remedy_and_code_3(tmp_path: Path) -> None:
    folder = clone(tmp_path / "clone")
    (folder / "requirements.lock").write_text("nowhere-to-be-found==1 --hash=sha256:" + "0" * 64 + "\n")
    run = start(folder, PIP_NO_INDEX="1", PIP_FIND_LINKS="")
    assert run.returncode == 3
    error, remedy = run.stderr.splitlines()[1:]
    assert error.startswith("error: packages could not be installed: No matching distribution")
    assert remedy.startswith("remedy: check the network")


def test_an_environment_that_somebody_else_made_is_left_alone(tmp_path: Path) -> None:
    folder = clone(tmp_path / "clone")
    (folder / ".venv").mkdir()
    (folder / ".venv" / "theirs").touch()
    run = start(folder)
    assert run.returncode == 3
    assert f"error: {folder / '.venv'} was not made by dev" in run.stderr
    assert (folder / ".venv" / "theirs").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    folder = clone(tmp_path / "clone")
    (folder / ".drydock").touch()  # where the lock file's folder should be; root may write anywhere else
    run = start(folder)
    assert run.returncode == 3
    assert run.stderr.startswith(f"error: {folder / '.venv'} could not be made: ")


def test_a_python_without_ensurepip_names_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(NotReady) as raised:
        bootstrap.ensure(clone(tmp_path / "clone"), os.environ)
    assert raised.value.remedy == f"apt install python{sys.version_info[0]}.{sys.version_info[1]}-venv"


@pytest.mark.parametrize("version", [(2, 7), (3, 6), (3, 10)])
def test_an_old_python_gets_one_clear_line(version: tuple[int, int]) -> None:
    script = f"import runpy, sys; sys.version_info = {version}; runpy.run_path({str(ROOT / 'dev')!r})"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert run.returncode == 3
    assert run.stderr.splitlines() == [
        f"error: Drydock needs Python 3.11 or newer; this is {version[0]}.{version[1]}",
        "remedy: python3.11 dev",
    ]


def test_an_old_python_can_read_the_file() -> None:
    source = (ROOT / "dev").read_text()
    tree = ast.parse(source, feature_version=(3, 4))
    newer = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Match, ast.AsyncFunctionDef)
    assert not [node for node in ast.walk(tree) if isinstance(node, newer)]


@pytest.mark.parametrize(
    ("words", "program", "rest", "yes"),
    [
        pytest.param([], "tasks", [], False, id="alone"),
        pytest.param(["up"], "tasks", ["up"], False, id="a task"),
        pytest.param(["up", "--yes", "--dev"], "tasks", ["up", "--dev"], True, id="consent, wherever it stands"),
        pytest.param(["--yes", "up"], "tasks", ["up"], True, id="consent, before the task"),
        pytest.param(["test"], "nox", [], False, id="test is what nox does by default"),
        pytest.param(["test", "--yes"], "nox", [], True, id="nox knows no --yes"),
        pytest.param(["nox", "-s", "docs"], "nox", ["-s", "docs"], False, id="nox, with its own words"),
        pytest.param(
            ["nox", "-s", "tests", "--", "--yes"],
            "nox",
            ["-s", "tests", "--", "--yes"],
            False,
            id="what is behind -- belongs to others",
        ),
    ],
)
def test_words_go_to_the_tasks_or_to_nox(words: list[str], program: str, rest: list[str], yes: bool) -> None:
    root = Path("/a folder")
    argv, environ = bootstrap.command(root, words, {"A": "1"})
    nox = ["-m", "nox", "--noxfile", str(root / "noxfile.py")]
    words = nox if program == "nox" else [str(root / "tasks.py")]
    assert argv == [str(bootstrap.interpreter(root)), "-P", *words, *rest]
    expected: Mapping[str, str] = {"A": "1", "DRYDOCK_YES": "1"} if yes else {"A": "1"}
    assert environ == expected


@pytest.mark.skipif(os.name == "nt", reason="Windows runs no script by itself")
@pytest.mark.parametrize(
    ("script", "command"),
    [
        pytest.param("./dev", "./dev", id="in the folder"),
        pytest.param("/my clone/dev", "'/my clone/dev'", id="from elsewhere, with a blank"),
        pytest.param("dev", f"{Path(sys.executable).stem} dev", id="given to an interpreter"),
    ],
)
def test_it_can_say_how_it_was_started(script: str, command: str) -> None:
    assert bootstrap.started_as(script) == command


def test_the_lock_names_every_dependency_with_its_hash_and_no_address() -> None:
    import tomllib

    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    lock = (ROOT / "requirements.lock").read_text()
    pinned = [line.partition("==")[0] for line in lock.splitlines() if "==" in line]
    for requirement in wanted:
        assert requirement.partition(">=")[0].lower() in pinned
    assert lock.count("--hash=sha256:") >= len(pinned)
    for path in [ROOT / "requirements.lock", *(ROOT / "locks").iterdir()]:
        assert "://" not in path.read_text(), path


def test_the_hooks_use_the_ruff_of_the_lock() -> None:
    pinned = next(line for line in (ROOT / "locks" / "lint.lock").read_text().splitlines() if line.startswith("ruff=="))
    assert f'["{pinned.split()[0]}"]' in (ROOT / ".pre-commit-config.yaml").read_text()
