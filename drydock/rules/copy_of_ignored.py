"""COPY names something that the ignore file hides: the build fails, or misses files without a word.

BuildKit sends what the ignore file leaves visible. A name that is hidden is "not found", although it lies there; a
pattern of which all matches are hidden copies nothing. So it is with what is not there yet, as a folder that tools
make: hidden, it cannot be copied wherever it is made. Which ignore file counts depends on the context: the one named
after the Dockerfile, else `.dockerignore` at the context's root.

There is no fix: either the line of the ignore file or the COPY is wrong, and which one only you know. `!name` in the
ignore file takes a name back in.

Bad:

    FROM python:3.12-slim
    COPY tests /srv/tests
    --- tests/test_app.py
    --- .dockerignore
    tests

Bad (made on the machine):

    FROM node:22-slim
    COPY node_modules /srv/node_modules
    --- .dockerignore
    node_modules

Good:

    FROM python:3.12-slim
    COPY app /srv/app
    --- app/main.py
    --- tests/test_app.py
    --- .dockerignore
    tests
"""

import posixpath
from collections.abc import Iterator

from drydock.audit import copies
from drydock.audit.buildfile import Spot
from drydock.audit.context import Context
from drydock.audit.finding import Found, Severity
from drydock.audit.rule import each_instruction, rule


def check(spot: Spot) -> Iterator[Found]:
    if spot.one.flag("from"):
        return
    for word in spot.one.sources():
        for context in spot.file.contexts:
            if context.ignored_by and "$" not in word and _is_hidden(spot, context, word.strip("/").removeprefix("./")):
                yield spot.found(f"{word} is hidden by {context.ignored_by}")


def _is_hidden(spot: Spot, context: Context, word: str) -> bool:
    known = context.sure or context.folder == posixpath.dirname(spot.file.path)  # else another folder may be meant
    return copies.is_hidden(context, word) or (known and copies.is_hidden_once_there(context, word))


RULE = rule(__name__, __doc__, Severity.ERROR, each_instruction(check, "COPY", "ADD"))
