"""The base image is past its end of life: nobody mends its security holes any more.

Python, Node, Debian, Ubuntu and Alpine each say until when a version is kept up to date. After that day an image is
still there to be pulled, but what is found in it stays in it, and its package archive moves away: `apt-get update`
fails one day. The dates are a table of what the makers have announced, and today is an input: a finding comes when the
day has come, not when Drydock is updated.

There is no fix: a newer base may want changes of the program. Move to a version that is still kept up to date.

Bad:

    FROM python:3.8-slim
    COPY app.py .

Bad (a distribution behind a version that is not over):

    FROM python:3.12-slim-buster
    COPY app.py .

Good:

    FROM python:3.13-slim-bookworm
    COPY app.py .
"""

from collections.abc import Iterator

from drydock.audit import lifetimes
from drydock.audit.finding import Found, Severity
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.situation import beginning


def check(repository: Repository) -> Iterator[Found]:
    if repository.today is None:
        return
    for file in repository.buildfiles:
        for stage in file.file.stages:
            base = file.base(stage)
            over = lifetimes.ended(beginning(base), repository.today) if base else None
            if over and not file.lineage(stage)[1:]:
                yield file.found(stage.opening, f"{base}: {over[0]} came to its end on {over[1].isoformat()}")


RULE = rule(__name__, __doc__, Severity.WARNING, check)
