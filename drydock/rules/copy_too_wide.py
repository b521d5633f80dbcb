"""COPY brings the whole context into the image that ships: whatever somebody puts beside the code ships as well.

Each file of the context then belongs to the image: tests, descriptions of the build, notes, and the file with passwords
that somebody keeps there next week. Each of them also makes the layer anew when it changes. Name what the program
needs, or build in an earlier stage and copy out of it.

There is no fix: what the program needs, only you know. Where the ignore file begins with `*` and takes things back in,
the list of what ships is there, and nothing is found.

Bad:

    FROM python:3.12-slim
    WORKDIR /srv
    COPY . .
    CMD ["python", "-m", "app"]

Good:

    FROM python:3.12-slim
    WORKDIR /srv
    COPY app ./app
    CMD ["python", "-m", "app"]

Good (the ignore file names what ships):

    FROM python:3.12-slim
    WORKDIR /srv
    COPY . .
    CMD ["python", "-m", "app"]
    --- .dockerignore
    *
    !app
"""

from collections.abc import Iterator

from drydock.audit import copies
from drydock.audit.buildfile import BuildFile
from drydock.audit.finding import Found, Severity
from drydock.audit.rule import each_dockerfile, rule

ALL = frozenset({"*", "**", "**/*", "*/"})


def check(file: BuildFile) -> Iterator[Found]:
    stages = {one.index for stage in file.shipped if not file.feeds(stage) for one in file.lineage(stage)}
    if all(
        any(pattern.path in ALL and not pattern.back for pattern in context.ignore.patterns)
        for context in file.contexts
    ):
        return
    for spot in file.spots("COPY", "ADD"):
        if spot.stage.index in stages and copies.is_whole(spot):
            yield spot.found("the whole context becomes part of the image")


RULE = rule(__name__, __doc__, Severity.NOTE, each_dockerfile(check))
