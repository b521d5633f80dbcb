"""Grounds gathered from real folders: what a build reads of them, and what must not disturb it."""

import os
import socket
from pathlib import Path
from typing import Any

import pytest

from drydock import config, dockerfile
from drydock.bases.bases import Base, Origin
from drydock.causes import gathering, grounds
from drydock.causes.gathering import Gathered
from drydock.config import Config, Image
from drydock.errors import Misuse
from tests.test_oci import engine

BASE = Base("python:3", "stand/in:3", Origin.STANDIN, "sha256:b")


@pytest.fixture
def repository(tmp_path: Path) -> Config:
    (tmp_path / "web" / "src").mkdir(parents=True)
    (tmp_path / "web" / "src" / "a").write_text("a")
    (tmp_path / "web" / "lock").write_text("lock")
    return config.load(tmp_path, {})


def image(repository: Config, name: str = "web", **words: Any) -> Image:
    folder = repository.root / name
    folder.mkdir(exist_ok=True)
    return Image(name, folder, folder / "Dockerfile", f"{name}:local", **words)


def gather(repository: Config, lines: str, *images: Image, **words: Any) -> dict[str, Gathered]:
    text = f"FROM python:3\n{lines}\n"
    chosen = images or (image(repository),)
    files = {one.name: dockerfile.parse(text) for one in chosen}
    return gathering.gather(repository, engine({}), chosen, files, {one.name: (BASE,) for one in chosen}, **words)


def read(repository: Config, lines: str, *images: Image) -> list[str]:
    """The paths that the image reads of its own context."""
    return list(gather(repository, lines, *images)["web"].files.get("", {}))


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        pytest.param("COPY . /x", ["lock", "src", "src/a"], id="everything"),
        pytest.param("COPY src /x\nCOPY lock /y", ["lock", "src", "src/a"], id="what either line reads"),
        pytest.param("RUN --mount=type=bind,source=lock,target=/l true", ["lock"], id="a bind mount"),
        pytest.param("RUN true", [], id="nothing"),
        pytest.param("COPY sr* /x", ["src", "src/a"], id="a wildcard"),
    ],
)
def test_what_is_read_and_no_more(repository: Config, lines: str, found: list[str]) -> None:
    assert read(repository, lines) == found


def test_the_ignore_file_named_after_the_dockerfile_counts_first(repository: Config) -> None:
    (repository.root / "web" / ".dockerignore").write_text("src\n")
    assert read(repository, "COPY . /x") == [".dockerignore", "lock"]
    (repository.root / "web" / "Dockerfile.dockerignore").write_text("lock\n.dockerignore\n*.dockerignore\n")
    assert read(repository, "COPY . /x") == ["src", "src/a"]


def test_links_are_followed_and_dangling_ones_sockets_and_odd_names_disturb_nothing(repository: Config) -> None:
    web = repository.root / "web"
    (web / "to").symlink_to("src")
    (web / "gone").symlink_to("nowhere")
    (web / os.fsdecode(b"n\xff\n")).write_text("odd")
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(os.path.relpath(web / "s"))
    assert read(repository, "COPY to /x") == ["src", "src/a", "to"]
    assert set(read(repository, "COPY . /x")) == {"gone", "lock", "n\udcff\n", "s", "src", "src/a", "to"}
    assert gather(repository, "COPY . /x")["web"].grounds.notes == ()


def test_the_same_tree_gives_the_same_bodies_and_an_edit_others(repository: Config) -> None:
    first, again = (gather(repository, "COPY . /x")["web"].bodies() for _ in range(2))
    (repository.root / "web" / "lock").write_text("knock")
    other = gather(repository, "COPY . /x")["web"].bodies()
    assert first == again
    assert first[0] != other[0]
    assert grounds.read(other[1][other[0]]).manifests != grounds.read(first[1][first[0]]).manifests


def test_a_named_context_is_a_folder_of_its_own(repository: Config) -> None:
    (repository.root / "extra").mkdir()
    (repository.root / "extra" / "x").write_text("x")
    web = image(repository, contexts={"extra": str(repository.root / "extra")})
    assert list(gather(repository, "COPY --from=extra . /x", web)["web"].files["extra"]) == ["x"]


def test_an_image_built_upon_another_rests_on_what_that_is_made_of(repository: Config) -> None:
    upper = image(repository, "upper", contexts={"low": "target:web"})

    def key() -> str:
        return grounds.keys(
            gather(repository, "COPY . /x\nCOPY --from=low /x /y", upper, image(repository))["upper"].grounds
        )[-1]

    before = key()
    assert key() == before
    (repository.root / "web" / "lock").write_text("knock")
    assert key() != before


def test_another_builder_is_another_cache(repository: Config) -> None:
    here, there = (gather(repository, "RUN true", builder=name)["web"].grounds for name in ("", "far"))
    assert here.engine != there.engine
    assert grounds.keys(here) == grounds.keys(there)


def test_a_context_that_is_not_there_is_one_line_with_a_remedy(repository: Config) -> None:
    web = image(repository, contexts={"extra": str(repository.root / "none")})
    with pytest.raises(Misuse, match="is no folder") as caught:
        gather(repository, "COPY --from=extra . /x", web)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("runner", "alike"),
    [
        pytest.param("github-hosted", False, id="a new machine for each job"),
        pytest.param("self-hosted", True, id="a machine that stays"),
    ],
)
def test_each_job_on_a_hosted_runner_begins_with_an_engine_of_its_own(
    repository: Config, runner: str, alike: bool
) -> None:
    def of(run: str) -> str:
        found = engine({"RUNNER_ENVIRONMENT": runner, "GITHUB_RUN_ID": run})
        chosen, files = (image(repository),), {"web": dockerfile.parse("FROM python:3\n")}
        return gathering.gather(repository, found, chosen, files, {"web": (BASE,)})["web"].grounds.engine

    assert (of("1") == of("2")) is alike
    assert of("1") == of("1")
