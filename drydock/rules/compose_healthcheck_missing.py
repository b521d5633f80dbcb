"""A service has no health check, neither in the compose file nor in its image: started is all that is known of it.

`depends_on` with `condition: service_healthy`, `docker compose up --wait` and whoever looks at `ps` need one. A check
in the Dockerfile counts, one in the compose file wins over it.

Only those are found whose image is known to have none: built from a Dockerfile of this repository on an official base,
or official itself (official images bring no checks). Left alone are jobs that end, services of a profile, and halves of
services that another file completes.

There is no fix: what shows that a service works, only you know.

Bad:

    --- compose.yml
    services:
      db:
        image: postgres:17.6

Bad (switched off):

    --- compose.yml
    services:
      web:
        build: .
        healthcheck:
          disable: true
    --- Dockerfile
    FROM node:22-slim
    HEALTHCHECK CMD ["node", "check.js"]

Good:

    --- compose.yml
    services:
      db:
        image: postgres:17.6
        healthcheck:
          test: [CMD, pg_isready]
      web:
        build: .
        depends_on:
          migrate:
            condition: service_completed_successfully
      migrate:
        image: postgres:17.6
      mail:
        image: axllent/mailpit:v1.27
    --- Dockerfile
    FROM node:22-slim
    HEALTHCHECK CMD ["node", "check.js"]
"""

from collections.abc import Iterator

from drydock.audit import entries, serving
from drydock.audit.composefile import ComposeFile
from drydock.audit.finding import Found, Severity
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.serving import Served


def check(repository: Repository) -> Iterator[Found]:
    done = {(file.path, name) for file in repository.composefiles for name in _waited_for(file)}
    for one in serving.each(repository):
        name = one.service.name
        if (
            one.is_half
            or one.says("profiles", "extends")
            or _ends(one)
            or (one.compose.path, name) in done
            or not _is_known(one)
        ):
            continue
        if repository.has_health_check(one.compose, name) or _is_checked(one):
            continue
        key = one.service.node.key("healthcheck") or one.service.key
        yield one.compose.found(key, f"nothing tells whether {name} works")


def _is_known(one: Served) -> bool:
    """Whether its image brings no check that we do not see."""
    base = one.end.base if one.end else ("" if one.build else entries.text(one.service.get("image")))
    return bool(base) and "$" not in base and "/" not in base.removeprefix("docker.io/").removeprefix("library/")


def _is_checked(one: Served) -> bool:
    """Whether its image, which may be built for another service, has a check that the compose file leaves on."""
    check = one.end.healthcheck if one.end else None
    off = one.service.get("healthcheck", "disable") is not None or one.service.get("healthcheck", "test") is not None
    return check is not None and check.args[:1] != ("NONE",) and not off


def _ends(one: Served) -> bool:
    """Whether it is a job: never started again, or by rules of its own, and with a command of its own."""
    if one.service.get("deploy", "restart_policy") is not None:
        return True
    return entries.text(one.service.get("restart")) == "no" and one.says("command", "entrypoint")


def _waited_for(file: ComposeFile) -> Iterator[str]:
    """The services that others wait for until they are done."""
    for service in file.services:
        needs = service.get("depends_on")
        for key, value in needs.entries() if needs is not None else ():
            if entries.text(value.get("condition")) == "service_completed_successfully":
                yield key.text


RULE = rule(__name__, __doc__, Severity.NOTE, check)
