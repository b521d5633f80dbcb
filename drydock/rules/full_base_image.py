"""The image that ships rests on a full base where a slim one serves.

`python:3.12` and `node:22` hold compilers, headers and version control for whatever might be built, and are several
times as large as `python:3.12-slim` and `node:22-slim`, which hold the same Python and Node on the same Debian.

The fix is unsafe: it writes the slim tag. It is declined where a step of the stage needs what only the full base has,
where something may call such a tool (scripts, compose files, workflows and the source are read), where packages are
compiled or load libraries of the system, and where the tag comes from an argument.

Bad:

    FROM python:3.12
    WORKDIR /srv
    COPY app ./app
    CMD ["python", "-m", "app"]

Bad (Node):

    FROM node:22-bookworm
    WORKDIR /srv
    COPY server.js ./
    CMD ["node", "server.js"]

Good:

    FROM python:3.12 AS builder
    RUN python -m venv /opt/venv

    FROM python:3.12-slim
    COPY --from=builder /opt/venv /opt/venv
"""

import re
from collections.abc import Iterator

from drydock.audit import images, natives, uses
from drydock.audit.buildfile import BuildFile, Spot
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.installs import APK, APT
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.situation import beginning
from drydock.audit.source import Edit
from drydock.dockerfile import Stage

SLIM = {"python": r"\1-slim\2", "ruby": r"\1-slim\2", "perl": r"\1-slim\2", "node": r"\1\2-slim"}
TAG = re.compile(r"([\w.]+?)((?:-(?:trixie|bookworm|bullseye|buster|stretch))?)")
PLAIN = frozenset(
    {"useradd", "adduser", "addgroup", "groupadd", "mkdir", "chown", "chmod", "ln", "rm", "cp", "mv", "echo", "touch"}
    | {"set", "true", "export", "cd", "test", "[", "cat", "sed", "find", "printf", "install", "apt-get", "apt"}
    | {"python", "python3", "pip", "pip3", "poetry", "uv", "flask", "django-admin"}
    | {"node", "npm", "npx", "yarn", "pnpm", "corepack"}
)


def check(repository: Repository) -> Iterator[Found]:
    for file in repository.buildfiles:
        for stage in file.shipped:
            bottom = file.lineage(stage)[-1]
            base = file.base(bottom)
            if not base or images.size(beginning(base)) is not images.Size.FULL:
                continue
            new = _slim(base)
            declined = _against(repository, file, stage, bottom, new)
            at = bottom.opening.start + bottom.opening.text.find(base)
            fix = None if declined else mend(file.source, Edit(at, at + len(base), new), safe=False)
            yield file.found(bottom.opening, f"{base} is a full base", fix, declined=declined)


def _slim(base: str) -> str:
    """The slim image of the same version; "" where there is none to be named."""
    name, _, tag = base.partition(":")
    image = name.rpartition("/")[2]
    match = TAG.fullmatch(tag)
    if match is None or "@" in base or tag == "latest" or not any(sign.isdecimal() for sign in tag):
        return ""
    return f"{name}:{match.expand(SLIM[image])}"


def _against(repository: Repository, file: BuildFile, stage: Stage, bottom: Stage, new: str) -> str:
    if not new or bottom.opening.text.count(file.base(bottom)) != 1:
        return "which slim image is the same cannot be told from its tag"
    if any(file.rests(other, bottom) and not file.rests(stage, other) for other in file.file.stages):
        return "other stages rest on it, which may build"
    for spot in file.spots("RUN"):
        if file.rests(stage, spot.stage) and (reason := _needs(spot)):
            return reason
    if where := next(uses.callers(repository, file, stage, tuple(sorted(images.FULL - {"file", "cc"}))), ""):
        return f"{where} may call what only the full base has"
    return next(natives.reasons(file), "")


def _needs(spot: Spot) -> str:
    """Why a step may need what only a full base holds."""
    if spot.one.heredocs:
        return f"line {spot.one.line} may need what only the full base has"
    for command in spot.commands:
        system = any(one.command == command and one.manager in (APT, APK) for one in spot.installs)
        if not system and command.program not in PLAIN:
            return f"line {spot.one.line} calls {command.program}, which a slim base may lack"
    return ""


RULE = rule(__name__, __doc__, Severity.NOTE, check)
