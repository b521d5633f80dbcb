"""A secret is written into the image: by ENV, by ARG, by COPY, or in an address.

Whatever ENV and COPY bring stays in a layer, and what ARG brings stays in the image's history, for everyone who can
pull it; a later `rm` or `unset` does not take it out. Give a secret to the one step that needs it
(`RUN --mount=type=secret,id=token …`), and to the container when it starts.

There is no fix: where the secret comes from instead, and that the old one is no longer valid, only you can arrange.
Names that end in _FILE, _PATH, _NAME and the like are no secrets, nor are values that say they are none (`dummy`). The
settings of a package manager (`.npmrc`, `pip.conf` and such) hold one where a token or a password is written in them,
not where a variable stands for it.

Bad:

    FROM node:22-slim
    ARG NPM_TOKEN
    RUN echo "//registry.example/:_authToken=$NPM_TOKEN" > .npmrc && npm ci

Bad (a password for run time):

    FROM python:3.12-slim
    ENV DATABASE_PASSWORD=hunter22

Bad (a file):

    FROM python:3.12-slim
    COPY .env /srv/.env

Bad (a token in settings):

    FROM node:22-slim
    COPY package.json package-lock.json .npmrc ./
    --- .npmrc
    //registry.example/:_authToken=correct-horse

Good:

    FROM node:22-slim
    ENV NPM_TOKEN_FILE=/run/secrets/token
    RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci
"""

import posixpath
from collections.abc import Iterator

from drydock import secrecy
from drydock.audit import copies
from drydock.audit.buildfile import Spot
from drydock.audit.finding import Found, Severity
from drydock.audit.rule import each_instruction, rule

SETTINGS = (".npmrc", ".yarnrc", ".yarnrc.yml", "pip.conf", "uv.toml")


def check(spot: Spot) -> Iterator[Found]:
    match spot.one.keyword:
        case "ENV":
            for name, value in spot.one.settings():
                if value and secrecy.is_secret(name) and "$" not in value and not secrecy.is_none(value):
                    yield spot.found(f"{name} is written into the image")
        case "ARG":
            for name, value in spot.one.settings():
                if secrecy.is_secret(name) and not (value and secrecy.is_none(value)):
                    yield spot.found(f"{name} as a build argument stays in the image's history")
        case "COPY" | "ADD" if not spot.one.flag("from"):
            for word in spot.one.args[:-1]:
                if secrecy.is_file(posixpath.basename(word).rstrip("*")) and not spot.file.context.ignore.matches(word):
                    yield spot.found(f"{word} holds secrets and is copied into a layer")
            for path in _settings(spot):
                yield spot.found(f"{path} holds a token or a password and is copied into a layer")
        case "RUN" if secrecy.IN_ADDRESS.search(spot.one.text):
            yield spot.found("an address in this command holds a password")


def _settings(spot: Spot) -> Iterator[str]:
    """The files that a COPY names and in which a package manager finds what it logs in with."""
    context = spot.file.context
    for source in spot.context_sources:
        for path in copies.meant(context, source) if posixpath.basename(source).rstrip("*") in SETTINGS else ():
            text = context.read(path) if context.shows(path) else None
            if text is not None and secrecy.IN_SETTINGS.search(text.text):
                yield path


RULE = rule(__name__, __doc__, Severity.ERROR, each_instruction(check, "ENV", "ARG", "COPY", "ADD", "RUN"))
