"""What is wrong with a machine, as the doctor tells it: the cause first, with what mends it, and no false alarm."""

import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.engine.faults import examining, healthy
from tests.engine.faults.examining import Outcome, Workshop
from tests.engine.faults.machine import Fault
from tests.engine.faults.table import FAULTS

SIDE_BY_SIDE = 2


@pytest.fixture(scope="module")
def workshop(docker: Any) -> Iterator[Workshop]:
    """A healthy repository, the engine in use, and two authorities, where an ordinary user may look too."""
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield examining.workshop(folder, docker.found.host, docker.base("python:3.12-slim"))


@pytest.fixture(scope="module")
def outcomes(workshop: Workshop, request: pytest.FixtureRequest) -> Iterator[dict[str, "Future[Outcome]"]]:
    """What the doctor says of each fault that was chosen; several are looked at side by side."""
    calls = [getattr(item, "callspec", None) for item in request.session.items]
    chosen = {call.params["fault"].name: call.params["fault"] for call in calls if call and "fault" in call.params}
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        yield {
            fault.name: pool.submit(lambda one: examining.examine(one, workshop.machine(one.name)), fault)
            for fault in chosen.values()
            if not examining.hindrance(fault)
        }


@pytest.mark.parametrize("fault", [pytest.param(one, id=one.name) for one in FAULTS])
def test_the_cause_is_told_first_with_what_mends_it(fault: Fault, outcomes: dict[str, "Future[Outcome]"]) -> None:
    if why := examining.hindrance(fault):
        pytest.skip(why)
    examining.hold(fault, outcomes[fault.name].result())


def test_each_fault_is_one_of_its_own() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 30


@pytest.mark.parametrize("name", list(healthy.MACHINES))
def test_a_machine_with_nothing_wrong_hears_of_nothing(name: str, workshop: Workshop) -> None:
    machine = workshop.machine(name)
    with healthy.MACHINES[name](machine):
        told = machine.doctor("--json")
    assert (told.code, told.troubled) == (0, []), told.summary


def test_what_follows_from_an_engine_that_is_gone_is_not_held_against_anything(workshop: Workshop) -> None:
    machine = workshop.machine("only the engine is gone")
    machine.environ["DOCKER_HOST"] = f"unix://{machine.folder}/none.sock"
    told = machine.doctor("--json")
    assert told.failing == ["engine"]
    assert {one["check"] for one in told.checks if one["follows"] == "engine"} >= {"BuildKit", "store", "permission"}
