"""`--dry`: each task names what it would write and run, and does neither."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drydock import config
from drydock.measures import contents, exchange, ledger
from drydock.measures.contents import Contents
from tests import committing
from tests.test_ledger import build
from tests.test_verbs import PLUGINS, Words, drydock, repository

__all__ = ["drydock", "repository"]  # fixtures

LISTING = [("container", "ls"), ("network", "ls"), ("image", "ls")]
READING = {*LISTING, ("image", "inspect"), ("image", "history"), ("compose", "config"), ("compose", "version")}
READING |= {("buildx", word) for word in ("inspect", "ls", "du", "version", "imagetools")}
BUDGET = '[tool.drydock.images.shop.budget]\ndisk = "90 MB"\n'
BUILD = build("shop", tag="shop:local")


@pytest.fixture
def lacking(repository: Path, docker: Any, fake: Any, tmp_path: Path) -> Path:
    """The repository with something to do for every task, in git, on a machine that could start an engine."""
    (repository / "Dockerfile").write_text("FROM python:3.12-slim\nMAINTAINER me\nCOPY a /a\nCMD python a\n")
    (repository / "README.md").write_text("<!-- drydock:exit-codes -->\n<!-- /drydock -->\n")
    (repository / "pyproject.toml").write_text(BUDGET)
    (repository / ".gitignore").write_text(".drydock/\n")
    settings = config.load(repository, os.environ)
    contents.remember(settings, [Contents(f"sha256:{number}", ()) for number in (1, 2)])
    ledger.append(settings, [BUILD], [])
    (tmp_path / "taken.json").write_text(exchange.write([replace(BUILD, seconds=5.5)]))
    committing.git(repository, "init", "--quiet")
    committing.commit(repository)
    for words in LISTING:
        docker.says(*words)
    store = {"Driver": "overlayfs", "DriverStatus": [["driver-type", "io.containerd.snapshotter.v1"]]}
    docker.says("info", out=json.dumps({**store, "ClientInfo": {"Plugins": PLUGINS}}))
    for name in ("dockerd", "sudo"):
        fake(name).says()
    return repository


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of a folder, and every folder in it, with the time at which it was last written to."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in sorted(folder.rglob("*"))
        if ".git" not in path.parts
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["audit", "--fix", "--severity", "error"], "write Dockerfile", id="fixes"),
        pytest.param(["adopt"], "write noxfile.py", id="adoption"),
        pytest.param(["docs"], "write README.md", id="documents"),
        pytest.param(["size", "--ratchet"], "write pyproject.toml", id="lower limits"),
        pytest.param(["size", "--save", "now"], "write docs/measurements/now.json", id="a capture"),
        pytest.param(["size"], "shop", id="what an image is made of"),
        pytest.param(["builds", "--export", "{root}/out.json"], "out.json", id="an export"),
        pytest.param(["builds", "--import", "{root}/../taken.json"], "ledger.db", id="an import"),
    ],
)
def test_what_a_task_writes_is_only_named_on_a_dry_run(
    lacking: Path, drydock: Words, docker: Any, words: list[str], said: str, capsys: Any
) -> None:
    words = [word.format(root=lacking) for word in words]
    before = everything(lacking)
    assert drydock("--dry", *words) == 0
    shown = capsys.readouterr()
    assert everything(lacking) == before
    assert said in shown.out + shown.err
    drydock(*words)
    assert everything(lacking) != before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["build"], "$ docker buildx bake", id="build"),
        pytest.param(["build", "--oci", "{root}/out"], "type=oci", id="build archives"),
        pytest.param(["verify"], "$ docker buildx bake", id="verify"),
        pytest.param(["verify", "--save", "now"], "twice, each time on an engine of its own", id="verify and save"),
        pytest.param(["prove", "--keep", "--save", "now"], "would build and start shop before and after", id="prove"),
        pytest.param(["bench", "--save", "now"], "would time", id="bench"),
        pytest.param(["cache", "--prune"], "$ docker buildx prune", id="cache"),
        pytest.param(["cache", "--retry"], "write ", id="cache again"),
        pytest.param(["summary"], "$ docker buildx bake", id="summary"),
        pytest.param(["doctor", "--fix"], "", id="doctor"),
        pytest.param(["context"], "shop", id="context"),
        pytest.param(["engine", "--stop"], "nothing is stopped", id="engine stopped"),
        pytest.param(["engine", "--purge"], "nothing is removed", id="engine removed"),
    ],
)
def test_a_dry_run_asks_docker_and_changes_nothing(
    lacking: Path, drydock: Words, docker: Any, words: list[str], said: str, capsys: Any
) -> None:
    before = everything(lacking)
    assert drydock("--dry", *[word.format(root=lacking) for word in words]) in (0, 3 if words[0] == "doctor" else 0)
    shown = capsys.readouterr()
    assert everything(lacking) == before
    assert said in shown.out + shown.err
    asked = {tuple(call[:2]) for call in docker.calls if call[0] not in ("version", "info", "--version")}
    assert asked <= READING
