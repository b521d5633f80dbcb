"""Archives of stand-ins: which still serve, and what goes when a recipe has changed."""

import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drydock import command, files
from drydock.bases import archives, debian
from drydock.bases.recipes import Recipe
from drydock.config import Config

NOW = Recipe("debian:trixie-slim", "debian", "", False, "trixie", ())
BEFORE = replace(NOW, packages=("bash",))


@pytest.fixture
def settings(tmp_path: Path) -> Config:
    """A user with an archive of today's recipe and of an earlier one, and the root of each."""
    here = Config(tmp_path, {}, {}, None, tmp_path / "home")
    archives.shelf(here).mkdir(parents=True)
    for recipe in (NOW, BEFORE):
        saved(archives.shelf(here) / f"{recipe.key}.tar", recipe.reference)
        (archives.shelf(here) / debian.root_name(recipe.suite, recipe.packages)).write_text("root")
    return here


def saved(path: Path, reference: str) -> None:
    """What `docker save` writes, as far as it matters here."""
    text = json.dumps([{"RepoTags": [reference]}]).encode()
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo("manifest.json")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))


def today(reference: str) -> Recipe | None:
    return NOW if reference == NOW.reference else None


def names(settings: Config) -> set[str]:
    return {path.name for path in archives.shelf(settings).iterdir() if path.suffix != ".lock"}


SERVING = {f"{NOW.key}.tar", debian.root_name(NOW.suite, NOW.packages)}


def test_what_another_recipe_superseded_is_told_from_what_serves(settings: Config) -> None:
    listed = archives.listed(settings, today)
    assert {one.path.name for one in listed if not one.superseded} == SERVING
    assert len(listed) == 4


def test_pruning_leaves_what_serves_and_tells_the_bytes(settings: Config) -> None:
    (archives.shelf(settings) / "x.part").write_text("half")
    (archives.shelf(settings) / "y.tar").write_text("damaged")
    old = sum(one.size for one in archives.listed(settings, today) if one.superseded)
    assert archives.prune(settings, today) == old
    assert names(settings) == SERVING


def test_an_image_without_recipe_needs_no_archive(settings: Config) -> None:
    archives.prune(settings, lambda _: None)
    assert names(settings) == set()


def test_a_dry_run_removes_nothing(settings: Config) -> None:
    with command.dry_run(True):
        assert archives.prune(settings, today) > 0
    assert len(names(settings)) == 4


def test_where_nothing_was_ever_made_there_is_nothing_to_prune(tmp_path: Path) -> None:
    empty = Config(tmp_path, {}, {}, None, tmp_path / "none")
    assert (archives.listed(empty, today), archives.prune(empty, today)) == ((), 0)


def test_a_new_archive_takes_the_place_of_earlier_ones_of_the_same_image(settings: Config, docker: Any) -> None:
    docker.says("save", into="--output")
    saved(archives.shelf(settings) / "other.tar", "drydock-standin/node:20")
    (archives.shelf(settings) / f"{NOW.key}.tar").unlink()
    archives.write(docker.environ, NOW.reference, archives.shelf(settings) / f"{NOW.key}.tar")
    assert f"{BEFORE.key}.tar" not in names(settings)
    assert {f"{NOW.key}.tar", "other.tar"} <= names(settings)


def test_two_of_one_path_exclude_each_other(tmp_path: Path) -> None:
    import fcntl

    with files.locked(tmp_path / "lock"), (tmp_path / "lock").open("w") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
