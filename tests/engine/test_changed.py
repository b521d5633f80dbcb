"""`build --changed` after random edits, held against full builds."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from drydock import command, config
from drydock.engines import engine
from tests.engine import edited
from tests.engine.edited import Repository


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Repository]:
    found = engine.find(config.load(Path(), os.environ))
    made = edited.make(tmp_path_factory.mktemp("changed"), found.environ)
    try:
        yield made
    finally:
        made.forget()


def test_what_is_left_out_comes_out_as_it_was(repository: Repository) -> None:
    held = edited.hold(repository, rounds=8, seed=1)
    assert 0 < held.left_out < held.asked


def test_an_image_that_is_gone_from_the_engine_is_built_and_so_is_what_stands_on_it(repository: Repository) -> None:
    repository.build()
    edited.EDITS["pruned"](repository, "low", "")
    report = repository.build(changed=True)
    assert [one.image for one in report.choices if one.built] == ["low", "upper"]
    assert [one.why for one in report.choices if one.image == "upper"] == [
        f"it is built upon low: drydock-changed/{repository.name}-low:local is not in the engine"
    ]


def test_nothing_to_build_is_a_sentence_and_no_build(repository: Repository) -> None:
    repository.build()
    report = repository.build(changed=True)
    assert (report.code, report.results) == (0, ())
    assert report.text().endswith("nothing to build: all 4 images are as they were")


def test_a_fresh_clone_builds_what_differs_from_a_commit_and_no_more(repository: Repository, tmp_path: Path) -> None:
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "--allow-empty", "--message", "before")
    edited.EDITS["lock"](repository, "few", "fresh")
    repository.git("commit", "--quiet", "--all", "--message", "after")
    repository.git("clone", "--quiet", str(repository.root), str(tmp_path / "clone"))
    clone = replace(repository, root=tmp_path / "clone")
    report = clone.build(changed=True, since="HEAD~1")
    assert [(one.image, one.why) for one in report.choices if one.built] == [("few", "lock changed")]
    assert [result.build.image for result in report.results] == ["few"]


@pytest.mark.parametrize(
    ("written", "environ", "why"),
    [
        pytest.param("LEVEL: $VERSION", {"VERSION": "2"}, "has values from the environment", id="from the environment"),
        pytest.param("LEVEL: $HOME", {}, "has values from the environment", id="from what every process has"),
        pytest.param('LEVEL: "${VERSION:-1}"', {}, "", id="its default"),
        pytest.param("LEVEL: '1'", {"VERSION": "2"}, "", id="written down"),
        pytest.param("LEVEL: null", {"LEVEL": "2"}, "has values from the environment", id="handed on"),
    ],
)
def test_what_the_environment_gives_is_in_no_commit(
    repository: Repository, tmp_path: Path, written: str, environ: dict[str, str], why: str
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nARG LEVEL\nLABEL level=$LEVEL\nCOPY Dockerfile /\n")
    (tmp_path / "compose.yaml").write_text(f"services: {{web: {{build: {{context: ., args: {{{written}}}}}}}}}\n")
    (tmp_path / ".gitignore").write_text(".drydock\n")
    one = replace(repository, root=tmp_path, environ={**repository.environ, **environ})
    one.git("init", "--quiet")
    one.git("add", "--all")
    one.git("commit", "--quiet", "--message", "one")
    with command.dry_run(True):
        (choice,) = one.build(changed=True, since="HEAD").choices
    assert why in choice.why
    assert choice.built == bool(why)
