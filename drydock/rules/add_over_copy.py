"""ADD brings what COPY brings as well: the one that cannot surprise is COPY.

ADD also fetches addresses and unpacks archives, so that a file which is replaced by an archive of the same name turns
into a folder without a word. Where neither is wanted, COPY says what is meant.

The fix is safe: for files of the context that are no archives, both do the same. Archives, addresses and what cannot be
seen in the repository are left as they are.

Bad:

    FROM python:3.12-slim
    ADD requirements.txt ./
    --- requirements.txt
    flask==3.1.2

Good:

    FROM debian:bookworm-slim
    COPY requirements.txt ./
    ADD vendor.tar.gz /opt/
    ADD https://example.org/ca.pem /etc/ssl/
    --- requirements.txt
    flask==3.1.2
"""

import re
from collections.abc import Iterator

from drydock.audit.buildfile import Spot
from drydock.audit.context import Context
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.rule import each_instruction, rule
from drydock.audit.source import Edit
from drydock.measures import ignore

ARCHIVE = re.compile(r"\.(tar|tgz|tbz2?|txz|tzst|gz|bz2|xz|zst|lzma|lz4?|Z)(\.|$)", re.IGNORECASE)
MAGIC = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"\x5d\x00\x00")
SAME = frozenset({"chown", "chmod", "link", "exclude", "parents"})


def check(spot: Spot) -> Iterator[Found]:
    one = spot.one
    flags = {flag.removeprefix("--").partition("=")[0] for flag in one.flags}
    if len(one.sources()) != len(one.args) - 1 or not one.sources() or one.heredocs or not flags <= SAME:
        return
    seen = [_copies(context, word) for word in one.sources() for context in spot.file.contexts]
    if all(seen):
        fix = mend(spot.source, Edit(one.start, one.start + len("ADD"), "COPY"))
        yield spot.found("ADD does here what COPY does", fix)


def _copies(context: Context, word: str) -> bool:
    """Whether COPY would bring the same: files that can be seen and are no archives, or folders."""
    if "$" in word or ARCHIVE.search(word):
        return False
    if not ignore.WILD.search(word):
        path = context.path(word)
        return path in context.tree.folders or path == "." or (path in context.tree.files and _is_plain(context, path))
    try:
        wanted = ignore.pattern(word.strip("/")).regex
    except (ValueError, re.error):
        return False
    found = [path for path in context.files() if wanted.fullmatch(path)]
    return bool(found) and all(not ARCHIVE.search(path) and _is_plain(context, context.path(path)) for path in found)


def _is_plain(context: Context, path: str) -> bool:
    try:
        data = context.tree.read(path)
    except OSError:
        return False
    return not data.startswith(MAGIC) and data[257:262] != b"ustar"


RULE = rule(__name__, __doc__, Severity.NOTE, each_instruction(check, "ADD"))
