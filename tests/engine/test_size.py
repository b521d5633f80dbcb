"""`drydock size` on the real engine: what it weighs is what was put in, before and after a known change."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from drydock import command, config
from drydock.engines import engine

Call = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A repository with one image over a base, with a megabyte of its own; the image is removed in the end."""
    tag = f"drydock-size/{uuid.uuid4().hex[:12]}:local"
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("FROM python:3.12-slim\nCOPY blob /blob\n")
    (tmp_path / "app" / "blob").write_bytes(os.urandom(1_000_000))
    model = {"services": {"app": {"image": tag, "build": "./app"}}}
    (tmp_path / "compose.yaml").write_text(json.dumps(model))
    yield tmp_path
    settings = config.load(tmp_path, os.environ)
    command.run(["docker", "image", "rm", tag], env=engine.find(settings).environ)


@pytest.fixture
def drydock(root: Path) -> Call:
    def call(*words: str) -> "subprocess.CompletedProcess[str]":
        argv = [sys.executable, "-m", "drydock", *words, "--root", str(root)]
        return subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False)

    return call


def test_what_is_weighed_is_what_was_put_in_and_what_was_added_since(root: Path, drydock: Call) -> None:
    before = drydock("size")
    assert before.returncode == 3
    assert f"remedy: drydock build --root {root} --service app" in before.stderr
    assert drydock("build").returncode == 0
    first = weights(drydock("size", "--save", "then", "--json"))
    assert first["own_bytes"] == 1_000_000
    assert first["disk_bytes"] == first["base_bytes"] + 1_000_000
    assert first["seconds"] > 0

    with (root / "app" / "blob").open("ab") as blob:
        blob.write(b"x" * 500_000)
    assert drydock("build").returncode == 0
    answer = json.loads(drydock("size", "--against", "then", "--json").stdout)
    changes = {change["what"]: change for change in answer["against"]["changes"]}
    assert changes["own part"]["after"] - changes["own part"]["before"] == 500_000
    assert changes["own part"]["percent"] == 50.0
    assert grown(answer)[0]["name"] == "blob"


def test_a_planted_dependency_is_named_first_against_the_image_before(root: Path, drydock: Call) -> None:
    (root / "app" / "Dockerfile").write_text("FROM python:3.12-slim\nCOPY . /srv/\n")
    assert drydock("build").returncode == 0
    (root / "app" / "blob").write_bytes(os.urandom(3_000_000))  # more of the repository's own, but not the most
    planted = root / "app" / "node_modules" / "ballast"
    (planted / "lib").mkdir(parents=True)
    (planted / "package.json").write_text('{"name": "ballast", "version": "9.9.9"}')
    for number in range(50):  # no single file of it is large
        (planted / "lib" / f"{number}.js").write_bytes(os.urandom(100_000))
    assert drydock("build").returncode == 0
    answer = drydock("size", "--against", "last", "--json")
    assert answer.returncode == 0, answer.stderr
    first = grown(json.loads(answer.stdout))[0]
    assert (first["kind"], first["name"], first["after_version"]) == ("npm", "ballast", "9.9.9")
    assert first["bytes"] == 5_000_000 + (planted / "package.json").stat().st_size


def grown(answer: Any) -> Any:
    return answer["against"]["growth"][0]["grown"]


def test_an_unknown_service_and_an_unknown_capture_are_wrong_use(drydock: Call) -> None:
    for words, said in (
        (("--service", "nobody"), "no service that is built here is called nobody"),
        (("--against", "never"), "no capture never"),
    ):
        answer = drydock("size", *words)
        assert (answer.returncode, said in answer.stderr) == (2, True)


def weights(answer: "subprocess.CompletedProcess[str]") -> Any:
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)["images"][0]
