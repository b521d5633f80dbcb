"""One kill at a random moment, and what came of it: what was lost, what was left, what the next run made of it."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Container, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from statistics import median

from bench.killing.machine import SECONDS, Machine
from bench.killing.subjects import Rows, Subject, contents, flaws, rows, torn
from drydock.engines import processes

WARM = 2  # runs that tell how long one takes
TRIES = 20  # to hit a run before it ends
LATEST = 0.98  # of the time that a run takes
POLL = 0.002  # seconds from one look for a client to the next


@dataclass(frozen=True)
class Strike:
    """A kill: `at` is the moment as a part of an undisturbed run, `code` what the struck command ended with.

    `lost` is what must never be: rows that are gone, a damaged ledger, files half written, a traceback, no end. `begun`
    is what lay there after the kill, `left` what lies there after the next run, which ended with `next`.
    """

    command: str
    victim: str
    at: float
    code: int
    lost: tuple[str, ...]
    begun: tuple[str, ...]
    next: int
    left: tuple[str, ...]
    seconds: float


def strikes(
    machine: Machine, subject: Subject, numbers: Iterable[int], seed: int, tell: Callable[[Strike], None]
) -> list[Strike]:
    """Kill one command once for each number, its victims in turns; seed and number give the same moment again."""
    took = median(undisturbed(machine, subject) for _ in range(WARM))
    subject = replace(subject, whole=contents(subject.root))
    found = []
    for number in numbers:
        chance = random.Random(f"{seed} {subject.name} {number}")  # noqa: S311  no secret
        one = strike(machine, subject, subject.victims[number % len(subject.victims)], took, chance)
        tell(one)
        found.append(one)
    return found


def undisturbed(machine: Machine, subject: Subject) -> float:
    """Run the command as it is meant to be; how long it takes, in seconds. It must succeed and leave nothing."""
    subject.fresh()
    began = time.monotonic()
    code, said = ended(machine.start(subject.words, subject.root))
    if code or (left := machine.left(subject.root, in_engine=subject.in_engine)):
        raise RuntimeError(f"{subject.name} ends with {code} by itself, leaving {left if not code else said}")
    return time.monotonic() - began


def strike(machine: Machine, subject: Subject, victim: str, took: float, chance: random.Random) -> Strike:
    """Kill one run, look at what is there, and run the command once more."""
    began = time.monotonic()
    recorded, images = rows(subject.root), machine.images() if subject.in_engine else set()
    for _ in range(TRIES):
        subject.fresh()
        before, at = contents(subject.root), chance.uniform(0.0, LATEST)
        child = machine.start(subject.words, subject.root)
        if hit(machine, child, victim, at * took):
            break
        ended(child)
        recorded = rows(subject.root)
    else:
        raise RuntimeError(f"no {victim} of {subject.name} could be hit")
    code, said = ended(child)
    after = rows(subject.root)
    lost = [*flaws(subject.root), *torn(before, contents(subject.root), subject.whole), *gone(recorded, after)]
    lost += amiss(said, code, subject.codes(victim))
    begun = tuple(machine.left(subject.root, in_engine=subject.in_engine and bool(machine.daemons())))
    following, words = ended(machine.start(subject.words, subject.root))
    has_engine = subject.in_engine and bool(machine.daemons())
    left = machine.left(subject.root, in_engine=has_engine)
    if subject.in_engine and not has_engine:
        left.append("no engine")
    elif subject.name in ("bench", "prove"):  # a build leaves the image before it without a name, as docker does
        left += [f"image: {one}" for one in sorted(machine.images() - images)]
    lost += gone(after, rows(subject.root))
    left += [last_words(words)] if following else []
    return Strike(
        *(subject.name, victim, round(at, 3), code, tuple(lost), begun, following, tuple(left)),
        seconds=round(time.monotonic() - began, 1),
    )


def gone(before: Rows, after: Rows) -> list[str]:
    """The tables of which rows are gone."""
    return [f"rows of {name}" for name, kept in before.items() if not kept <= after[name]]


def amiss(said: str, code: int, codes: Container[int]) -> list[str]:
    """What is wrong with how the struck command ended."""
    found = [last_words(said)] if "Traceback" in said else []
    return found if code in codes else [*found, f"ends with {code}: {last_words(said)}"]


def hit(machine: Machine, child: "subprocess.Popen[str]", victim: str, seconds: float) -> bool:
    """Wait until the moment and kill the victim; whether the command was still at work."""
    with suppress(subprocess.TimeoutExpired):
        child.wait(timeout=seconds)
    while child.poll() is None:
        if found := victims(machine, child.pid, victim):
            for pid in found:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            processes.wait(found - {child.pid}, 10)
            return True
        with suppress(subprocess.TimeoutExpired):
            child.wait(timeout=POLL)
    return False


def victims(machine: Machine, pid: int, victim: str) -> set[int]:
    """The processes that are to be killed; none where a tool or an engine is not at work just now."""
    match victim:
        case "drydock":
            return {pid}
        case "client":
            return machine.clients(pid)
        case "all":
            return {pid, *machine.clients(pid)}
    return machine.daemons()


def last_words(said: str) -> str:
    """The last two lines: what happened, and its remedy."""
    return " ".join(said.strip().splitlines()[-2:])


def ended(child: "subprocess.Popen[str]") -> tuple[int, str]:
    """The exit code and what was said; a command that does not end is killed, which is no code of ours."""
    try:
        _, said = child.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        _, said = child.communicate()
        return 124, f"{said}\nTraceback: no end within {SECONDS:g} s"
    return child.returncode, said
