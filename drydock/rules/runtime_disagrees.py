"""The compose file runs an image otherwise than its Dockerfile declares: on another port, or in another mode.

EXPOSE, the health check and what others know of the image stay with the Dockerfile's port while the command listens on
another. `NODE_ENV=development` over an image that was built for production runs code paths that the build left out.

Ports count where the command of the compose file names one and the image declares others; modes where the service runs
the image's own command. Files made to change a service for development are left alone.

There is no fix: which of the two is right, only you know.

Bad:

    --- compose.yml
    services:
      web:
        build: .
        command: [gunicorn, app:app, --bind, "0.0.0.0:8080"]
      front:
        build: front
        environment:
          NODE_ENV: development
    --- Dockerfile
    FROM python:3.12-slim
    EXPOSE 5000
    --- front/Dockerfile
    FROM node:22-slim
    ENV NODE_ENV=production

Good:

    --- compose.yml
    services:
      web:
        build: .
        command: [gunicorn, app:app, --bind, "0.0.0.0:5000"]
      worker:
        build: .
        command: [celery, worker]
      front:
        build: front
        command: npm run dev
        environment:
          NODE_ENV: development
    --- Dockerfile
    FROM python:3.12-slim
    EXPOSE 5000
    --- front/Dockerfile
    FROM node:22-slim
    ENV NODE_ENV=production
"""

from collections.abc import Iterator

from drydock.audit import entries, serving
from drydock.audit.composefile import filled
from drydock.audit.finding import Found, Severity
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.serving import Served

MODES = ("NODE_ENV", "FLASK_ENV", "RAILS_ENV", "RACK_ENV", "APP_ENV", "MIX_ENV", "ASPNETCORE_ENVIRONMENT")


def check(repository: Repository) -> Iterator[Found]:
    for one in serving.each(repository):
        if one.end is not None and not one.compose.is_override:
            yield from _command(one)
            yield from _modes(one)


def _command(one: Served) -> Iterator[Found]:
    node, key = one.service.get("command"), one.service.node.key("command")
    ports = serving.listened(serving.commands(node))
    if node is not None and ports and one.exposed and not ports & one.exposed:
        declared = " and ".join(sorted(one.exposed))
        message = f"{one.service.name} listens on {' and '.join(sorted(ports))}, its image declares {declared}"
        yield one.compose.found(key or node, message)


def _modes(one: Served) -> Iterator[Found]:
    if one.says("command", "entrypoint") or one.end is None:
        return
    for setting in entries.settings(one.service):
        built, given = one.end.environment.get(setting.name, ""), filled(setting.value).strip("\"'")
        if setting.name in MODES and "$" not in setting.value and built and given and built != given:
            message = f"{one.service.name} runs with {setting.name}={given}, its image was built with {built}"
            yield one.compose.found(setting.node, message)


RULE = rule(__name__, __doc__, Severity.WARNING, check)
