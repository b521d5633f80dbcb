"""One stage builds and runs: what only building needs stays in the image.

Compilers, headers and the packages of a build are not needed once it is done. In two stages the first has all of them,
and the last takes over what came of it: the image is smaller, and holds fewer tools for whoever breaks in.

The fix is unsafe: what a build without a target gives is then another stage. It puts pip's packages into an environment
at /opt/venv, whose path stays the same in both stages, or takes over the work folder of a Node service as it is;
installs the libraries that compiled modules load in the last stage as well; and keeps the name of the stage for the one
that runs. It is declined with the reason where anything else is done before the last install, where something may call
the tools later, and where what a build gives cannot be told. A stage without tools and builds is left alone: nothing is
gained.

Bad:

    FROM python:3.12-slim
    RUN apt-get update \
        && apt-get install -y --no-install-recommends gcc libc6-dev libpq-dev \
        && rm -rf /var/lib/apt/lists/*
    WORKDIR /srv
    COPY requirements.txt ./
    RUN pip install --no-cache-dir -r requirements.txt
    COPY app ./app
    CMD ["python", "-m", "app"]

Bad (a Node service with an addon):

    FROM node:22-slim
    RUN apt-get update && apt-get install -y --no-install-recommends g++ make python3 && rm -rf /var/lib/apt/lists/*
    WORKDIR /srv
    COPY package.json package-lock.json ./
    RUN npm ci --omit=dev
    COPY server.js ./
    CMD ["node", "server.js"]

Good:

    FROM python:3.12-slim
    WORKDIR /srv
    COPY requirements.txt ./
    RUN pip install --no-cache-dir -r requirements.txt
    COPY app ./app
    CMD ["python", "-m", "app"]
"""

import re
from collections.abc import Iterator

from drydock.audit import staging, tools
from drydock.audit.buildfile import BuildFile, Spot
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.installs import APK, APT
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.dockerfile import Stage

COMPILES = re.compile(
    r"(npx )?tsc\b|(cargo|go|dotnet|swift|zig) (build|publish)\b|(mvn|gradle|\./gradlew|\./mvnw|make|cmake)\b"
)


def check(repository: Repository) -> Iterator[Found]:
    for file in repository.buildfiles:
        for stage in file.shipped:
            if len(file.lineage(stage)) > 1 or _takes(stage) or file.feeds(stage) or not _builds(file, stage):
                continue
            found = staging.split(repository, file, stage)
            fix = mend(file.source, *found.edits, safe=False) if found.edits else None
            yield file.found(stage.opening, "one stage builds and runs", fix, declined=found.declined)


def _takes(stage: Stage) -> bool:
    """Whether it takes something over from elsewhere."""
    return any(one.keyword == "COPY" and one.flag("from") for one in stage.instructions)


def _builds(file: BuildFile, stage: Stage) -> bool:
    """Whether it has tools and something that uses them, or makes something of the source."""
    spots = [one for one in file.spots_of(stage) if one.one.keyword == "RUN"]
    tooled = [one for one in spots if tools.of(one)]
    installs = any(one.one.start >= tooled[0].one.start and _installs(one) for one in spots) if tooled else False
    return installs or any(_makes(one) for one in spots)


def _installs(spot: Spot) -> bool:
    return any(one.manager not in (APT, APK) for one in spot.installs)


def _makes(spot: Spot) -> bool:
    return any(staging.BUILDS.match(one.line) or COMPILES.match(one.line) for one in spot.commands)


RULE = rule(__name__, __doc__, Severity.NOTE, check)
