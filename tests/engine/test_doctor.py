"""The doctor on the real engine."""

import json
import sys

from drydock import command
from tests.engine.conftest import Docker
from tests.repositories import PROJECT

CHECKS = {
    *("client", "config.json", "DOCKER_BUILDKIT", "disk", "home", "permission", "engine", "BuildKit", "buildx"),
    *("compose", "store", "builder", "clock", "names", "proxy", "certificates", "packages", "ledger", ".env"),
    *("compose file", "project", "Dockerfiles", "lock files", "line ends", "bases", "registry", "ports"),
    *("python", "node", "git"),
}


def test_every_check_has_a_verdict_and_the_engine_is_well(docker: Docker) -> None:
    argv = [sys.executable, "-m", "drydock", "doctor", "--json", "--root", str(PROJECT)]
    result = command.run(argv, env=docker.found.environ, cwd=PROJECT, timeout=60)
    document = json.loads(result.out)
    assert document["code"] == result.code
    found = {one["check"]: one for one in document["checks"]}
    assert set(found) == CHECKS
    well = {"client", "engine", "permission", "BuildKit", "buildx", "compose", "store", "compose file", "clock", "disk"}
    assert {name for name in well if found[name]["state"] == "ok"} == well
