"""Several engines that are started at once on one machine, whose firewall they share."""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.engine.own import Own, spacious, started

pytestmark = pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="a private engine needs root")
ENGINES, ROUNDS = 3, 4


@contextmanager
def engine() -> Iterator[Own]:
    with spacious() as folder:
        yield from started(folder, "overlay2")


def test_engines_that_are_started_at_once_all_come_up(tmp_path: Path) -> None:
    with ThreadPoolExecutor(ENGINES) as pool:
        for _ in range(ROUNDS):
            with ExitStack() as stack:
                made = list(pool.map(lambda _: stack.enter_context(engine()), range(ENGINES)))
                networks = [one.docker("network", "inspect", "--format={{.IPAM.Config}}", "bridge") for one in made]
                assert len(set(networks)) == ENGINES
