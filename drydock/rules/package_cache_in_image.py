"""What a package manager downloaded stays in the image that ships: its cache was written into a layer.

pip keeps wheels, npm and Yarn keep archives, apt keeps the lists of its packages. Nobody reads them again once the
image is built, yet each pull carries them; a later `rm` in another step takes nothing out of the layer.

The fix is safe: it puts a cache mount there, which is no part of the image and makes the next build faster as well, as
[install-without-cache-mount](#install-without-cache-mount) does. It is declined for that rule's reasons; a flag such as
`--no-cache-dir`, or a removal in the same step, keeps the image as small.

Bad:

    FROM python:3.12-slim
    COPY requirements.txt .
    RUN pip install -r requirements.txt

Bad (the lists of apt):

    FROM debian:bookworm-slim
    RUN apt-get update && apt-get install -y --no-install-recommends libpq5

Good:

    FROM python:3.12-slim
    COPY requirements.txt .
    RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt
    RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
"""

import re
from collections.abc import Iterator

from drydock.audit import defeats, mounting, mounts
from drydock.audit.buildfile import BuildFile, Spot
from drydock.audit.finding import Found, Severity
from drydock.audit.installs import APK, APT, PIP, UV, Install
from drydock.audit.rule import each_dockerfile, rule

CACHES = {
    "apt": re.compile(r"/var/lib/apt(/lists)?(/?\*)?$"),
    "apk": re.compile(r"/(var/cache/apk|etc/apk/cache)|/var/cache/?$"),
    "npm": re.compile(r"\.npm(/|$)|/npm(-cache)?(/|$)|^/tmp/\*$"),
}
ANY = re.compile(r"\.cache\b|/cache\b|/tmp\b")


def check(file: BuildFile) -> Iterator[Found]:
    stages = {one.index for stage in file.shipped for one in file.lineage(stage)}
    for spot in file.spots("RUN"):
        if spot.stage.index not in stages:
            continue
        left = [one for one in spot.installs if _leaves(spot, one)]
        if left:
            names = " and ".join(dict.fromkeys(one.manager.name for one in left))
            lack = mounts.missing(spot)
            fix, declined = mounting.fix(spot, lack) if lack.managers else (None, "")
            yield spot.found(f"what {names} downloaded stays in the image", fix, declined=declined)


def _leaves(spot: Spot, install: Install) -> bool:
    """Whether an install leaves its cache in the layer."""
    manager, command = install.manager, install.command
    if command.has(*manager.off) or _is_off(spot, install) or _cleaned(spot, install):
        return False
    if manager is UV and command.has("--no-cache-dir"):
        return False
    where = mounts.place(spot, install)
    if where.unknown:
        return False
    lacking = [folder for folder in where.targets if not mounts.covered(spot, folder)]
    if manager is APT:  # Debian's images delete the packages, never the lists
        return "/var/lib/apt/lists" in lacking
    if manager is APK:
        return command.has("-U", "--update", "--update-cache") or any(
            one.program == "apk" and one.has("update") for one in spot.commands
        )
    return bool(lacking)


def _is_off(spot: Spot, install: Install) -> bool:
    """Whether a variable keeps it from having a cache."""
    settings = dict(word.text.partition("=")[::2] for word in install.command.settings)
    names = tuple(install.manager.off_variables or ())
    values = (settings.get(name) or spot.situation.value(name) for name in names)
    return any(
        value and (value.lower() not in ("0", "false", "no", "off") or install.manager is PIP) for value in values
    )


def _cleaned(spot: Spot, install: Install) -> bool:
    """Whether the same step takes the cache away again, or may do so."""
    for command in spot.commands:
        if command.line.startswith(defeats.CLEANERS[install.manager.name]) and install.manager is not APT:
            return True
        if command.program in ("rm", "find"):
            words = [word.text for word in command.words[1:] if not word.text.startswith("-")]
            pattern = CACHES.get(install.manager.name, ANY)
            if any(pattern.search(word) for word in words):
                return True
            if install.manager not in (APT, APK) and any(ANY.search(word) for word in words):
                return True
    return False


RULE = rule(__name__, __doc__, Severity.WARNING, each_dockerfile(check))
