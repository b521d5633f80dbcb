"""Kill -9 at random moments of five commands: nothing is lost, and the next run cleans up what is left."""

import os
import sys

import pytest

from bench import kills
from bench.killing import subjects
from drydock import config
from drydock.engines import engine
from tests.repositories import PROJECT

pytestmark = pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="a private engine needs root")


@pytest.mark.parametrize("name", subjects.SUBJECTS)
def test_a_kill_at_any_moment_loses_nothing_and_the_next_run_cleans_up(
    request: pytest.FixtureRequest, name: str
) -> None:
    count, seed = (int(request.config.getoption(f"--{word}")) for word in ("kills", "seed"))
    settings = config.load(PROJECT, os.environ)
    came = kills.killed(settings, engine.find(settings), {name: range(count)}, seed, kills.say)
    assert len(came) == count
    assert [one for one in came if one.lost or one.left] == []
