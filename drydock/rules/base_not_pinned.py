"""A base image has no tag, or one without a version: the same Dockerfile gives another image tomorrow.

A base that moves by itself rebuilds everything when it moves, and breaks builds that nobody touched. Name the version
that was tested, such as `python:3.12-slim`; a digest behind it (`@sha256:…`) holds it still entirely.

There is no fix: which version is meant, only you know.

Bad:

    FROM node
    COPY . .

Bad (only a size):

    FROM python:slim
    COPY . .

Good:

    FROM node:22-slim
    COPY . .
"""

from collections.abc import Iterator

from drydock.audit.buildfile import Spot
from drydock.audit.finding import Found, Severity
from drydock.audit.rule import each_instruction, rule

FLOATING = frozenset(
    {
        "",
        "latest",
        "lts",
        "current",
        "stable",
        "mainline",
        "edge",
        "rolling",
        "nightly",
        "main",
        "master",
        "slim",
        "alpine",
    }
)


def check(spot: Spot) -> Iterator[Found]:
    base = spot.file.base(spot.stage)
    if not base or base == "scratch" or "@" in base or spot.file.lineage(spot.stage)[1:]:
        return
    tag = base.rpartition("/")[2].partition(":")[2]
    if set(tag.split("-")) <= FLOATING:
        yield spot.found(f"{base} is whatever is newest on the day of the build")


RULE = rule(__name__, __doc__, Severity.WARNING, each_instruction(check, "FROM"))
