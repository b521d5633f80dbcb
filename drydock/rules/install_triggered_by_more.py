"""An install runs again for changes that have nothing to do with it: more than its manifest is there before it.

A step is made again when anything changes that was copied before it, or that it mounts. Copy the manifest and the lock
file, install, then copy the rest: only a change of these two installs anew.

The fix is safe where the install reads nothing but the files that stay: it copies the others behind it. It is declined
where hooks, local packages or other steps may want them. A copy of the whole source is found by
[manifest-after-source](#manifest-after-source).

Bad:

    FROM node:22-slim
    WORKDIR /srv
    COPY package.json package-lock.json server.js ./
    RUN npm ci
    --- package.json
    {"name": "app", "dependencies": {"polka": "0.5.2"}}
    --- package-lock.json
    {}
    --- server.js
    import "polka";

Bad (a mount of everything):

    FROM python:3.12-slim
    WORKDIR /srv
    RUN --mount=type=bind,target=/srv pip install -r requirements.txt
    --- requirements.txt
    flask==3.1.2

Good:

    FROM node:22-slim
    WORKDIR /srv
    COPY package.json package-lock.json ./
    RUN npm ci
    COPY server.js ./
    --- package.json
    {"name": "app", "dependencies": {"polka": "0.5.2"}}
    --- package-lock.json
    {}
    --- server.js
    import "polka";
"""

import posixpath
from collections.abc import Iterator, Mapping

from drydock.audit import copies, reorder
from drydock.audit.buildfile import Spot
from drydock.audit.finding import Fix, Found, Severity, mend
from drydock.audit.rule import each_instruction, rule
from drydock.audit.source import Edit


def check(spot: Spot) -> Iterator[Found]:
    if spot.one.keyword == "RUN":
        yield from _mounted(spot)
        return
    sources = spot.context_sources
    if len(sources) < 2 or spot.one.heredocs or copies.is_whole(spot):
        return
    late = reorder.late_installs(spot)
    if not late:
        return
    read, reason = reorder.wanted(spot, late)
    others = [one for one in sources if one not in read and not reorder.is_related(one)]
    if others and not reason and set(sources) & set(read):
        yield spot.found(f"{' and '.join(others)}: a change of that installs anew", _fix(spot, late[-1], others))


def _mounted(spot: Spot) -> Iterator[Found]:
    """A mount of the whole context, where the install needs no source."""
    whole = [one for one in spot.one.mounts() if one["type"] == "bind" and not one.get("from") and _is_whole(one)]
    if whole and spot.installs and all(reorder.is_manifest_only(spot, one) for one in spot.installs):
        yield spot.found("the whole context is mounted: any change of it installs anew")


def _is_whole(mount: Mapping[str, str]) -> bool:
    return not (mount.get("source") or mount.get("src") or ".").strip("./")


def _fix(spot: Spot, last: Spot, others: list[str]) -> Fix | None:
    """The others copied behind the last of these installs."""
    words = spot.one.args[:-1]
    if (
        any(posixpath.normpath(word) != word for word in words)
        or "\n" in spot.one.text
        or not spot.one.args[-1].endswith("/")
    ):
        return None
    flags = "".join(f" {flag}" for flag in spot.one.flags)
    kept = " ".join(word for word in words if word not in others)
    moved = " ".join(word for word in words if word in others)
    keyword, to = spot.one.keyword, spot.one.args[-1]
    return mend(
        spot.source,
        Edit(spot.one.start, spot.one.end, f"{keyword}{flags} {kept} {to}"),
        Edit(last.one.end, last.one.end, f"\n{keyword}{flags} {moved} {to}"),
    )


RULE = rule(__name__, __doc__, Severity.WARNING, each_instruction(check, "COPY", "ADD", "RUN"))
