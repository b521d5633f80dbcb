"""A copy of the repository observed: its images built and looked at, its services started and probed."""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from drydock.engines.scratch import LABEL
from drydock.errors import Misuse
from drydock.events import Phase
from drydock.proofs import launching, looking, running
from drydock.proofs.running import Probe
from drydock.proofs.variant import Made, Variant
from drydock.proofs.workshop import Work, Workshop
from drydock.services import model as services
from drydock.values import dataclass

SECONDS = 30.0


@dataclass
class Observer:
    """How copies are observed: images by name, seconds that a start may take, HTTP paths to ask for, by image."""

    shop: Workshop
    names: Sequence[str]
    seconds: float = SECONDS
    paths: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    _starts: int = 0

    def observe(self, work: Work, before: Variant | None = None) -> Variant:
        """What a copy is and does; where an image does not build that did `before`, nothing is started."""
        found = dict[str, Made]()
        for name in self.names:
            if before and before.images[name].trouble:
                found[name] = before.images[name]  # nothing is claimed of it
                continue
            self.shop.tell(Phase("prove", f"{work.copy.variant}: building {name}"))
            found[name] = looking.look(self.shop, work, name)
        if before and any(made.trouble and not before.images[name].trouble for name, made in found.items()):
            return Variant(found)
        return self._started(work, Variant(found), before)

    def _started(self, work: Work, made: Variant, before: Variant | None) -> Variant:
        """The variant with what is seen of its services."""
        owners = {service: self.shop.runs(work, service) for service in work.model["services"]}
        tags = {name: one.tag for name, one in made.images.items() if not one.trouble}
        references = {service: tags[name] for service, name in owners.items() if name in tags}
        chosen = frozenset(references)
        wanted = launching.needed(work.model["services"], chosen)
        others = {service: self._reference(work, service) for service in wanted - chosen}
        references |= {service: reference for service, reference in others.items() if reference}
        checked = frozenset(service for service, one in references.items() if looking.checked(self.shop, one))
        launch = launching.plan(work.model, references, checked, chosen)
        launch = launching.marked(launch, {LABEL: self.shop.mark})
        if not launch.services:
            return replace(made, notes=launch.left_out)
        probes = {service: self._probe(made, owners.get(service, ""), service, before) for service in launch.services}
        self.shop.tell(Phase("prove", f"{work.copy.variant}: starting {', '.join(launch.services)}"))
        self._starts += 1
        mark = f"{self.shop.mark}-{self._starts}"
        seen = running.watch(self.shop.engine, launch, probes, self.shop.folder, mark, self.seconds, self.shop.limits)
        ours = {name: one for name, one in seen.items() if name in chosen}
        return replace(made, seen=ours, notes=launch.left_out, incomplete=launch.incomplete)

    def _reference(self, work: Work, service: str) -> str:
        """The image from outside that a service runs, if it is here or can be pulled."""
        told = work.model["services"][service]
        name = services.plain(told.get("image") or "")
        if "build" in told or name in work.named:
            return ""
        return self.shop.reference(name)

    def _probe(self, made: Variant, image: str, service: str, before: Variant | None) -> Probe:
        """What a service is asked; ports that did not answer before are not waited for."""
        if image not in made.images:
            return Probe()
        declared = [name.removeprefix("port ") for name in made.images[image].settings.get(service, {})]
        numbers = {int(one.removesuffix("/tcp")) for one in declared if one.removesuffix("/tcp").isdigit()}
        paths = self.paths.get(image, ("/",))
        if before is None or service not in before.seen:
            return Probe(tuple(sorted(numbers)), paths)
        was = before.seen[service].ports
        waited = frozenset(port for port, is_open in was.items() if is_open)
        ended = before.seen[service].state == "exited"
        return Probe(tuple(sorted(numbers | set(was))), paths, waited, ends=ended)


def paths(settings: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The HTTP paths that `probe` in `[tool.drydock.images.NAME]` names, by image; Misuse for what is no list."""
    images = settings.get("images", {})
    found = {}
    for name, table in images.items() if isinstance(images, Mapping) else ():
        given = table.get("probe") if isinstance(table, Mapping) else None
        if given is None:
            continue
        if not isinstance(given, list) or not all(isinstance(one, str) and one.startswith("/") for one in given):
            raise Misuse(f"probe of {name} is no list of paths", remedy='write it as probe = ["/health"]')
        found[name] = tuple(given)
    return found
