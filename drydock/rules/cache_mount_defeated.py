"""A cache mount is there, and the same step keeps its package manager from using it or empties it again.

`--no-cache-dir`, `PIP_NO_CACHE_DIR`, `npm cache clean` and `rm -rf /var/lib/apt/lists/*` make images smaller where
there is no cache mount. Beside one they save nothing, since a mount is no part of the image, and they cost what the
mount would have saved. Debian's images also hold a file that deletes apt's downloads after each install (docker-clean),
and `apt` deletes them by itself, unlike `apt-get`.

The fix is safe: it takes the flag or the command out, gives the variable a value for that one command, removes
docker-clean before apt runs, and tells `apt` to keep its downloads. It is declined where the words are not in the file
as the shell sees them.

Bad:

    FROM python:3.12-slim
    RUN --mount=type=cache,target=/root/.cache/pip pip install --no-cache-dir flask

Bad (apt):

    FROM debian:bookworm-slim
    RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
        --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
        apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*

Bad (apt itself):

    FROM debian:bookworm-slim
    RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
        --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
        rm -f /etc/apt/apt.conf.d/docker-clean; \
        apt update && apt install -y curl

Bad (by a variable):

    FROM python:3.12-slim
    ENV PIP_NO_CACHE_DIR=1
    RUN --mount=type=cache,target=/root/.cache/pip pip install flask

Good:

    FROM debian:bookworm-slim
    RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
        --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
        rm -f /etc/apt/apt.conf.d/docker-clean; \
        apt-get update && apt-get install -y curl
"""

from collections.abc import Iterator

from drydock.audit import defeats
from drydock.audit.buildfile import Spot
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.rule import each_instruction, rule


def check(spot: Spot) -> Iterator[Found]:
    for defeat in defeats.of(spot):
        fix = mend(spot.source, *defeat.edits) if defeat.edits else None
        yield spot.found(defeat.message, fix, at=defeat.start, declined=defeat.declined)


RULE = rule(__name__, __doc__, Severity.WARNING, each_instruction(check, "RUN"))
