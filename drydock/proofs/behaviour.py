"""What was seen of a service that was started, and whether it behaves as before. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import field

from drydock.values import dataclass

TROUBLE = re.compile(r"\b(error|exception|traceback|fatal|panic|critical)\b", re.IGNORECASE)
NUMBERS = re.compile(r"0x[0-9a-f]+|[0-9a-f]{8,}|\d+", re.IGNORECASE)


@dataclass(frozen=True)
class Seen:
    """A service in the end: its state as Docker names it, exit code, health ("" without a check), what answered.

    `ports` are the declared ones and whether each was open, `answers` the status codes by `PORT PATH`, `errors` the
    kinds of lines in its log that tell of trouble, `said` its last line.
    """

    service: str
    state: str
    code: int = 0
    health: str = ""
    ports: Mapping[int, bool] = field(default_factory=dict)
    answers: Mapping[str, int] = field(default_factory=dict)
    errors: tuple[str, ...] = ()
    said: str = ""

    @property
    def is_up(self) -> bool:
        """Whether it runs, and is healthy where it has a check."""
        return self.state == "running" and self.health in ("", "healthy")

    @property
    def is_done(self) -> bool:
        """Whether it ended well."""
        return self.state == "exited" and self.code == 0

    @property
    def words(self) -> str:
        """State in plain words."""
        if self.state == "exited":
            last = f": {self.said}" if self.said else ""
            return f"ends with exit code {self.code}{last if self.code else ''}"
        if self.state in ("created", "not there"):
            return f"does not start{f': {self.said}' if self.said else ''}"
        return f"is {self.health}" if self.state == "running" and self.health else f"is {self.state}"

    @property
    def shown(self) -> tuple[str, ...]:
        """What was seen of it, each as a short phrase."""
        found = [self.words]
        found += [f"port {port} {'answers' if is_open else 'does not answer'}" for port, is_open in self.ports.items()]
        return (*found, *(f"{where} answers {status}" for where, status in self.answers.items()))


def worse(before: Seen, after: Seen) -> tuple[str, ...]:
    """Why a service does not behave as before, as sentences; none where it does."""
    return tuple(_worse(before, after))


def unestablished(before: Seen) -> tuple[str, ...]:
    """What a start could not show, as sentences."""
    name = before.service
    if not before.is_up and not before.is_done:
        return (f"{name}: it {before.words} here before any fix too, so that it starts could not be established",)
    if before.is_done:
        return (f"{name}: it ends by itself; only its exit code was compared",)
    silent = [str(port) for port, is_open in before.ports.items() if not is_open]
    found = [f"{name}: port {', '.join(silent)} does not answer, before any fix too"] if silent else []
    if not before.health and not any(before.ports.values()):
        why = "no port that it declares answers" if silent else "no port is declared"
        found.append(f"{name}: it has no health check and {why}: only that it keeps running was seen")
    return tuple(found)


def troubles(log: str) -> tuple[str, ...]:
    """The kinds of lines that tell of trouble, each once, with `#` for numbers, which differ from run to run."""
    lines = (line.strip() for line in log.splitlines() if TROUBLE.search(line))
    return tuple(dict.fromkeys(NUMBERS.sub("#", line)[:200] for line in lines))


def _worse(before: Seen, after: Seen) -> Iterator[str]:
    name = before.service
    if (before.is_up and not after.is_up) or (before.is_done and not after.is_done):
        yield f"{name} {after.words}; before it {before.words}"
        return
    if before.state == "exited" and before.code and after.is_up:
        return  # what failed before is not worse for running still, be it that it takes longer to fail
    if before.state == "exited" and (after.state, after.code) != ("exited", before.code):
        yield f"{name} {after.words}; before it {before.words}"
        return
    for port, was_open in before.ports.items():
        if was_open and not after.ports.get(port):
            yield f"{name}: port {port} answered before and does not any more"
    for where, status in before.answers.items():
        if (now := after.answers.get(where)) != status:
            yield f"{name}: {where} answered {status} before, {now or 'nothing'} now"
    if new := [line for line in after.errors if line not in before.errors]:
        yield f"{name}: its log has a line that was not there before: {new[0]}"
