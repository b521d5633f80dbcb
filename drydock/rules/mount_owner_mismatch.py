"""A cache mount belongs to root, and the step that uses it runs as another user.

A mount belongs to root unless `uid` and `gid` say otherwise. pip then does without its cache and says so in a line that
nobody reads, npm fails. The number of the user has to stand in the mount, since it is made before the step begins.

The fix is safe: it writes the user's number into the mount, so that the step can use it. A mount with `mode=0777` is
open to everyone and left alone, as are users whose number is not to be seen in the Dockerfile.

Bad:

    FROM node:22-slim
    USER node
    WORKDIR /home/node/app
    COPY package.json package-lock.json ./
    RUN --mount=type=cache,target=/home/node/.npm \
        npm ci

Good:

    FROM node:22-slim
    USER node
    WORKDIR /home/node/app
    COPY package.json package-lock.json ./
    RUN --mount=type=cache,target=/home/node/.npm,uid=1000,gid=1000 \
        npm ci
"""

from collections.abc import Iterator

from drydock.audit import folders, mounts
from drydock.audit.buildfile import Spot
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.rule import each_instruction, rule
from drydock.audit.source import Edit

OPEN = ("777", "0777", "1777")


def check(spot: Spot) -> Iterator[Found]:
    account = spot.situation.account
    if account.is_root or account.uid is None:
        return
    served = [
        folder for one in spot.installs for folder in mounts.place(spot, one).targets if one.command.wrapper != "sudo"
    ]
    flags = [flag for flag in spot.one.flags if flag.startswith("--mount=")]
    for flag, mount in zip(flags, spot.one.mounts(), strict=True):
        target = mount.get("target") or mount.get("dst") or mount.get("destination") or ""
        full = spot.situation.folder(spot.filled(target))
        used = any(folders.is_below(folder, full) for folder in served)
        if mount["type"] != "cache" or not used or mount.get("mode", "") in OPEN or mount.get("uid", "0") != "0":
            continue
        message = f"the cache at {target} belongs to root, and {account.name} uses it"
        at = spot.source.text.find(flag, spot.one.start, spot.body)
        plain = at >= 0 and not {"uid", "gid"} & set(mount) and not set("'\"") & set(flag)
        group = account.uid if account.gid is None else account.gid
        end = at + len(flag)
        fix = mend(spot.source, Edit(end, end, f",uid={account.uid},gid={group}")) if plain else None
        yield spot.found(message, fix, declined="" if fix else "the mount is written in a form that cannot be added to")


RULE = rule(__name__, __doc__, Severity.WARNING, each_instruction(check, "RUN"))
