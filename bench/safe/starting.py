"""The services of many variants started together, each watched until it is ready, and asked over HTTP."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drydock import command
from drydock.engines.engine import Engine
from drydock.proofs import launching, running
from drydock.proofs.behaviour import Seen
from drydock.proofs.running import Probe

SECONDS = 300.0  # a whole group on a busy machine
PATHS = ("/", "/health")


@dataclass(frozen=True)
class Started:
    """A service to start: its name among the others, what the model says of it, its image and that configuration."""

    name: str
    service: Mapping[str, Any]
    tag: str
    image: Mapping[str, Any]

    @property
    def probe(self) -> Probe:
        """The TCP ports that its image declares, and two paths that services here answer."""
        ports = [one.partition("/") for one in self.image.get("ExposedPorts") or {}]
        return Probe(tuple(sorted(int(number) for number, _, kind in ports if kind == "tcp")), PATHS)

    @property
    def is_checked(self) -> bool:
        return "Test" in (self.image.get("Healthcheck") or {})


def watch(
    engine: Engine, folder: Path, mark: str, group: Sequence[Started], *, ordered: bool = False
) -> dict[str, Seen]:
    """What was seen of each of these, by name.

    With `ordered` they wait for each other, and for health, as their model says. Else health checks are left out, since
    dozens of interpreters that start each second would show no more than that the machine is busy: what they ask is
    asked from here.
    """
    if not group:
        return {}
    apart = {} if ordered else {"depends_on": None, "healthcheck": {"disable": True}}
    model = {"services": {one.name: {**one.service, **apart} for one in group}}
    tags = {one.name: one.tag for one in group}
    checked = frozenset(one.name for one in group if one.is_checked)
    launch = launching.plan(model, tags, checked, frozenset(tags))
    return running.watch(engine, launch, {one.name: one.probe for one in group}, folder, mark, SECONDS)


def configurations(engine: Engine, tags: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """What images say of their containers, by tag; one process for all."""
    if not tags:
        return {}
    told = command.run(["docker", "image", "inspect", *tags], env=engine.environ)
    return {tag: one["Config"] for tag, one in zip(tags, json.loads(told.out), strict=True)}
