"""`drydock adopt` writes what is missing, overwrites nothing, and finds nothing to do the second time."""

import os
import tomllib
from datetime import date
from pathlib import Path

import pytest

from drydock import adoption, command, config
from drydock.audit import tree
from drydock.audit.repository import Repository
from drydock.commands import adopt
from drydock.errors import Misuse

TODAY = date(2026, 6, 1)
COMPOSE = """\
services:
  web:
    build: .
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:8000/health"]
"""
DOCKERFILE = 'FROM python:3.12-slim\nCOPY . .\nCMD ["python", "app.py"]\n'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, text in {"deploy/stack.compose.yml": COMPOSE, "deploy/Dockerfile": DOCKERFILE}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def held(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def adopted(root: Path) -> adopt.Report:
    return adopt.run(config.load(root, os.environ), TODAY)


def test_everything_that_is_missing_is_written_and_the_second_time_nothing(root: Path) -> None:
    first = adopted(root)
    assert set(first.written) == {*adoption.NEW, "pyproject.toml", "deploy/.dockerignore"}
    after = held(root)
    assert tomllib.loads(after["pyproject.toml"].decode())["tool"]["drydock"] == {
        "compose": "deploy/stack.compose.yml",
        "images": {"web": {"probe": ["/health"]}},
    }
    second = adopted(root)
    assert (dict(second.written), held(root)) == ({}, after)
    assert "nothing to write" in second.text()


def test_what_is_there_stays_byte_for_byte(root: Path) -> None:
    own = {"tasks.py": b"# mine\n", "noxfile.py": b"# mine\r\n", "deploy/.dockerignore": b"a\n"}
    for path, data in own.items():
        (root / path).write_bytes(data)
    before = b'[project]\r\nname = "x" # odd   \r\n\r\n[tool.other]\r\na = 1'
    (root / "pyproject.toml").write_bytes(before)
    report = adopted(root)
    after = held(root)
    assert {path: after[path] for path in own} == own
    assert after["pyproject.toml"].startswith(before + b"\r\n\r\n[tool.drydock]\r\n")
    assert report.stayed["tasks.py"] == "it is there already"


def test_a_package_of_tasks_is_not_shadowed(root: Path) -> None:
    (root / "tasks").mkdir()
    assert "tasks.py" not in adopted(root).written


def test_a_table_that_is_there_is_left_alone(root: Path) -> None:
    (root / "pyproject.toml").write_text('[tool.drydock]\ncompose = "deploy/stack.compose.yml"\n')
    before = held(root)["pyproject.toml"]
    assert adopted(root).stayed["pyproject.toml"] == "it has [tool.drydock] already"
    assert held(root)["pyproject.toml"] == before


def test_a_dry_run_shows_and_writes_nothing(root: Path) -> None:
    before = held(root)
    with command.dry_run(True):
        report = adopted(root)
    assert held(root) == before
    assert "would write: tasks.py" in report.text()
    assert report.document()["written"] == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"tool = { other = 1 }\n", "takes no further table"),
        (b"[tool\n", "cannot be read"),
        (b"\xff\xff\n", "cannot be read"),
    ],
    ids=["tool is closed", "no TOML", "no text"],
)
def test_a_pyproject_that_takes_no_table_is_refused_before_anything_is_written(text: bytes, words: str) -> None:
    with pytest.raises(Misuse, match=words):
        adoption.pyproject(text, {"compose": "x"})


@pytest.mark.parametrize("target", ["outside.toml", "nowhere"], ids=["a file", "dangling"])
def test_nothing_is_written_through_a_link(root: Path, target: str) -> None:
    (root / "outside.toml").write_text("")
    (root / "pyproject.toml").symlink_to(target)
    before = held(root)
    with pytest.raises(Misuse, match="is a link"):
        adopted(root)
    assert held(root) == before


def test_nothing_to_build_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="nothing to build"):
        adopted(tmp_path)
    assert held(tmp_path) == {}


def test_without_a_compose_file_the_dockerfiles_are_the_images(root: Path) -> None:
    (root / "deploy/stack.compose.yml").unlink()
    report = adopted(root)
    assert report.images == ("deploy",)
    assert held(root)["pyproject.toml"] == b"[tool.drydock]\n"


def test_the_path_of_a_health_check_in_the_dockerfile_is_a_probe() -> None:
    check = f"{DOCKERFILE}HEALTHCHECK CMD wget -qO- http://127.0.0.1:80/ready/now || exit 1\n"
    found = Repository(tree.of({"compose.yml": "services: {api: {build: .}}\n", "Dockerfile": check}))
    assert adoption.probes(found, "compose.yml") == {"api": ("/ready/now",)}
