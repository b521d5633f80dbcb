"""Which folders of an image are plain: made by root, open to read, and no links. Pure."""

import re

from drydock.audit import images
from drydock.audit.buildfile import Spot

SYSTEM = re.compile(r"/|/(bin|boot|dev|etc|home|lib|lib64|media|mnt|opt|proc|root|run|sbin|sys|tmp|usr|var)")
ODD = ("/bin", "/sbin", "/lib", "/lib64", "/home", "/root", "/tmp", "/var", "/run", "/proc", "/sys", "/dev")  # noqa: S108
CHANGES = frozenset(
    {"ln", "chown", "chmod", "chgrp", "install", "mv", "cp", "rsync", "tar", "unzip", "bsdtar"}
    | {"useradd", "adduser", "usermod"}
)


def is_below(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def is_system(path: str) -> bool:
    """Whether a folder is one that every image has."""
    return SYSTEM.fullmatch(path) is not None


def is_plain(spot: Spot, path: str) -> bool:
    """Whether all that lies above a path, when an instruction runs, is as `mkdir -p` by root would have made it.

    Only official bases are known; a step that may have made a link or given a folder away makes it unknown.
    """
    if "$" in path or any(is_below(path, odd) for odd in ODD) or images.size(spot.situation) is images.Size.UNKNOWN:
        return False
    for one in spot.earlier:
        if one.one.keyword == "RUN" and _may_change(one):
            return False
        if one.one.keyword == "WORKDIR" and not one.situation.account.is_root:
            return False
        if one.one.keyword in ("COPY", "ADD") and (one.one.flag("chown") or one.one.flag("chmod")):
            return False
    return True


def _may_change(spot: Spot) -> bool:
    """Whether a step may make links or give folders away; a script of one's own may do anything."""
    foreign = spot.one.heredocs or any(one.words and one.words[0].text.endswith(".sh") for one in spot.commands)
    return bool(foreign) or any(one.program in CHANGES for one in spot.commands)
