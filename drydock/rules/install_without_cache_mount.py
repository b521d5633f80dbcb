"""An install downloads its packages again each time its step runs: it has no cache mount.

A cache mount keeps what a package manager downloaded from one build to the next, outside of every layer. Without it
one changed line of a lock file downloads all packages again; with it, one. It makes no image larger, so the flags and
commands that people use to keep layers small (`--no-cache-dir`, `rm -rf /var/lib/apt/lists/*`) are no longer needed.

The fix is safe: it puts the mount at the cache folder of that manager for the user in effect, with that user's number
where it is not root, and takes out of that step what would work against it. It is declined where the folder or the
number cannot be told, where another instruction takes something out of that folder, and for Yarn 2 and later without
`node_modules`, which runs packages from its cache.

For pip, npm and apt the fix was tried with real builds: the second one fetches no package. For apk it was not: it is
made after what Alpine says of apk's cache, and there is no Alpine where we test.

Bad:

    FROM python:3.12-slim
    COPY requirements.txt .
    RUN pip install -r requirements.txt

Bad (apt, with what would empty the mount):

    FROM debian:bookworm-slim
    RUN apt-get update \
        && apt-get install -y --no-install-recommends curl \
        && rm -rf /var/lib/apt/lists/*

Bad (an ordinary user):

    FROM node:22-slim
    USER node
    WORKDIR /home/node/app
    RUN npm ci && npm cache clean --force

Good:

    FROM python:3.12-slim
    COPY requirements.txt .
    RUN --mount=type=cache,target=/root/.cache/pip \
        pip install -r requirements.txt
"""

from collections.abc import Iterator

from drydock.audit import mounting, mounts
from drydock.audit.buildfile import Spot
from drydock.audit.finding import Found, Severity
from drydock.audit.rule import each_instruction, rule


def check(spot: Spot) -> Iterator[Found]:
    lack = mounts.missing(spot)
    if not lack.managers:
        return
    downloads = "download" if lack.managers[1:] else "downloads"
    message = f"{' and '.join(lack.managers)} {downloads} everything again whenever this step runs"
    fix, declined = mounting.fix(spot, lack)
    yield spot.found(message, fix, declined=declined)


RULE = rule(__name__, __doc__, Severity.WARNING, each_instruction(check, "RUN"))
