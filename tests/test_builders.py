"""Builders that are asked for by name."""

import os
from pathlib import Path

import pytest

from drydock import config
from drydock.engines import builders
from drydock.errors import Misuse
from tests.conftest import FakeDocker
from tests.test_oci import engine

LISTED = """\
NAME/NODE     DRIVER/ENDPOINT                   STATUS    BUILDKIT   PLATFORMS
default*      docker
 \\_ default    \\_ default                      running   v0.13.1    linux/amd64
farm          docker-container
 \\_ farm0      \\_ unix:///var/run/docker.sock  running   v0.13.1    linux/amd64
"""


def test_without_a_name_nothing_is_asked(tmp_path: Path) -> None:
    found = engine({})
    assert builders.choose(config.load(tmp_path, os.environ), found, "") == (found, "")


def test_a_builder_of_buildx_can_do_what_its_driver_can(docker: FakeDocker, tmp_path: Path) -> None:
    docker.says(
        "buildx",
        "inspect",
        "farm",
        out="Name: farm\nDriver: docker-container\n\nPlatforms: linux/amd64*, linux/s390x\n",
    )
    found, name = builders.choose(config.load(tmp_path, os.environ), engine(docker.environ), "farm")
    assert (name, found.driver, found.platforms) == ("farm", "docker-container", ("linux/amd64", "linux/s390x"))
    assert "s3" in found.cache_exporters


def test_the_environment_names_one_where_no_flag_does(docker: FakeDocker, tmp_path: Path) -> None:
    docker.says("buildx", "inspect", "farm", out="Name: farm\nDriver: docker-container\n\nPlatforms: linux/amd64\n")
    given = config.load(tmp_path, {**os.environ, "BUILDX_BUILDER": "farm"})
    assert builders.choose(given, engine(docker.environ), "")[1] == "farm"


def test_the_engine_s_own_builder_is_the_engine(docker: FakeDocker, tmp_path: Path) -> None:
    docker.says("buildx", "inspect", "default", out="Name: default\nDriver: docker\n\nPlatforms: linux/amd64\n")
    found, name = builders.choose(config.load(tmp_path, os.environ), engine(docker.environ), "default")
    assert (name, found.driver) == ("default", "docker")


def test_an_unknown_name_is_answered_with_those_there_are(docker: FakeDocker, tmp_path: Path) -> None:
    docker.says("buildx", "inspect", "nobody", err="ERROR: no builder", code=1)
    docker.says("buildx", "ls", out=LISTED)
    with pytest.raises(Misuse, match="there is no builder nobody, only default, farm"):
        builders.choose(config.load(tmp_path, os.environ), engine(docker.environ), "nobody")
