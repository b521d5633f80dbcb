"""The image serves a port and has no health check: a program that hangs looks like one that works.

Without a health check an engine only knows whether the process is still there. With one, `docker ps` says what is
unwell, compose can wait with `condition: service_healthy`, and a rollout stops before it reaches everyone. Ask the
program itself, with what the image holds: `python -c` or `node -e` need no curl.

There is no fix: what says that the program is well, only you know. A check in the compose file counts where all
services that run the image have one; images without a port, such as jobs, are left alone.

Bad:

    FROM python:3.12-slim
    COPY app.py .
    EXPOSE 8000
    CMD ["python", "app.py"]

Good:

    FROM python:3.12-slim
    COPY app.py .
    EXPOSE 8000
    HEALTHCHECK CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/health', timeout=2)"]
    CMD ["python", "app.py"]

Good (compose has it):

    FROM python:3.12-slim
    COPY app.py .
    EXPOSE 8000
    CMD ["python", "app.py"]
    --- compose.yaml
    services:
      web:
        build: .
        healthcheck:
          test: [CMD, python, -c, "import app; app.check()"]
"""

from collections.abc import Iterator

from drydock.audit import uses
from drydock.audit.buildfile import BuildFile
from drydock.audit.finding import Found, Severity
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.dockerfile import Stage


def check(repository: Repository) -> Iterator[Found]:
    for file in repository.buildfiles:
        for stage in file.shipped:
            end = file.end(stage)
            if end.is_checked or not (end.exposed or _publishes(repository, file, stage)):
                continue
            if _checked(repository, file, stage):
                continue
            yield file.found(end.healthcheck or stage.opening, "the image serves a port and has no health check")


def _publishes(repository: Repository, file: BuildFile, stage: Stage) -> bool:
    return any(service.get("ports") is not None for _, service in uses.services(repository, file, stage))


def _checked(repository: Repository, file: BuildFile, stage: Stage) -> bool:
    """Whether every service that runs the image has a check of its own."""
    found = [repository.has_health_check(one, service.name) for one, service in uses.services(repository, file, stage)]
    return bool(found) and all(found)


RULE = rule(__name__, __doc__, Severity.NOTE, check)
