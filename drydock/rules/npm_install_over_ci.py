"""`npm install` runs where a lock file is: `npm ci` installs exactly what the lock says.

`npm install` may take newer packages than the lock names, so that two builds of one commit differ, and it works out
the whole tree anew. `npm ci` takes the lock as it is, fails where it does not fit the manifest, and is faster.

The fix is safe where the lock was made from this very manifest, reaches the step, is the only lock, and no packages are
there yet: both commands then install the same packages. Else it is declined with the reason.

Bad:

    FROM node:22-slim
    WORKDIR /srv
    COPY package*.json ./
    RUN npm install --omit=dev
    --- package.json
    {"name": "app", "dependencies": {"express": "^4.19.0"}}
    --- package-lock.json
    {"lockfileVersion": 3, "packages": {"": {"name": "app", "dependencies": {"express": "^4.19.0"}}}}

Good:

    FROM node:22-slim
    WORKDIR /srv
    COPY package*.json ./
    RUN npm ci --omit=dev
    --- package.json
    {"name": "app", "dependencies": {"express": "^4.19.0"}}
    --- package-lock.json
    {"lockfileVersion": 3, "packages": {"": {"name": "app", "dependencies": {"express": "^4.19.0"}}}}

Good (there is no lock file):

    FROM node:22-slim
    COPY package.json ./
    RUN npm install
    --- package.json
    {"name": "app"}
"""

import posixpath
from collections.abc import Iterator

from drydock.audit import copies, manifests
from drydock.audit.buildfile import Spot
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.installs import NPM, Install
from drydock.audit.rule import each_instruction, rule
from drydock.audit.source import Edit

ANEW = ("--no-package-lock", "--package-lock-only", "--no-lockfile", "--package-lock=false", "--force", "-f")


def check(spot: Spot) -> Iterator[Found]:
    for install in spot.installs:
        is_plain = install.manager is NPM and install.verb in ("install", "i") and not install.packages
        if not is_plain or install.is_global or install.command.has("--prefix", "-C"):
            continue
        manifest = copies.origin(spot, "package.json")
        folder = posixpath.dirname(manifest or "")
        if manifest is None or not any(
            spot.file.context.has(posixpath.join(folder, one)) for one in manifests.NODE_LOCKS["npm"]
        ):
            continue
        verb = next(word for word in install.command.words if word.text == install.verb)
        declined = _against(spot, install, folder)
        fix = None if declined else mend(spot.source, Edit(verb.start, verb.end, "ci"))
        yield spot.found("npm install may take other packages than the lock file names", fix, declined=declined)


def _against(spot: Spot, install: Install, folder: str) -> str:
    """Why `npm ci` would not do the same."""
    context = spot.file.context
    lock, reason = manifests.node_lock(context, folder)
    if reason:
        return reason
    if not install.command.editable:
        return "it is written in exec form"
    if install.command.has(*ANEW):
        return "its flags say that the lock is not to be used"
    if copies.origin(spot, posixpath.basename(lock)) is None:
        return f"{posixpath.basename(lock)} is not copied before it"
    locked = manifests.package(context, lock)
    if not manifests.agrees(manifests.package(context, posixpath.join(folder, "package.json")), locked):
        return "the lock file does not fit package.json, or is too old to tell"
    earlier = [one for other in spot.earlier for one in other.installs if one.manager is NPM and not one.is_global]
    if earlier or copies.brings(spot, "node_modules"):
        return "packages may be there already, which npm ci would remove"
    major = spot.situation.tag.partition("-")[0].partition(".")[0]
    if spot.situation.image == "node" and major.isdecimal() and int(major) < 15:
        return "this Node's npm cannot read such a lock file"
    return ""


RULE = rule(__name__, __doc__, Severity.WARNING, each_instruction(check, "RUN"))
