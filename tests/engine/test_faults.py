"""What goes wrong costs one line, a remedy and the right exit code, and leaves nothing half done."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from drydock import config, files
from drydock.engines import engine
from drydock.measures import ledger
from tests.repositories import PROJECT

COMPOSE = """\
services:
  app:
    build: app
    image: drydock-fault/app:local
"""
DOCKERFILE = """\
FROM python:3.12-slim
COPY note.txt /note.txt
RUN cat /note.txt
"""
SLOW = "RUN echo slow-step-began && sleep 60\n"


@dataclass(frozen=True)
class Repository:
    """A small repository of its own, and the way to run Drydock on it as a user would."""

    root: Path
    environ: Mapping[str, str]

    def drydock(self, *words: str, **changes: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.argv(*words), env={**self.environ, **changes}, capture_output=True, text=True, timeout=120, check=False
        )

    def argv(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "drydock", *words, "--root", str(self.root)]

    def builds(self) -> int:
        ledger = self.root / ".drydock" / "ledger.db"
        if not ledger.exists():
            return 0
        with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as db:
            assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return int(db.execute("SELECT count(*) FROM builds").fetchone()[0])

    def leftovers(self) -> list[str]:
        """Files that a half-done write would leave."""
        names = [path.name for path in self.root.rglob("*")]
        return [name for name in names if files.is_unfinished(name) or name.endswith("-journal")]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    root = tmp_path / "repo with space"
    (root / "app").mkdir(parents=True)
    (root / "compose.yaml").write_text(COMPOSE)
    (root / "app" / "Dockerfile").write_text(DOCKERFILE)
    (root / "app" / "note.txt").write_text("first\n")
    (tmp_path / "docker-config").mkdir()
    environ = {**os.environ, "PYTHONPATH": str(PROJECT), "NO_COLOR": "1"}
    environ.pop("DRYDOCK_YES", None)
    return Repository(root, environ)


def assert_told(run: "subprocess.CompletedProcess[str]", code: int, *words: str) -> None:
    said = [line for line in run.stderr.splitlines() if line.startswith("error: ")]
    assert run.returncode == code, run.stderr
    assert len(said) == 1, run.stderr
    assert "Traceback" not in run.stderr
    assert any(line.startswith("remedy: ") and len(line) > len("remedy: ") for line in run.stderr.splitlines()), (
        run.stderr
    )
    for word in words:
        assert word in said[0], said[0]


def test_a_line_in_env_that_assigns_nothing_is_named(repository: Repository) -> None:
    (repository.root / ".env").write_text("GOOD=1\nthis is no assignment\n")
    assert_told(repository.drydock("build"), 2, ".env:2")
    assert repository.builds() == 0


def test_a_compose_file_that_does_not_parse_is_named(repository: Repository) -> None:
    (repository.root / "compose.yaml").write_text("services:\n  app: [\n")
    assert_told(repository.drydock("build"), 2, "compose.yaml")
    assert repository.builds() == 0


def test_a_pyproject_that_does_not_parse_is_named(repository: Repository) -> None:
    (repository.root / "pyproject.toml").write_text("[tool.drydock\n")
    assert_told(repository.drydock("build"), 2, "pyproject.toml")


def test_a_dockerfile_with_an_unknown_instruction_is_named_with_its_line(repository: Repository) -> None:
    (repository.root / "app" / "Dockerfile").write_text("FROM python:3.12-slim\nFETCH everything\n")
    assert_told(repository.drydock("build"), 2, "Dockerfile:2")
    assert repository.builds() == 0


def test_a_failing_step_names_file_and_line_and_is_recorded_as_failed(repository: Repository) -> None:
    (repository.root / "app" / "Dockerfile").write_text(DOCKERFILE + "RUN echo the-last-words && exit 7\n")
    run = repository.drydock("build")
    assert_told(run, 4, "Dockerfile:4")
    assert "the-last-words" in run.stderr
    settings = config.load(repository.root, repository.environ)
    (built,) = ledger.detailed(settings, ledger.recent(settings))
    assert (built.image, built.outcome) == ("app", "failed")
    assert any("the-last-words" in (step.log or "") for step in built.detail)


def test_a_broken_docker_config_is_named(repository: Repository, tmp_path: Path) -> None:
    (tmp_path / "docker-config" / "config.json").write_text("{")
    run = repository.drydock("build", DOCKER_CONFIG=str(tmp_path / "docker-config"))
    assert_told(run, 3, "config.json")


def test_an_engine_that_does_not_answer_is_named(repository: Repository, tmp_path: Path) -> None:
    run = repository.drydock("build", DOCKER_HOST=f"unix://{tmp_path}/nobody.sock")
    assert_told(run, 3, "nobody.sock")


def test_the_session_hands_on_the_code_of_a_machine_that_is_not_ready(tmp_path: Path) -> None:
    environ = {**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/none.sock", "DRYDOCK_YES": "0"}
    argv = [sys.executable, "-m", "nox", "--noxfile", str(PROJECT / "noxfile.py"), "--session", "docker-test"]
    ended = subprocess.run(argv, env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert ended.returncode == 3, ended.stdout + ended.stderr
    assert "remedy: " in ended.stderr


def test_a_base_image_that_nobody_can_give_is_named(repository: Repository) -> None:
    (repository.root / "app" / "Dockerfile").write_text("FROM registry.invalid/nobody/knows:1\n")
    assert_told(repository.drydock("build"), 3, "registry.invalid/nobody/knows:1")


def test_a_service_that_is_not_there_is_named(repository: Repository) -> None:
    assert_told(repository.drydock("build", "--service", "nobody"), 2, "nobody", "app")


def test_a_wrong_flag_is_wrong_use(repository: Repository) -> None:
    assert repository.drydock("build", "--no-such-flag").returncode == 2


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        pytest.param(lambda path: path.write_bytes(b"no ledger" * 1000), "ledger.db", id="corrupt"),
        pytest.param(lambda path: sqlite3.connect(path).execute("PRAGMA user_version = 99"), "newer", id="newer"),
    ],
)
def test_a_ledger_that_cannot_be_used_is_named_by_sizes_and_kept_as_it_is(
    repository: Repository, spoil: Callable[[Path], object], word: str
) -> None:
    path = repository.root / ".drydock" / "ledger.db"
    path.parent.mkdir()
    spoil(path)
    before = path.read_bytes()
    for words in (("size",), ("size", "--against", "last"), ("build",)):
        assert_told(repository.drydock(*words), 2, word)
    assert path.read_bytes() == before


def test_an_image_that_is_gone_is_named_and_what_was_recorded_of_it_stays(repository: Repository) -> None:
    assert repository.drydock("build").returncode == 0
    found = engine.find(config.load(repository.root, repository.environ))
    argv = ["docker", "image", "rm", "--force", "drydock-fault/app:local"]
    subprocess.run(argv, env=dict(found.environ), check=True, capture_output=True)
    assert_told(repository.drydock("size"), 3, "app")
    assert repository.builds() == 1


@pytest.fixture
def sealed(repository: Repository) -> Iterator[Repository]:
    """The repository's own state on a file system that takes no writes."""
    state = repository.root / ".drydock"
    state.mkdir()
    if os.geteuid() != 0:
        state.chmod(0o500)
        yield repository
        state.chmod(0o700)
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(state)], check=True)
    yield repository
    subprocess.run(["umount", str(state)], check=True)


