"""What the doctor says of a machine with something wrong, fault by fault, and how long that takes it.

The faults are those of tests/engine/faults, each brought about on the real engine; the tests hold the doctor to them.
Run it as root on a quiet machine, after `inv build`: python bench/faults.py --runs 3 --save faults
"""

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from drydock import config, events  # noqa: E402
from drydock.bases import bases  # noqa: E402
from drydock.engines import engine  # noqa: E402
from drydock.measures import capture, evidence, fault_tables  # noqa: E402
from drydock.text import table  # noqa: E402
from tests.engine.faults import examining, healthy, private  # noqa: E402
from tests.engine.faults.examining import Workshop  # noqa: E402
from tests.engine.faults.machine import Fault, Injection, Machine  # noqa: E402
from tests.engine.faults.table import FAMILIES  # noqa: E402

BASE = "python:3.12-slim"


def main(words: Sequence[str] | None = None) -> None:
    """Examine every fault and every healthy machine, print what was said, and keep it if asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--runs", type=int, default=3, help="how often each is timed (default: 3)")
    parser.add_argument("--only", default="", choices=(*FAMILIES, private.FAMILY), help="only faults of this family")
    parser.add_argument("--save", default="", help="write the capture to docs/measurements under this name")
    asked = parser.parse_args(words)
    settings = config.load(ROOT, os.environ)
    found = engine.find(settings)
    (base,) = bases.resolve(settings, found, (BASE,), events.silent)
    with tempfile.TemporaryDirectory(prefix="dd") as name:
        folder = Path(name)
        folder.chmod(0o755)
        workshop = examining.workshop(folder / "w", found.host, base.reference)
        made = document(workshop, folder, asked.runs, asked.only)
    for header, rows in (*fault_tables.families(made).values(), fault_tables.healthy(made)):
        say(table(header, rows) + "\n")
    say(fault_tables.told(made))
    if asked.save:
        line = f"python bench/faults.py --runs {asked.runs} --save {asked.save}"
        used = [{"name": base.name, "origin": base.origin.value}]
        head = capture.header(settings, found, kind="faults", command=line, bases=used)
        path = evidence.save(ROOT, asked.save, {**head, **made})
        say(f"\nwritten: {path.relative_to(ROOT)}")


def document(workshop: Workshop, folder: Path, runs: int, only: str = "") -> dict[str, Any]:
    """Each fault with what was told of it, and each healthy machine, with the seconds of every run.

    What the doctor says is held against the table first: a capture of wrong words cannot be made.
    """
    found, well = [], []
    for family, faults in FAMILIES.items():
        if only in ("", family):
            found += [told(family, fault, workshop.machine(fault.name), runs) for fault in faults]
    if not only:
        well += [at_ease(name, workshop.machine(name), inject, runs) for name, inject in healthy.MACHINES.items()]
    if only in ("", private.FAMILY):
        with private.owning(workshop.machine("own"), folder) as machine:
            found += [told(private.FAMILY, fault, machine, runs) for fault in private.FAULTS]
            well += [at_ease(name, machine, inject, runs) for name, inject in private.MACHINES.items()]
    return {"runs": runs, "faults": found, "healthy": well}


def told(family: str, fault: Fault, machine: Machine, runs: int) -> dict[str, Any]:
    """A fault, what is said of it first, and how long that took each time."""
    if why := examining.hindrance(fault):
        raise SystemExit(f"{fault.name}: {why}")
    outcome = examining.examine(fault, machine, runs)
    examining.hold(fault, outcome)
    say(f"{fault.name}: {outcome.told.first['check']}", progress=True)
    words = {key: plain(outcome.told.first[key], machine) for key in ("seen", "remedy")}
    about = {"family": family, "name": fault.name, "check": fault.check, "state": fault.state, "code": fault.code}
    follow = sum(bool(one["follows"]) for one in outcome.told.checks)
    return {**about, **words, "follow": follow, "mended": fault.mended, "seconds": rounded(outcome.seconds)}


def at_ease(name: str, machine: Machine, inject: Injection, runs: int) -> dict[str, Any]:
    """A machine with nothing wrong: how many checks there were, how many complained, how long it took."""
    with inject(machine):
        every = [machine.doctor("--json") for _ in range(runs)]
    alarms = max(len(one.troubled) for one in every)
    return {
        "name": name,
        "checks": len(every[0].checks),
        "alarms": alarms,
        "seconds": rounded(one.seconds for one in every),
    }


def plain(words: str, machine: Machine) -> str:
    """Words that hold nothing of this machine or this run: no folder, port, process or made-up name."""
    for place, name in (
        (machine.root, "REPOSITORY"),
        (machine.folder, "FOLDER"),
        (machine.folder.parent.parent, "FOLDER"),
    ):
        words = words.replace(str(place), name)
    words = re.sub(r":\d{4,5}\b", ":PORT", re.sub(r"\b\d{5}(?= \(for)", "PORT", words))
    words = re.sub(r"(-p|port) \d{4,5}", r"\1 PORT", re.sub(r"process \d+", "process N", words))
    return re.sub(r"faults-?[0-9a-f]{12}", "faults", words)


def rounded(seconds: Iterable[float]) -> list[float]:
    return [round(one, 3) for one in seconds]


def say(text: str, *, progress: bool = False) -> None:
    """A line of the result, or of progress."""
    stream = sys.stderr if progress else sys.stdout
    stream.write(text + "\n")
    stream.flush()


if __name__ == "__main__":
    main()
