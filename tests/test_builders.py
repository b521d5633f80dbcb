"""Builders that are asked for by name."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from drydock import config
from drydock.engines import builders
from drydock.engines.engine import Engine
from drydock.errors import Misuse, NotReady
from tests.conftest import FakeDocker
from tests.test_engine import answer
from tests.test_oci import engine

LISTED = """\
NAME/NODE     DRIVER/ENDPOINT                   STATUS    BUILDKIT   PLATFORMS
default*      docker
 \\_ default    \\_ default                      running   v0.13.1    linux/amd64
farm          docker-container
 \\_ farm0      \\_ unix:///var/run/docker.sock  running   v0.13.1    linux/amd64
"""


FARM = """\
Name:          farm
Driver:        docker-container
Last Activity: 2026-01-02 03:04:05 +0000 UTC

Nodes:
Name:             farm0
Endpoint:         unix:///var/run/docker.sock
Status:           running
BuildKit version: v0.13.1
Platforms:        linux/amd64*, linux/s390x
Labels:
 org.mobyproject.buildkit.worker.executor: oci
GC Policy rule#0:
 All:           false
 Keep Duration: 48h0m0s
"""


STOPPED = """\
Name:          farm
Driver:        DRIVER
Last Activity: 2026-01-02 03:04:05 +0000 UTC

Nodes:
Name:     farm0
Endpoint: tcp://127.0.0.1:1
Status:   inactive
"""


def test_without_a_name_nothing_is_asked(tmp_path: Path) -> None:
    found = engine({})
    assert builders.choose(config.load(tmp_path, os.environ), "", lambda: found) == (found, "")


def test_a_builder_of_buildx_can_do_what_its_driver_can(docker: FakeDocker, tmp_path: Path) -> None:
    docker.says(
        "buildx",
        "inspect",
        "farm",
        out=FARM,
    )
    found, name = builders.choose(config.load(tmp_path, os.environ), "farm", lambda: engine(docker.environ))
    assert (name, found.driver, found.platforms) == ("farm", "docker-container", ("linux/amd64", "linux/s390x"))
    assert "s3" in found.cache_exporters


def test_the_environment_names_one_where_no_flag_does(docker: FakeDocker, tmp_path: Path) -> None:
    docker.says("buildx", "inspect", "farm", out=FARM)
    given = config.load(tmp_path, {**os.environ, "BUILDX_BUILDER": "farm"})
    assert builders.choose(given, "", lambda: engine(docker.environ))[1] == "farm"


@pytest.mark.parametrize(
    ("flag", "environ", "settings", "chosen"),
    [
        ("a", {"BUILDX_BUILDER": "b"}, {"builder": "c"}, ("a", "--builder")),
        ("", {"BUILDX_BUILDER": "b"}, {"builder": "c"}, ("b", "BUILDX_BUILDER")),
        ("", {"BUILDX_BUILDER": ""}, {"builder": "c"}, ("c", "builder in [tool.drydock]")),
        ("", {}, {}, ("", "")),
    ],
    ids=["the flag", "then the environment", "then pyproject", "and else none"],
)
def test_who_chooses(
    tmp_path: Path, flag: str, environ: dict[str, str], settings: dict[str, str], chosen: tuple[str, str]
) -> None:
    given = replace(config.load(tmp_path, environ), settings=settings)
    assert builders.named(given, flag) == chosen


def test_a_builder_that_is_no_name_is_wrong_configuration(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match=r"builder in \[tool.drydock\] is no name"):
        builders.named(replace(config.load(tmp_path, {}), settings={"builder": ["far"]}))


@pytest.mark.parametrize("driver", ["docker-container", "kubernetes"])
def test_what_a_build_starts_may_be_stopped(docker: FakeDocker, tmp_path: Path, driver: str) -> None:
    docker.says("buildx", "inspect", "farm", out=STOPPED.replace("DRIVER", driver))
    found, name = builders.choose(config.load(tmp_path, os.environ), "farm", lambda: engine(docker.environ))
    assert (name, found.driver, found.builder) == ("farm", driver, f"builder farm ({driver})")
    assert found.environ["BUILDX_BUILDER"] == "farm"


def test_a_remote_one_that_does_not_answer_is_the_machine_s_fault(docker: FakeDocker, tmp_path: Path) -> None:
    docker.says("buildx", "inspect", "far", out=STOPPED.replace("DRIVER", "remote").replace("farm", "far"))
    with pytest.raises(NotReady, match=r"far \(remote\) does not answer at tcp://127.0.0.1:1"):
        builders.choose(config.load(tmp_path, os.environ), "far", lambda: engine(docker.environ))


def test_a_context_is_the_engine_there_and_needs_none_here(
    docker: FakeDocker, listen: Callable[[Path], str], short: Path, tmp_path: Path
) -> None:
    answer(docker)
    address, digest = listen(short / "s"), hashlib.sha256(b"away").hexdigest()
    meta = tmp_path / "c" / "contexts" / "meta" / digest
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text(json.dumps({"Endpoints": {"docker": {"Host": address}}}))
    environ = {**docker.environ, "DOCKER_CONFIG": str(tmp_path / "c"), "DRYDOCK_HOME": str(tmp_path / "h")}
    given = replace(config.load(tmp_path, environ), settings={"builder": "away"})

    def here() -> Engine:
        raise AssertionError("no engine is needed here")

    found, name = builders.choose(given, "", here)
    assert (name, found.host, found.title) == ("default", address, "26.1.5, context away")


def test_of_several_nodes_those_that_run_say_what_it_can_do() -> None:
    second = FARM.partition("Nodes:\n")[2].replace("linux/s390x", "linux/arm64").replace("farm0", "farm1")
    seen = builders.read(f"{STOPPED}\n{second}")
    assert seen is not None
    assert (seen.runs, seen.buildkit, seen.platforms) == (True, "v0.13.1", ("linux/amd64", "linux/arm64"))


def test_what_debian_builds_does_not_tell_its_version() -> None:
    seen = builders.read(FARM.replace("v0.13.1", "v0.0.0+unknown"))
    assert seen is not None
    assert seen.buildkit == ""


def test_the_engine_s_own_builder_is_the_engine(docker: FakeDocker, tmp_path: Path) -> None:
    docker.says(
        "buildx", "inspect", "default", out=FARM.replace("farm", "default").replace("docker-container", "docker")
    )
    found, name = builders.choose(config.load(tmp_path, os.environ), "default", lambda: engine(docker.environ))
    assert (name, found.driver) == ("default", "docker")


def test_an_unknown_name_is_answered_with_those_there_are(docker: FakeDocker, tmp_path: Path) -> None:
    docker.says("buildx", "inspect", "nobody", err="ERROR: no builder", code=1)
    docker.says("buildx", "ls", out=LISTED)
    with pytest.raises(Misuse, match="--builder nobody: there is no such builder, only default, farm"):
        builders.choose(config.load(tmp_path, os.environ), "nobody", lambda: engine(docker.environ))
