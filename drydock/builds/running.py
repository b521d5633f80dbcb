"""Which builds run now, in `.drydock/running.json`: written while they take longer than a second, gone in the end."""

import json
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from drydock import command, files
from drydock.builds.told import Finished, Snapshot
from drydock.config import Config
from drydock.errors import NotReady
from drydock.events import Event, Phase, Tell
from drydock.measures import storage
from drydock.text import shortened

FILE = "running.json"
EACH = 1.0  # seconds from one writing to the next, and before the first: a build with nothing to do writes nothing
STALE = timedelta(seconds=15)  # an entry that nobody renewed for so long does not count
STEP_WIDTH = 200

Entry = dict[str, Any]


@contextmanager
def shown(config: Config, images: Sequence[str], tell: Tell) -> Iterator[Tell]:
    """Within this block, what is told through the given `Tell` is also what the file says of this build.

    The entry is taken out however the block ends; a dry run has none.
    """
    if command.is_dry():
        yield tell
        return
    if not all(map(_counts, read(config.state / FILE))):  # a build that was killed left its entry
        _write(config, os.getpid(), None)
    build = _Build(config, images, tell)
    build.start()
    try:
        yield build.tell
    finally:
        build.end()


class _Build:
    """One build: how far it is, and the thread that writes that down, so that a step that is silent counts as well."""

    def __init__(self, config: Config, images: Sequence[str], tell: Tell) -> None:
        self._config, self._pass_on = config, tell
        self._entry: Entry = {
            "pid": os.getpid(),
            "images": list(images),
            "started": _now(),
            "done": 0,
            "total": None,
            "step": "",
        }
        self._is_over, self._was_written = threading.Event(), False
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def tell(self, event: Event) -> None:
        """Take in how far the build is, and pass it on."""
        self._entry = {**self._entry, **_said(event, self._entry)}
        self._pass_on(event)

    def end(self) -> None:
        """Write no more, and take the entry out."""
        self._is_over.set()
        self._thread.join()
        if self._was_written:
            _write(self._config, os.getpid(), None)

    def _follow(self) -> None:
        while not self._is_over.wait(EACH):
            self._was_written = True
            if not _write(self._config, os.getpid(), {**self._entry, "beat": _now()}):
                return


def _said(event: Event, before: Entry) -> Entry:
    """What an event changes of an entry."""
    match event:
        case Snapshot(images=images):
            busy = [one for one in images if one.step and not one.over]
            step = f"{busy[0].image}: {busy[0].step}" if busy else before["step"]
            total = sum(one.total for one in images)
            return {
                "done": sum(one.done for one in images),
                "total": total or None,
                "step": shortened(step, STEP_WIDTH),
            }
        case Finished(step=step) if before["total"] is None:  # the classic builder does not tell how many there are
            return {"done": before["done"] + 1, "step": shortened(f"{step.image}: {step.instruction}", STEP_WIDTH)}
        case Phase(name="weigh", detail=detail):
            return {"step": shortened(f"weighing {detail}", STEP_WIDTH)}
    return {}


def _write(config: Config, pid: int, entry: Entry | None) -> bool:
    """Put the entry of a process in place of the one it has, or take that out; whether the file could be written.

    Entries of processes that are gone, or that nobody renewed, are dropped; a file without any is removed.
    """
    path = config.state / FILE
    try:
        if not config.state.exists():
            storage.open_folder(config.state)
        with files.locked(path.with_suffix(".lock")):
            kept = [one for one in read(path) if one["pid"] != pid and _counts(one)]
            kept += [entry] if entry else []
            if kept:
                files.replace(path, json.dumps({"builds": kept}) + "\n", mode=0o644)
            else:
                path.unlink(missing_ok=True)
    except (OSError, NotReady):  # whoever watches sees nothing; the build goes on
        return False
    return True


def read(path: Path) -> list[Entry]:
    """The entries of a file; none where it is not there or nobody wrote it so."""
    try:
        builds = json.loads(path.read_text(encoding="utf-8"))["builds"]
        return [one for one in builds if isinstance(one["pid"], int) and datetime.fromisoformat(one["beat"]).tzinfo]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _counts(entry: Entry) -> bool:
    """Whether its process is there, and renewed it lately. Windows is not asked: there, the question is a Ctrl-C."""
    try:
        if sys.platform != "win32":
            os.kill(entry["pid"], 0)
    except PermissionError:
        pass  # it is there, and somebody else's
    except (ProcessLookupError, OverflowError):
        return False
    return datetime.now(UTC) - datetime.fromisoformat(entry["beat"]) < STALE


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
