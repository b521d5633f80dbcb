"""The builds that run now, from the file that builders keep beside the ledger."""

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app import shapes

FILE = "running.json"
SILENT = timedelta(seconds=15)  # a builder that says nothing for so long was killed
MOST_BYTES = 1_000_000

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """One builder as it last told; `beat` is when."""

    images: tuple[str, ...]
    started: str
    done: int
    total: int | None
    step: str
    beat: str


@dataclass(frozen=True)
class Entries:
    """All builders of the file."""

    builds: tuple[Entry, ...]


@dataclass(frozen=True)
class Running:
    """A build that runs: how many of its steps are done, and which one it is at."""

    images: tuple[str, ...]
    started: str
    done: int
    total: int | None
    step: str


def now(ledger: Path, clock: datetime) -> tuple[Running, ...]:
    """The builders that gave a sign of life lately; none where the file is not there, or damaged."""
    try:
        with (ledger.parent / FILE).open("rb") as file:
            entries = shapes.read(Entries, json.loads(file.read(MOST_BYTES)))
        alive = [one for one in entries.builds if clock - _moment(one.beat) <= SILENT]
    except OSError:
        return ()
    except (ValueError, RecursionError) as error:
        log.warning("%s is damaged: %s", FILE, error)
        return ()
    return tuple(Running(one.images, one.started, one.done, one.total, one.step) for one in alive)


def _moment(text: str) -> datetime:
    """A moment of RFC 3339, or ValueError."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
