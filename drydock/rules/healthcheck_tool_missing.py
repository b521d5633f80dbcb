"""A health check calls a tool that the image does not hold: the container never becomes healthy.

Slim images of Python and Node hold neither curl nor wget, Alpine holds wget and no curl. A check that calls what is not
there fails each time, and whatever waits for `service_healthy` waits for ever. Checks in compose files count as well.

There is no fix, since there are two: install the tool, or ask with what is there, such as `python -c` or `node -e`.
Only official bases are judged, and only where no instruction names the tool.

Bad:

    FROM python:3.12-slim
    COPY app.py .
    HEALTHCHECK CMD curl --fail http://127.0.0.1:8000/health || exit 1

Bad (in a compose file):

    FROM node:22-alpine
    COPY server.js .
    --- compose.yaml
    services:
      web:
        build: .
        healthcheck:
          test: [CMD-SHELL, "curl --fail http://127.0.0.1:3000/"]

Good:

    FROM python:3.12-slim
    RUN apt-get update && apt-get install -y --no-install-recommends curl
    COPY app.py .
    HEALTHCHECK CMD curl --fail http://127.0.0.1:8000/health || exit 1
"""

import re
from collections.abc import Iterator, Sequence

from drydock.audit import images, shell, uses
from drydock.audit.buildfile import BuildFile
from drydock.audit.finding import Found, Severity
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.yamltree import Node, Shape
from drydock.dockerfile import Instruction, Stage

TOOLS = frozenset({"curl", "wget", "nc", "ncat", "netcat", "jq", "http", "telnet", "pg_isready", "redis-cli"})
PACKAGES = {"pg_isready": "postgres", "redis-cli": "redis", "http": "httpie", "ncat": "nmap", "nc": "netcat"}


def check(repository: Repository) -> Iterator[Found]:
    for file in repository.buildfiles:
        for stage in file.shipped:
            one = file.end(stage).healthcheck
            if one is not None and (tool := _missing(file, stage, _commands(one))):
                yield file.found(one, f"the health check calls {tool}, which the image does not hold")
            for compose, service in uses.services(repository, file, stage):
                test = service.get("healthcheck", "test")
                if test is not None and (tool := _missing(file, stage, _tested(test))):
                    yield compose.found(test, f"the health check calls {tool}, which the image does not hold")


def _commands(one: Instruction) -> Sequence[str]:
    """The programs of a HEALTHCHECK, in their order."""
    words = one.args[1:]
    return words[:1] if one.json else [command.program for command in shell.script(" ".join(words))]


def _tested(test: Node) -> Sequence[str]:
    """The programs of a compose file's test."""
    if test.shape is Shape.SCALAR:
        return [command.program for command in shell.script(test.text)]
    words = test.words()
    if words[:1] == ("CMD",):
        return words[1:2]
    return [command.program for command in shell.script(" ".join(words[1:]))]


def _missing(file: BuildFile, stage: Stage, programs: Sequence[str]) -> str:
    """The first program, where it is a tool that is not there; "" where something else may serve instead."""
    first = programs[0].rpartition("/")[2] if programs else ""
    if first not in TOOLS or any(one not in (*TOOLS, "exit", "false", "kill") for one in programs[1:]):
        return ""
    named = re.compile(rf"\b({re.escape(first)}|{PACKAGES.get(first, first)})")
    made = [one for below in file.lineage(stage) for one in below.instructions if one.keyword in ("RUN", "COPY", "ADD")]
    return first if images.lacks(file.end(stage), first) and not any(named.search(one.text) for one in made) else ""


RULE = rule(__name__, __doc__, Severity.ERROR, check)
