"""A mount lies over what the build made: the container does not run what the image holds.

`.:/srv` over a work folder with `dist/` or `.venv/` in it replaces them by what the host has, which on another machine
is nothing. The service then fails, or serves what somebody built weeks ago. Mount the source folders one by one, or
give what was built back by a volume at its own path.

Found are environments and what came out of another stage, or out of `npm run build`, where the mounted folder brings no
such thing. A service with a command of its own does not run the output, so that only its environment counts.

There is no fix: what the mount is for, only you know.

Bad:

    --- infra/compose.yml
    services:
      web:
        build: ../web
        volumes:
          - ../web:/srv
    --- web/Dockerfile
    FROM node:22-slim AS builder
    WORKDIR /srv
    COPY . .
    RUN npm run build

    FROM node:22-slim
    WORKDIR /srv
    COPY --from=builder /srv/dist ./dist
    CMD ["node", "dist/server.js"]

Good:

    --- compose.yml
    services:
      web:
        build: .
        volumes:
          - ./public:/srv/public
      dev:
        build: .
        command: npm run dev
        volumes:
          - .:/srv
          - /srv/.cache
    --- Dockerfile
    FROM node:22-slim AS builder
    WORKDIR /srv
    COPY . .
    RUN npm run build

    FROM node:22-slim
    WORKDIR /srv
    COPY --from=builder /srv/dist ./dist
    CMD ["node", "dist/server.js"]
"""

from collections.abc import Iterator

from drydock.audit import entries, hidden, made, serving
from drydock.audit.finding import Found, Severity
from drydock.audit.hidden import Hidden
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.serving import Served
from drydock.measures.advice import PERHAPS, PRODUCTS


def check(repository: Repository) -> Iterator[Found]:
    for one in serving.each(repository):
        own = one.says("command", "entrypoint")
        said = set[int]()
        for thing in hidden.of(one):
            if thing.volume.node.start in said or not _is_lost(repository, one, thing, own):
                continue
            said.add(thing.volume.node.start)
            what = "what was built there" if thing.made.is_work else f"{thing.made.path}, which the build made"
            yield one.compose.found(thing.volume.node, f"in {one.service.name} this mount hides {what}")


def _is_lost(repository: Repository, one: Served, thing: Hidden, own: bool) -> bool:
    name = thing.made.name
    if name == made.NODE_MODULES:
        return False  # a rule of its own
    if thing.made.is_work:
        below = [v for v in entries.volumes(one.service) if v.target.startswith(thing.volume.target.rstrip("/") + "/")]
        return not own and all(volume.target.endswith(made.NODE_MODULES) for volume in below)
    is_environment = name in made.ENVIRONMENTS
    if own and not is_environment:
        return False
    brought = thing.folder is not None and repository.tree.has(thing.folder)
    return not brought or is_environment or name in PRODUCTS or name in PERHAPS


RULE = rule(__name__, __doc__, Severity.WARNING, check)
