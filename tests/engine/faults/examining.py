"""Bringing a fault about, asking the doctor, doing what it says, and holding all of it against the table."""

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.committing import commit
from tests.engine.faults.certificates import Authority, make
from tests.engine.faults.machine import IS_ROOT, OBEYED, Examined, Fault, Machine, command_of, environment

COMPOSE = "services:\n  web:\n    image: faults/web:local\n    build: app\n"
DOCKERFILE = "FROM scratch\nCOPY note.txt /\n"
SLOWEST = 30.0  # seconds on a crowded machine; what a quiet one takes is in the capture


@dataclass(frozen=True)
class Workshop:
    """What all machines are made of: a folder, an engine's socket, an image on it, two authorities."""

    folder: Path
    socket: str
    image: str
    authorities: tuple[Authority, Authority]

    def machine(self, name: str, given: Mapping[str, str] = os.environ) -> Machine:
        """A machine with nothing wrong, in a folder of that name."""
        folder = self.folder / re.sub(r"\W+", "-", name)
        root = folder / "repository"
        shutil.copytree(self.folder / "healthy", root)
        environ = environment(folder, given, self.socket)
        return Machine(folder, root, environ, self.socket, self.image, self.authorities)


def workshop(folder: Path, socket: str, image: str) -> Workshop:
    """Make what all machines are made of, once."""
    root = folder / "healthy"
    (root / "app").mkdir(parents=True)
    (root / "compose.yaml").write_text(COMPOSE)
    (root / "app" / "Dockerfile").write_text(DOCKERFILE)
    (root / "app" / "note.txt").write_text("x\n")
    commit(root)
    return Workshop(folder, socket, image, (make(folder / "right"), make(folder / "wrong")))


@dataclass(frozen=True)
class Outcome:
    """What the doctor said of a fault, once more after its remedy where that was carried out, and how long it took."""

    told: Examined
    text: str
    after: Examined | None
    seconds: tuple[float, ...]


def hindrance(fault: Fault) -> str:
    """Why a fault cannot be brought about here; empty where it can."""
    if fault.root and not IS_ROOT:
        return "only root can mount, and become another user"
    if "ssh://" in fault.name and not shutil.which("ssh"):
        return "there is no ssh here"
    return ""


def examine(fault: Fault, machine: Machine, runs: int = 1) -> Outcome:
    """Bring the fault about, ask the doctor, so many times, and carry out the remedy if the table says so."""
    with fault.inject(machine):
        told = [machine.doctor("--json") for _ in range(runs)]
        text = machine.doctor().out if "terminal" in fault.name else ""
        after = None
        if fault.mended == "remedy":
            after = machine.doctor("--json", first=command_of(told[0].first["remedy"] or "", machine.root))
        elif fault.mended == "fix":
            after = machine.doctor("--fix", "--json")
    return Outcome(told[0], text, after, tuple(one.seconds for one in told))


def hold(fault: Fault, outcome: Outcome) -> None:
    """The right cause first and alone, the right remedy and code, nothing for a terminal to obey, and in time."""
    told = outcome.told
    first = told.first
    assert (first["check"], first["state"]) == (fault.check, fault.state), told.summary
    assert re.search(fault.seen, first["seen"]), first
    assert re.search(fault.remedy, first["remedy"]), first
    assert told.code == fault.code
    own = [one["check"] for one in told.checks if one["state"] != "ok" and not one["follows"]]
    assert own == [fault.check], told.summary
    for text in (first["seen"], first["remedy"], outcome.text):
        assert not OBEYED.search(text), repr(text)
    assert len(told.out) < 20_000
    assert max(outcome.seconds) < SLOWEST
    if fault.mended:
        assert outcome.after is not None
        assert outcome.after.check(fault.check)["state"] == "ok", outcome.after.summary
