"""How long an answer is waited for: longer on a machine that is busy, where silence says nothing."""

import os
from contextlib import suppress
from pathlib import Path

LOAD = Path("/proc/loadavg")
MOST = 8.0  # times as long, whatever the load


def factor() -> float:
    """How much longer everything takes here at this moment: others that want to run for each core, at least 1.

    The averages of the load are no help: they still tell of what is over, and not yet of what has begun.
    """
    others = 0.0
    with suppress(OSError, ValueError, IndexError):
        others = float(LOAD.read_text(encoding="ascii").split()[3].partition("/")[0]) - 1  # one is this one
    return min(MOST, max(1.0, others / (os.cpu_count() or 1)))
