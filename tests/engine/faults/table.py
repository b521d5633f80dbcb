"""The faults that the doctor is held to, family by family; and the machines with nothing wrong."""

from tests.engine.faults import clients, engines, network, repository, settings, state
from tests.engine.faults.machine import Fault

FAMILIES: dict[str, tuple[Fault, ...]] = {
    "engine": engines.FAULTS,
    "client": clients.FAULTS,
    "config.json": settings.FAULTS,
    "network": network.FAULTS,
    "repository": repository.FAULTS,
    "what is written": state.FAULTS,
}
FAULTS = tuple(fault for family in FAMILIES.values() for fault in family)
