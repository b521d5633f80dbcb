"""Stand-ins handed over to builders that do not see the engine's images."""

import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from drydock import config
from drydock.bases import layouts
from drydock.bases.bases import Base, Origin
from drydock.config import Config
from drydock.errors import NotReady
from drydock.events import silent
from tests.conftest import FakeDocker
from tests.test_oci import engine

STANDIN = Base("node:20", "drydock-standin/node:20", Origin.STANDIN, "sha256:one")
INDEX = {"manifests": [{"digest": "sha256:abc"}]}


@pytest.fixture
def repository(tmp_path: Path) -> Config:
    return config.load(tmp_path, {**os.environ, "DRYDOCK_HOME": str(tmp_path / "home")})


def saves(docker: FakeDocker, folder: Path, **files: str) -> None:
    """The fake engine saves an image as these files; it copies the archive into the folder that it is called in."""
    script = docker.folder / "docker"
    with tarfile.open(folder / "saved.tar", "w") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name.replace("_", "-").replace("-json", ".json"))
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    script.write_text(f'#!/bin/sh\necho "$@" >> "{docker.folder}/asked"\ncp "{folder}/saved.tar" "$4"\n')


def test_a_stand_in_is_saved_once_and_again_when_it_is_another(
    docker: FakeDocker, repository: Config, tmp_path: Path
) -> None:
    saves(docker, tmp_path, oci_layout="{}", index_json=json.dumps(INDEX))
    asked = docker.folder / "asked"
    for base, times in ((STANDIN, 1), (STANDIN, 1), (Base("node:20", STANDIN.reference, Origin.STANDIN, "two"), 2)):
        made = layouts.contexts(repository, engine(docker.environ), [base], silent)
        assert len(asked.read_text().splitlines()) == times
    (entry,) = made.values()
    folder = Path(entry.removeprefix("oci-layout://").removesuffix("@sha256:abc"))
    assert json.loads((folder / "index.json").read_text()) == INDEX
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_real_base_is_left_to_the_builder(docker: FakeDocker, repository: Config) -> None:
    real = Base("node:20", "node:20", Origin.PULLED, "sha256:one")
    assert layouts.contexts(repository, engine(docker.environ), [real], silent) == {}


def test_an_engine_that_saves_no_layout_cannot_hand_a_stand_in_over(
    docker: FakeDocker, repository: Config, tmp_path: Path
) -> None:
    saves(docker, tmp_path, manifest_json="[]")
    with pytest.raises(NotReady, match="the stand-in for node:20 cannot be handed over"):
        layouts.contexts(repository, engine(docker.environ), [STANDIN], silent)
    assert list((repository.home / "layouts").iterdir()) == []
