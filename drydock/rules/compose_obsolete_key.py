"""A compose file says `version:`, which nothing reads any more.

Compose takes every file by the same specification and warns about the key at each command. Readers take it for a
promise of what the file may hold, which it is not.

The fix is safe: it takes the line out and leaves every comment where it is. It is declined where a script or a workflow
of the repository still calls `docker-compose` or `docker stack deploy`, which read the key, or reads the line itself.

Bad:

    --- compose.yml
    # what runs here
    version: "3.8"  # as ever
    services:
      web:
        image: nginx:1.29

Good:

    --- compose.yml
    services:
      web:
        image: nginx:1.29
"""

import re
from collections.abc import Iterator

from drydock.audit import scripting
from drydock.audit.composefile import ComposeFile
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.source import Edit
from drydock.audit.yamltree import Node, Shape

READS = re.compile(r"\bdocker-compose\s+[\w-]|\bdocker\s+stack\s+deploy\b|\bversion\b.*compose\S*\.ya?ml")


def check(repository: Repository) -> Iterator[Found]:
    reader: str | None = None
    for file in repository.composefiles:
        key, value = file.root.key("version"), file.root.get("version")
        if key is None or value is None or value.shape is not Shape.SCALAR or file.root.flow:
            continue
        reader = scripting.reader(repository, READS) if reader is None else reader  # once for all files
        declined = f"{reader} uses what reads it" if reader else ""
        fix = None if declined else mend(file.source, _edit(file, key, value))
        yield file.found(key, "compose ignores this key, and warns of it", fix, declined=declined)


def _edit(file: ComposeFile, key: Node, value: Node) -> Edit:
    """The whole line; where a comment stands behind it, only what is before that. At the top its blank line as well."""
    text = file.source.text
    behind = re.compile(r"[ \t]*(\r?\n|$)").match(text, value.end)
    if behind is None:
        return Edit(key.start, len(text) - len(text[value.end :].lstrip(" \t")), "")
    end = behind.end()
    if key.start == 0 and (blank := re.compile(r"[ \t]*\r?\n").match(text, end)):
        end = blank.end()
    return Edit(key.start, end, "")


RULE = rule(__name__, __doc__, Severity.NOTE, check)
