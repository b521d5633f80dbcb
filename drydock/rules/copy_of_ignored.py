"""COPY names something that the ignore file hides: the build fails, or misses files without a word.

BuildKit sends what the ignore file leaves visible. A name that is hidden is "not found", although it lies there; a
pattern of which all matches are hidden copies nothing. Which ignore file counts depends on the context: the one named
after the Dockerfile, else `.dockerignore` at the context's root.

There is no fix: either the line of the ignore file or the COPY is wrong, and which one only you know. `!name` in the
ignore file takes a name back in.

Bad:

    FROM python:3.12-slim
    COPY tests /srv/tests
    --- tests/test_app.py
    --- .dockerignore
    tests

Good:

    FROM python:3.12-slim
    COPY app /srv/app
    --- app/main.py
    --- tests/test_app.py
    --- .dockerignore
    tests
"""

from collections.abc import Iterator

from drydock.audit import copies
from drydock.audit.buildfile import Spot
from drydock.audit.finding import Found, Severity
from drydock.audit.rule import each_instruction, rule


def check(spot: Spot) -> Iterator[Found]:
    if spot.one.flag("from"):
        return
    for word in spot.one.sources():
        for context in spot.file.contexts:
            if context.ignored_by and "$" not in word and copies.is_hidden(context, word.strip("/").removeprefix("./")):
                yield spot.found(f"{word} is hidden by {context.ignored_by}")


RULE = rule(__name__, __doc__, Severity.ERROR, each_instruction(check, "COPY", "ADD"))
