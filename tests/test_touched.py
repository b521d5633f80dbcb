"""Files that are written while a build goes on: their grounds are like no others."""

import time
from pathlib import Path

import pytest

from drydock.causes import touched
from drydock.causes.gathering import Gathered
from drydock.config import Config
from tests.test_gathering import gather, image, repository

__all__ = ["repository"]  # a fixture
LONG = 10**10  # nanoseconds


def settled(repository: Config, path: str = "", *, since: int = LONG) -> dict[str, tuple[str, ...]]:
    """The notes of two images, of which `upper` is built upon `web`, after a file was written."""
    upper = image(repository, "upper", contexts={"low": "target:web"})
    found = gather(repository, "COPY src /x", upper, image(repository))
    (repository.root / "upper" / "src").mkdir(exist_ok=True)
    if path:
        (repository.root / path).write_text("written")
    kept = touched.settle(found, time.time_ns() + since)
    return {name: one.grounds.notes for name, one in kept.items()}


@pytest.fixture(autouse=True)
def _files(repository: Config) -> None:
    for name in ("web", "upper"):
        (repository.root / name / "src").mkdir(parents=True, exist_ok=True)
        (repository.root / name / "Dockerfile").touch()
    (repository.root / "web" / ".dockerignore").write_text("notes\n")


@pytest.mark.parametrize(
    ("path", "web"),
    [
        pytest.param("", (), id="nothing"),
        pytest.param("web/src/a", ("src/a was written while it was built",), id="a file that is read"),
        pytest.param("web/src/new", ("src was written while it was built",), id="a file that is new"),
        pytest.param("web/lock", (), id="one that no step reads"),
        pytest.param("web/notes", (), id="one that is ignored"),
    ],
)
def test_what_is_written_after_it_was_hashed_is_noted(repository: Config, path: str, web: tuple[str, ...]) -> None:
    found = settled(repository, path)
    assert found["web"] == web


def test_what_is_built_upon_such_an_image_is_as_little_settled(repository: Config) -> None:
    assert settled(repository, "web/src/a")["upper"] == ("low was written while it was built",)


def test_what_was_written_after_the_beginning_may_have_been_read_before(repository: Config) -> None:
    assert settled(repository, since=-LONG)["web"] == ("Dockerfile was written while it was built",)


def test_grounds_that_are_settled_stay_the_same(repository: Config) -> None:
    found: dict[str, Gathered] = gather(repository, "COPY src /x")
    assert touched.settle(found, time.time_ns() + LONG) == found


def test_a_dockerfile_that_is_gone_is_no_traceback(repository: Config) -> None:
    found = gather(repository, "COPY src /x")
    Path(repository.root / "web" / "Dockerfile").unlink()
    assert touched.settle(found, time.time_ns() + LONG)["web"].grounds.notes
