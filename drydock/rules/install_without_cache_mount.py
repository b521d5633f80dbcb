"""An install downloads its packages again each time its step runs: it has no cache mount.

A cache mount keeps what a package manager downloaded from one build to the next, outside of every layer. Without it
one changed line of a lock file downloads all packages again; with it, one. It makes no image larger, so the flags and
commands that people use to keep layers small (`--no-cache-dir`, `rm -rf /var/lib/apt/lists/*`) are no longer needed.

The fix is safe: it puts the mount at the cache folder of that manager for the user in effect, with that user's number
where it is not root. It is declined where the folder or the number cannot be told, where another instruction takes
something out of that folder, and for Yarn 2 and later without `node_modules`, which runs packages from its cache.

Bad:

    FROM python:3.12-slim
    COPY requirements.txt .
    RUN pip install -r requirements.txt

Good:

    FROM python:3.12-slim
    COPY requirements.txt .
    RUN --mount=type=cache,target=/root/.cache/pip \
        pip install -r requirements.txt
"""

from collections.abc import Iterator

from drydock.audit import mounts
from drydock.audit.buildfile import Spot
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.rule import each_instruction, rule
from drydock.audit.source import Edit


def check(spot: Spot) -> Iterator[Found]:
    lack = mounts.missing(spot)
    if not lack.managers:
        return
    message = f"{' and '.join(lack.managers)} downloads everything again whenever this step runs"
    fold = f" {spot.file.file.escape}\n    "
    new = "".join(flag + fold for flag in lack.flags)
    fix = None if lack.declined else mend(spot.source, Edit(spot.body, spot.body, new))
    yield spot.found(message, fix, declined=lack.declined)


RULE = rule(__name__, __doc__, Severity.WARNING, each_instruction(check, "RUN"))
