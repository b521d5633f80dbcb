"""`inv why`: why the last build of each image, or a certain build, ran what it ran."""

from collections.abc import Sequence
from typing import Any

from drydock.causes import cause
from drydock.causes.cause import Why
from drydock.config import Config
from drydock.errors import Misuse
from drydock.measures import bodies, ledger
from drydock.measures.build import Build
from drydock.measures.storage import damaged
from drydock.services import recorded
from drydock.values import dataclass

UNKNOWN = "nothing is recorded of why: it was imported, or built without BuildKit or by an older Drydock"


@dataclass(frozen=True)
class Reason:
    """One build, and why it ran what it ran; None where that was not recorded."""

    build: Build
    why: Why | None

    def document(self) -> dict[str, Any]:
        build = self.build
        facts = {"image": build.image, "id": build.id, "started": build.started, "scenario": build.scenario}
        counts = {"outcome": build.outcome, "steps": build.steps, "cached": build.cached}
        return {**facts, **counts, "why": self.why.document() if self.why else None, "words": self.words()}

    def words(self) -> str:
        """One sentence, whatever is known."""
        if self.why is None:
            return f"{self.build.image}: {UNKNOWN}"
        if self.why.cause:
            return self.why.words()
        if self.why.against is None:
            return f"{self.build.image}: there was no earlier build to compare with"
        return f"{self.build.image}: everything came from the cache"

    def text(self) -> str:
        """The sentence, and what belongs to it."""
        lines = [self.words()]
        if self.why and self.why.cause and self.why.against:
            after = self.why.after
            behind = f", {after} more {'step' if after == 1 else 'steps'} ran behind it" if after else ""
            lines.append(f"  build {self.build.id}, compared with build {self.why.against}{behind}")
        return "\n".join([*lines, *(f"  {note}" for note in (self.why.notes if self.why else ()))])


@dataclass(frozen=True)
class Report:
    """The reasons, by image."""

    reasons: tuple[Reason, ...]

    code = 0

    def document(self) -> dict[str, Any]:
        return {"builds": [one.document() for one in self.reasons]}

    def text(self) -> str:
        if not self.reasons:
            return "no build is recorded yet: inv build"
        return "\n".join(one.text() for one in self.reasons)


def run(config: Config, *, services: Sequence[str] = (), build: str = "") -> Report:
    """Read what was found out when the builds were made; nothing is built and no engine is asked.

    Raises Misuse for a build or a service of which nothing is recorded, and for a ledger that is damaged or newer.
    """
    if build:
        return Report((_reason(config, _build(config, build)),))
    found = {name: ledger.recent(config, image=name, limit=1)[0] for name in ledger.images(config)}
    recorded.require(config, services, found, "why")
    return Report(tuple(_reason(config, found[name]) for name in sorted(services or found)))


def _build(config: Config, words: str) -> Build:
    is_number = words.isascii() and words.isdecimal() and len(words) <= 18
    found = ledger.find(config, int(words)) if is_number else None
    if found is None:
        raise Misuse(f"there is no build {words}", remedy="inv builds --limit 1000 shows which there are")
    return found


def _reason(config: Config, build: Build) -> Reason:
    told = bodies.why(config, build.id)
    try:
        return Reason(build, cause.read(told) if told is not None else None)
    except ValueError as error:
        raise damaged(config.ledger, error) from error
