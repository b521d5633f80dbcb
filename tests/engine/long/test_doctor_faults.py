"""The doctor on a private engine that is stopped, killed, hung, starved of room; and on two that are well."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.faults import examining, private
from tests.engine.faults.machine import IS_ROOT, Fault, Machine

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not IS_ROOT, reason="only root can start an engine and mount"
)


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """A machine with a private engine whose data lie on a small file system."""
    with tempfile.TemporaryDirectory(prefix="dd") as name:
        workshop = examining.workshop(Path(name, "w"), "", "")
        with private.owning(workshop.machine("own"), Path(name)) as made:
            yield made


@pytest.mark.parametrize("fault", [pytest.param(one, id=one.name) for one in private.FAULTS])
def test_the_cause_is_told_first_with_what_mends_it(fault: Fault, machine: Machine) -> None:
    examining.hold(fault, examining.examine(fault, machine))


@pytest.mark.parametrize("name", list(private.MACHINES))
def test_an_engine_with_nothing_wrong_hears_of_nothing(name: str, machine: Machine) -> None:
    with private.MACHINES[name](machine):
        told = machine.doctor("--json")
    assert (told.code, told.troubled) == (0, []), told.summary
