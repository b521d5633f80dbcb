"""The cache mounts that the installs of a RUN have, and those they lack. Pure."""

import posixpath
import re

from drydock.audit import installs, manifests
from drydock.audit.buildfile import Spot
from drydock.audit.folders import is_below
from drydock.audit.installs import APK, APT, YARN, Install
from drydock.values import dataclass

OLD_SYNTAX = re.compile(r"#\s*syntax\s*=\s*docker/dockerfile:1\.[01](\D|$)")
FRESH = ("--no-cache", "-U", "--update", "--update-cache")
WINDOWS = re.compile(r"windows|nanoserver|servercore", re.IGNORECASE)
LINUX = re.compile(r"^node:|slim|alpine|debian|ubuntu|bookworm|bullseye|trixie")


def targets(spot: Spot) -> tuple[str, ...]:
    """The folders that have a cache mount (or lie in memory, where nothing stays either)."""
    found = [
        (mount.get("target") or mount.get("dst") or mount.get("destination") or "")
        for mount in spot.one.mounts()
        if mount["type"] in ("cache", "tmpfs")
    ]
    return tuple(spot.situation.folder(spot.filled(target)) for target in found if target)


def covered(spot: Spot, folder: str) -> bool:
    """Whether a folder lies in one that is mounted."""
    return any(is_below(folder, target) for target in targets(spot))


def place(spot: Spot, install: Install) -> installs.Place:
    """Where an install of this RUN keeps what it downloads.

    apt's lists only where this RUN makes them, and no later one lives on what it leaves of them.
    """
    if install.manager is not APT:
        return installs.cache(install, spot.situation)
    refreshed = _refreshes(spot) and not any(
        one.one.start > spot.one.start and not _refreshes(one) and any(other.manager is APT for other in one.installs)
        for one in spot.file.spots("RUN")
    )
    return installs.cache(install, spot.situation, refreshed=refreshed)


def _refreshes(spot: Spot) -> bool:
    """Whether it fetches the lists of apt or the index of apk."""
    return any(one.program in ("apt-get", "apt", "aptitude", "apk") and one.has("update") for one in spot.commands)


@dataclass(frozen=True)
class Lack:
    """The managers of a RUN that lack mounts, of which folders, the flags that give them, and why they cannot be."""

    managers: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    declined: str = ""


def missing(spot: Spot) -> Lack:
    """What the installs of a RUN lack; all of it can be given or nothing."""
    names, folders = dict[str, None](), dict[str, None]()
    flags, reasons = dict[str, None](), list[str]()
    for install in spot.installs:
        where = place(spot, install)
        if where.unknown and any(target.endswith(install.manager.home_cache) for target in targets(spot)):
            continue  # whoever wrote the mount knew the home
        lacking = [folder for folder in where.targets if not covered(spot, folder)]
        if install.manager is APT and lacking == ["/var/lib/apt/lists"]:
            continue  # its packages are kept, which is what costs
        if lacking or where.unknown:
            names[install.manager.name] = None
            folders |= dict.fromkeys(lacking)
            flags |= dict.fromkeys(_flag(install, folder, where) for folder in lacking)
            reasons += [reason] if (reason := where.unknown or _against(spot, install, lacking)) else []
    return Lack(tuple(names), tuple(folders), tuple(flags), reasons[0] if reasons else "")


def _flag(install: Install, folder: str, where: installs.Place) -> str:
    owner = f",uid={where.uid},gid={where.gid}" if where.uid and not install.manager.fixed else ""
    locked = ",sharing=locked" if install.manager.locked else ""
    return f"--mount=type=cache,target={folder}{locked}{owner}"


def _against(spot: Spot, install: Install, folders: list[str]) -> str:
    """Why a mount at these folders would change more than the time it takes."""
    if OLD_SYNTAX.match(spot.source.text):
        return "the syntax line names a frontend without mounts"
    if is_windows(spot):
        return "cache mounts are for Linux images"
    if any("," in folder or " " in folder or "$" in folder for folder in folders):
        return "the name of the cache folder cannot be written into a mount"
    if install.manager is YARN and runs_from_cache(spot):
        return "this Yarn runs packages from its cache, which so has to stay in the image"
    if install.manager is APK and not _refreshes(spot) and not install.command.has(*FRESH):
        return "the index of its packages comes from another step, and is not in the mount"
    if install.manager is not APK:
        for folder in folders:
            if used := _used(spot, folder):
                return f"line {used} takes something out of {folder}"
    return ""


def is_windows(spot: Spot) -> bool:
    """Whether the base is one of Windows; the escape character of Windows says so of a base that may be either."""
    now = spot.situation
    if WINDOWS.search(now.base):
        return True
    return spot.file.file.escape == "`" and not LINUX.search(f"{now.image}:{now.tag}")


def _used(spot: Spot, folder: str) -> int:
    """The line of another instruction that takes the cache, or a folder that only holds caches."""
    names = {folder, posixpath.dirname(folder)} if posixpath.dirname(folder).endswith(".cache") else {folder}
    for other in spot.file.file.instructions:
        if other.keyword in ("COPY", "ADD") and any(word.rstrip("/*") in names for word in other.args[:-1]):
            return other.line
    return 0


def runs_from_cache(spot: Spot) -> bool:
    """Whether its Yarn runs packages from its cache, which so has to stay in the image."""
    settings = spot.file.context.read(".yarnrc.yml")
    named = manifests.package(spot.file.context).get("packageManager", "")
    modern = settings is not None or re.match(r"yarn@([2-9]|\d\d)", str(named)) is not None
    return modern and not (
        settings is not None and re.search(r"nodeLinker:\s*[\"']?(node-modules|pnpm)", settings.text)
    )
