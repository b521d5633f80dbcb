"""COPY --from without `--link`: each new base copies again what has not changed.

A layer made with `--link` does not rest on what is below it. When the base moves, or a step above changes, BuildKit
takes the layer as it is instead of copying again, and a registry that has it is not sent it once more.

The fix is safe where nothing above the target could be told apart: the folders there are made by root and are no links,
since `--link` would put folders of its own in their place. Elsewhere nothing is found, nor for copies out of the
context, where little is saved.

Bad:

    FROM python:3.12-slim AS builder
    RUN python -m venv /opt/venv

    FROM python:3.12-slim
    COPY --from=builder /opt/venv /opt/venv

Good:

    FROM python:3.12-slim AS builder
    RUN python -m venv /opt/venv

    FROM python:3.12-slim
    COPY --from=builder --link /opt/venv /opt/venv

Good (the target lies behind a link):

    FROM python:3.12-slim AS builder
    RUN python -m venv /opt/venv

    FROM python:3.12-slim
    RUN rm -rf /opt && ln -s /data /opt
    COPY --from=builder /opt/venv /opt/venv
"""

import re
from collections.abc import Iterator

from drydock.audit import copies, folders
from drydock.audit.buildfile import Spot
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.rule import each_instruction, rule
from drydock.audit.source import Edit

OLD = re.compile(r"#\s*syntax\s*=\s*docker/dockerfile:1\.[0-3](\D|$)")


def check(spot: Spot) -> Iterator[Found]:
    flags = spot.one.flags
    ships = any(stage.index == spot.stage.index for stage in spot.file.shipped)
    if not ships or len(flags) != 1 or not spot.one.flag("from") or OLD.match(spot.source.text):
        return
    if len(spot.one.args) != 2 or not _is_told_apart(*spot.one.args) or not folders.is_plain(spot, copies.target(spot)):
        return
    at = spot.source.text.find(flags[0], spot.one.start, spot.one.end)
    if at >= 0:
        end = at + len(flags[0])
        yield spot.found(
            "the copy is made again whenever its base changes", mend(spot.source, Edit(end, end, " --link"))
        )


def _is_told_apart(source: str, target: str) -> bool:
    """Whether it is written down what the target is: a file copied to a folder's name would take the folder's place."""
    names = {word.rstrip("/.").rpartition("/")[2] for word in (source, target)}
    return target.endswith("/") or target in (".", "./") or source.endswith(("/", "/.")) or len(names) == 1


RULE = rule(__name__, __doc__, Severity.NOTE, each_instruction(check, "COPY"))
