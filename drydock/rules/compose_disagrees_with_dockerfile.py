"""A service asks its Dockerfile for something that is not there: a stage, a port, or the Dockerfile itself.

A `target` without such a stage does not build. A published port, or a health check of a port, on which the image does
not listen gives a service that starts and cannot be reached.

Ports count only where the Dockerfile declares some with EXPOSE, names none of the service's, and neither the command
nor the variables of the service could move them. Files that another one completes are not judged for what they lack.

There is no fix: which of the two is right, only you know.

Bad:

    --- compose.yml
    services:
      web:
        build:
          context: .
          target: production
    --- Dockerfile
    FROM python:3.12-slim AS runtime

Bad (a port nobody listens on):

    --- compose.yml
    services:
      web:
        build: .
        ports:
          - "127.0.0.1:8080:8080"
        healthcheck:
          test: curl -f http://localhost:8080/health
    --- Dockerfile
    FROM python:3.12-slim
    EXPOSE 5000
    CMD ["python", "app.py"]

Good:

    --- compose.yml
    services:
      web:
        build:
          context: .
          target: runtime
        ports:
          - "127.0.0.1:8080:5000"
          - "127.0.0.1:9000:9000"
      other:
        build: .
        command: python app.py --port 8080
        ports: ["127.0.0.1:8081:8080"]
    --- Dockerfile
    FROM python:3.12-slim AS runtime
    EXPOSE 5000
    CMD ["python", "app.py"]
"""

import re
from collections.abc import Iterator

from drydock.audit import entries, serving
from drydock.audit.composefile import filled
from drydock.audit.finding import Found, Severity
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.serving import Served

LOCAL = re.compile(r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):(\d{2,5})\b")
NUMBER = re.compile(r"\d{2,5}")


def check(repository: Repository) -> Iterator[Found]:
    for one in serving.each(repository):
        yield from _dockerfile(repository, one)
        yield from _target(one)
        if one.exposed and not _is_movable(one):
            yield from _ports(one)
            yield from _health(one)


def _dockerfile(repository: Repository, one: Served) -> Iterator[Found]:
    """A Dockerfile that is named, or should be there, and is not; where nothing makes it."""
    node, build = one.service.get("build"), one.build
    if node is None or build is None or build.service != one.service.name or one.file or one.is_half:
        return
    unsure = "$" in one.compose.source.text[node.start : node.end] or build.folder is None
    if unsure or build.dockerfile in repository.tree.files or build.dockerfile in repository.tree.links:
        return
    folder, near = build.folder or "", build.dockerfile.lower()
    held = [path for path in repository.tree.below(folder) if path in repository.tree.files]
    if held and not any(path.lower().startswith(near) for path in repository.tree.files):
        yield one.compose.found(node, f"{one.service.name} is built from {build.dockerfile}, which is not there")


def _target(one: Served) -> Iterator[Found]:
    node = one.service.get("build", "target")
    if node is None or one.file is None or one.stage is not None or "$" in node.text or not node.text:
        return
    names = ", ".join(stage.name for stage in one.file.file.stages if stage.name) or "none with a name"
    yield one.compose.found(node, f"{one.file.path} has no stage {node.text}: it has {names}")


def _is_movable(one: Served) -> bool:
    """Whether something of the service may make the image listen elsewhere."""
    if one.says("command", "entrypoint", "network_mode", "env_file", "extends"):
        return True
    services = (one.service, *one.halves)
    return any(NUMBER.fullmatch(filled(setting.value)) for half in services for setting in entries.settings(half))


def _known(one: Served) -> frozenset[str]:
    """The ports that the image, or the service by `expose`, says it listens on."""
    node = one.service.get("expose")
    spoken = (
        [word for part in (one.end.command, one.end.entrypoint) if one.end and part for word in part.args]
        if (one.end)
        else []
    )
    numbers = {number for word in spoken for number in NUMBER.findall(word)}
    return one.exposed | frozenset(node.words() if node else ()) | numbers


def _ports(one: Served) -> Iterator[Found]:
    found = [(port, filled(port.target)) for port in entries.ports(one.service)]
    known = _known(one)
    if any(not number.isdecimal() or number in known for _, number in found):
        return
    for port, number in found:
        declared = " and ".join(sorted(one.exposed))
        yield one.compose.found(
            port.node, f"{one.service.name} publishes port {number}, the image listens on {declared}"
        )


def _health(one: Served) -> Iterator[Found]:
    node = one.service.get("healthcheck", "test")
    if node is None:
        return
    asked = set(LOCAL.findall(" ".join(node.words())))
    if asked and not asked & _known(one):
        declared = " and ".join(sorted(one.exposed))
        message = (
            f"{one.service.name} is checked on port {' and '.join(sorted(asked))}, the image listens on {declared}"
        )
        yield one.compose.found(node, message)


RULE = rule(__name__, __doc__, Severity.ERROR, check)
