"""What a build of something untrusted may use up: time, and room on the engine's disk; else it is ended."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path

from drydock.command import Child
from drydock.engines.engine import Engine
from drydock.text import human_bytes, human_seconds
from drydock.values import dataclass

EACH = 0.5  # seconds from one look to the next
ROOM = 1_000_000_000  # bytes that stay free on the engine's disk, or a twentieth of a small one
GRACE_SECONDS = 10.0  # that buildx gets to take the build back


@dataclass(frozen=True)
class Limits:
    """Seconds for one build, and bytes that must stay free in `folder`; None where the engine's disk is not here."""

    seconds: float
    folder: Path | None = None
    room: int = 0

    def exceeded(self, since: float) -> str:
        """What is used up by what began at that moment of the monotonic clock, in words; empty where nothing is."""
        if time.monotonic() - since > self.seconds:
            return f"it takes longer than {human_seconds(self.seconds)}"
        return self.filled()

    def filled(self) -> str:
        """Whether the engine's disk is as full as it may be, in words; empty where it is not."""
        if self.folder is None:
            return ""
        try:
            free = shutil.disk_usage(self.folder).free
        except OSError:
            return ""
        return f"it fills the engine's disk: {human_bytes(free)} are left" if free < self.room else ""


@dataclass
class Watch:
    """What became of a guarded build: `reason` says why it was ended, and is empty where it was not."""

    reason: str = ""
    over: threading.Event = field(default_factory=threading.Event)


def limits(engine: Engine, seconds: float) -> Limits:
    """The limits on an engine: half of what is free now may always be used."""
    folder = Path(engine.data_root) if engine.data_root and engine.host.startswith("unix:") else None
    try:
        disk = shutil.disk_usage(folder) if folder else None
    except OSError:
        disk = None
    if folder is None or disk is None:
        return Limits(seconds)
    return Limits(seconds, folder, min(ROOM, disk.total // 20, disk.free // 2))


@contextmanager
def guarded(child: Child, limits: Limits | None) -> Iterator[Watch]:
    """Within this block, the child is ended as soon as it exceeds the limits, gently first."""
    watch = Watch()
    if limits is None:
        yield watch
        return
    thread = threading.Thread(target=_follow, args=(child, limits, watch), daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        watch.over.set()
        thread.join()


def _follow(child: Child, limits: Limits, watch: Watch) -> None:
    began = time.monotonic()
    while not watch.over.wait(EACH):
        if reason := limits.exceeded(began):
            watch.reason = reason
            child.terminate()
            if not watch.over.wait(GRACE_SECONDS):
                child.kill()
            return
