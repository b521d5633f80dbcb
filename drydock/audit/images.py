"""What is known of well-known base images by their names: which distribution, which size, which tools. Pure."""

import re
from collections.abc import Mapping
from enum import Enum

from drydock.audit.situation import Situation

OFFICIAL = re.compile(r"(?:(?:docker\.io/)?library/|docker\.io/)?[^/@]+(?:@.*)?")
SIZED = frozenset({"python", "node", "ruby", "perl"})  # those that come as a full and as a slim image
PLAIN = frozenset({"debian", "ubuntu"})
BARE = SIZED | PLAIN | {"alpine"}  # those that bring their own program and no tool beside the distribution's
BUSYBOX = frozenset({"wget", "nc"})
FULL = frozenset({"curl", "wget", "git", "gcc", "g++", "cc", "c++", "make", "hg", "svn", "unzip", "ps", "file", "ssh"})


class Size(Enum):
    """How much of a distribution an image holds."""

    FULL = "full"
    SLIM = "slim"
    ALPINE = "alpine"
    UNKNOWN = "unknown"


def is_official(base: str) -> bool:
    """Whether a name is that of an official image, so that what is in it is known."""
    return OFFICIAL.fullmatch(base) is not None


def size(now: Situation) -> Size:
    """How much the base of a stage holds, as far as its name tells."""
    if not is_official(now.base) or "windows" in now.tag or "nanoserver" in now.tag:
        return Size.UNKNOWN
    if now.image == "alpine" or "alpine" in now.tag:
        return Size.ALPINE
    if now.image in PLAIN or (now.image in SIZED and "slim" in now.tag):
        return Size.SLIM
    return Size.FULL if now.image in SIZED else Size.UNKNOWN


def lacks(now: Situation, program: str) -> bool:
    """Whether a base is known not to hold a tool; False where that cannot be told."""
    if now.image not in BARE:
        return False
    match size(now):
        case Size.SLIM:
            return True
        case Size.ALPINE:
            return program not in BUSYBOX
        case Size.FULL:
            return program not in FULL
    return False


ACCOUNTS: Mapping[Size, str] = {
    Size.FULL: "useradd --create-home --uid 10001 app",
    Size.SLIM: "useradd --create-home --uid 10001 app",
    Size.ALPINE: "adduser -D -u 10001 app",
}
"""The command that makes an ordinary user."""
