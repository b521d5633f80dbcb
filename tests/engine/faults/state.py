"""Faults of what is written: records, the user's own state, file systems that are full or take no writes."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.engine.faults.machine import Fault, Injection, Machine


def records(spoil: Callable[[Path], object]) -> Injection:
    """The ledger is there, and something is done to it."""

    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        path = machine.root / ".drydock" / "ledger.db"
        path.parent.mkdir()
        spoil(path)
        yield

    return inject


def newer(path: Path) -> None:
    with closing(sqlite3.connect(path)) as base:
        base.execute("PRAGMA user_version = 99")


@contextmanager
def locked(machine: Machine) -> Iterator[None]:
    path = machine.root / ".drydock" / "ledger.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as base:
        base.execute("BEGIN EXCLUSIVE")
        yield
        base.execute("ROLLBACK")


def mounted(where: str, options: str, *lines: str) -> Injection:
    """A small file system stands at a place, as this doctor sees it; then these lines run there."""

    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        place = machine.folder / where
        place.mkdir(parents=True, exist_ok=True)
        machine.apart = True
        machine.before += [f"mount -t tmpfs -o {options} tmpfs {place}", f"cd {place}", *lines, "cd /"]
        yield

    return inject


@contextmanager
def no_home(machine: Machine) -> Iterator[None]:
    path = machine.folder / "a-file"
    path.write_text("")
    machine.environ["DRYDOCK_HOME"] = str(path)
    yield


FILL = "head -c 8M /dev/zero > filler 2>/dev/null || true"
FAULTS = (
    Fault(
        "the records are damaged",
        records(lambda path: path.write_bytes(b"no ledger" * 999)),
        "ledger",
        "damaged|no ledger",
        "^mv ",
        mended="remedy",
    ),
    Fault("the records are of a newer version", records(newer), "ledger", "newer Drydock", "move the file away"),
    Fault(
        "the records are held by a writer that hangs", locked, "ledger", "held by another build", "wait for it to end"
    ),
    Fault(
        "the records' file system takes no writes",
        mounted("repository/.drydock", "ro"),
        "disk",
        "takes no writes",
        "remount,rw",
        root=True,
    ),
    Fault(
        "the records' file system is full",
        mounted("repository/.drydock", "size=1M", FILL),
        "disk",
        "0 B free in .*for the records",
        "free some",
        root=True,
    ),
    Fault(
        "temporary files find no room",
        mounted("tmp", "size=1M", FILL, 'export TMPDIR="$PWD"'),
        "disk",
        "for temporary files",
        "free some",
        root=True,
    ),
    Fault(
        "room for few more files",
        mounted("state", "nr_inodes=50"),
        "disk",
        r"room for \d+ more files",
        "free some",
        root=True,
    ),
    Fault(
        "the user's state takes no writes", mounted("state", "ro"), "disk", "takes no writes", "remount,rw", root=True
    ),
    Fault("the user's state is no folder", no_home, "home", "cannot be written", "DRYDOCK_HOME"),
)
