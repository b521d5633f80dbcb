"""Compilers, headers or version control stay in the image that ships.

They are needed while packages are built and never again: much of the image, and the tools that whoever breaks in would
wish for. Compile in an earlier stage, and take what came of it into the last one.

The fix is unsafe: it takes these packages out of the step where nothing behind it builds anything and nobody calls
them, for which scripts, compose files, workflows and the source are read. Headers are replaced by the library that runs
what was linked with them (`libpq-dev` by `libpq5`). It is declined where a later step builds, where something may call
them, and where the library cannot be told. What is removed again in the same step is left alone.

Bad:

    FROM python:3.12-slim AS builder
    RUN python -m venv /opt/venv && /opt/venv/bin/pip install flask

    FROM python:3.12-slim
    RUN apt-get update \
        && apt-get install -y --no-install-recommends gcc libpq-dev tini \
        && rm -rf /var/lib/apt/lists/*
    COPY --from=builder /opt/venv /opt/venv
    CMD ["/opt/venv/bin/python", "-m", "flask", "run"]

Good:

    FROM python:3.12-slim AS builder
    RUN apt-get update && apt-get install -y --no-install-recommends gcc libpq-dev
    RUN python -m venv /opt/venv && /opt/venv/bin/pip install psycopg2

    FROM python:3.12-slim
    RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
    COPY --from=builder /opt/venv /opt/venv

Good (gone again in the same step):

    FROM python:3.12-alpine
    RUN apk add --no-cache --virtual .build gcc musl-dev && pip install psycopg2 && apk del .build
"""

from collections.abc import Iterator

from drydock.audit import tools, uses
from drydock.audit.buildfile import BuildFile, Spot
from drydock.audit.finding import Fix, Found, Severity, mend
from drydock.audit.installs import APK, APT, Install
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.source import Edit
from drydock.dockerfile import Stage

IDLE = frozenset(
    {"useradd", "adduser", "usermod", "addgroup", "groupadd", "groupmod", "mkdir", "chown", "chmod", "ln", "rm"}
    | {"echo", "touch"}
)


def check(repository: Repository) -> Iterator[Found]:
    for file in repository.buildfiles:
        seen = set[int]()
        for stage in file.shipped:
            if file.feeds(stage):
                continue  # that is what it is for
            for spot in file.spots("RUN"):
                if not file.rests(stage, spot.stage) or spot.one.start in seen:
                    continue
                seen.add(spot.one.start)
                for install, names in tools.of(spot):
                    fix, declined = _fix(repository, file, stage, spot, install, names)
                    message = f"{', '.join(names)} {'stay' if names[1:] else 'stays'} in the image"
                    yield spot.found(message, fix, at=install.command.start, declined=declined)


def _fix(
    repository: Repository, file: BuildFile, stage: Stage, spot: Spot, install: Install, names: tuple[str, ...]
) -> tuple[Fix | None, str]:
    """Their names taken out of the step, or the step where nothing else is in it; or None and why they have to stay."""
    if reason := _against(repository, file, stage, spot, names):
        return None, reason
    found = tools.removal(spot, install, names)
    if found.declined:
        return None, found.declined
    if not found.empties:
        return mend(spot.source, *found.edits, safe=False), ""
    if not tools.only_installs(spot) or len(spot.installs) > 1:
        return None, "nothing else is installed, and the step does more than that"
    end = min(spot.one.end + len(spot.source.newline), len(spot.source.text))
    return Fix({spot.source.path: (Edit(spot.one.start, end, ""),)}, safe=False, fewer=1), ""


def _against(repository: Repository, file: BuildFile, stage: Stage, spot: Spot, names: tuple[str, ...]) -> str:
    if spot.stage.index != stage.index and _is_shared(file, spot.stage):
        return "other stages rest on this one"
    for later in file.spots("RUN"):
        if file.rests(stage, later.stage) and later.one.start >= spot.one.start and (line := _builds(later)):
            return f"line {line} builds with them: move that into an earlier stage"
    programs = tuple(dict.fromkeys(one for name in names for one in tools.programs(name)))
    if where := next(uses.callers(repository, file, stage, programs), ""):
        return f"{where} may call {' or '.join(programs)}"
    if "gcc" in programs and "libgomp1" not in spot.one.text:
        for path, text in uses.texts(file):
            if path.endswith((".txt", ".toml")) and tools.LOADERS.search(text):
                return f"{path} names a package that may load what comes with the compiler"
    return ""


def _is_shared(file: BuildFile, stage: Stage) -> bool:
    """Whether other stages rest on it."""
    return any(other.index != stage.index and file.rests(other, stage) for other in file.file.stages)


def _builds(later: Spot) -> int:
    """The line of a step that may build something; 0 for one that installs system packages or tidies up."""
    if later.one.heredocs:
        return later.one.line
    for command in later.commands:
        is_system = any(one.command == command and one.manager in (APT, APK) for one in later.installs)
        plain = command.program in ("apt-get", "apt", "apk", "set", "true", "export", *IDLE)
        if not is_system and not plain:
            return later.one.line
    return 0


RULE = rule(__name__, __doc__, Severity.WARNING, check)
