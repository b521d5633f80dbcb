"""A few kills, one of each victim; the session `faults` has the many."""

import os
import sys

import pytest

from bench import kills
from tests.engine.conftest import Docker

pytestmark = pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="a private engine needs root")


def test_drydock_its_client_or_the_engine_killed_lose_nothing_and_leave_nothing(docker: Docker) -> None:
    came = kills.killed(docker.settings, docker.found, {"build": range(3)}, kills.SEED, kills.say)
    assert [one.victim for one in came] == ["drydock", "client", "engine"]
    assert [one for one in came if one.lost or one.left] == []