def test_a_folder_that_takes_no_writes_is_named(sealed: Repository) -> None:
    assert_told(sealed.drydock("build"), 3, ".drydock")


def test_ctrl_c_during_a_build_ends_it_and_records_nothing(repository: Repository) -> None:
    (repository.root / "app" / "Dockerfile").write_text(DOCKERFILE + SLOW)
    with building(repository) as child:
        os.killpg(child.pid, signal.SIGINT)
        _, said = child.communicate(timeout=30)
    assert child.returncode == 130, said
    assert "Traceback" not in said
    assert repository.builds() == 0
    assert repository.leftovers() == []
    assert not alive_in_group(child.pid)


def test_an_engine_killed_during_a_build_is_said_with_its_last_words(repository: Repository, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    shared = Path(os.environ.get("DRYDOCK_HOME") or Path.home() / ".local" / "share" / "drydock")
    (home / "bases").symlink_to(shared / "bases")
    environ = {k: v for k, v in repository.environ.items() if not k.startswith("DOCKER_")}
    own = Repository(
        repository.root, {**environ, "DRYDOCK_HOME": str(home), "DOCKER_CONFIG": str(tmp_path / "docker-config")}
    )
    (own.root / "app" / "Dockerfile").write_text(DOCKERFILE + SLOW)
    assert own.drydock("engine", "--start", "--yes").returncode == 0
    try:
        shown = json.loads(own.drydock("engine", "--json").stdout)
        with building(own) as child:
            os.kill(shown["private"]["pid"], signal.SIGKILL)
            _, said = child.communicate(timeout=60)
        run = subprocess.CompletedProcess(child.args, child.returncode, "", said)
        assert_told(run, 3, "engine")
        assert own.builds() == 0
        assert own.drydock("engine", "--start", "--yes").returncode == 0
    finally:
        stopped = own.drydock("engine", "--purge", "--yes")
    assert stopped.returncode == 0, stopped.stderr


class building:
    """A build in a process group of its own, handed over once its slow step has begun."""

    def __init__(self, repository: Repository) -> None:
        self.child = subprocess.Popen(
            repository.argv("build", "--verbose"),
            env=dict(repository.environ),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __enter__(self) -> "subprocess.Popen[str]":
        assert self.child.stderr is not None
        for line in self.child.stderr:
            if "slow-step-began" in line and "RUN" not in line:
                return self.child
        raise AssertionError(f"the build ended early with {self.child.wait()}")

    def __exit__(self, *_: object) -> None:
        if self.child.poll() is None:
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()


def alive_in_group(group: int, within: float = 10.0) -> bool:
    """Whether any process of the group is still there after `within` seconds."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.1)
    return True
