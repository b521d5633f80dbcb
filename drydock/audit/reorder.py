"""The order of a stage: which installs come after the source, and how the source can be copied after them. Pure."""

import posixpath
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from drydock.audit import copies, manifests
from drydock.audit.buildfile import Spot
from drydock.audit.installs import APK, APT, NPM, PIP, PNPM, POETRY, UV, YARN, Install
from drydock.audit.source import Edit

INDIFFERENT = frozenset({"ENV", "ARG", "LABEL", "EXPOSE", "STOPSIGNAL", "MAINTAINER", "SHELL", "USER"})
SYSTEM = (APT, APK)
NAMES = ("-r", "--requirement")
ELSEWHERE = ("--prefix", "-C", "--cwd", "--dir")
IDLE = (
    *("apt-get update", "apt update", "apk update", "apt-get clean", "rm -rf /var/", "rm -f /etc/apt/"),
    *("set -", "true", "export ", "[ -f /run/", "corepack enable"),
)
RELATED = (
    *("package", "npm-shrinkwrap", "yarn", "pnpm", ".npmrc", ".yarn", "bun.", "lerna", "nx.", "turbo", "tsconfig"),
    *("pyproject", "setup.", "requirements", "constraints", "poetry.", "uv.", "Pipfile"),
    *("README", "LICENSE", "MANIFEST"),
    *("prisma", "patches", "scripts", "Makefile", ".python-version", ".nvmrc", ".node-version"),
)
"""How the names begin of files that may have to do with an install."""
PROJECT_OFF = {POETRY: ("--no-root",), UV: ("--no-install-project",)}


def late_installs(spot: Spot) -> tuple[Spot, ...]:
    """The steps behind a COPY of the source that install what a manifest names, unless it was installed before."""
    behind = [one for one in spot.later if one.one.keyword == "RUN"]
    before = {install.manager for one in spot.earlier for install in one.installs if reads_manifest(install)}
    late = [one for one in behind if any(reads_manifest(install) for install in one.installs)]
    return tuple(one for one in late if not any(install.manager in before for install in one.installs))


def reads_manifest(install: Install) -> bool:
    """Whether a manifest says what is installed: not for packages that are named, nor for those of the system."""
    command = install.command
    if install.manager in SYSTEM or install.is_global:
        return False
    if install.manager is PIP or (install.manager is UV and command.has("pip")):
        return command.has(*NAMES) or any(one.startswith(".") for one in install.packages)
    return not install.packages


def source_last(spot: Spot, late: Sequence[Spot]) -> tuple[tuple[Edit, ...], str]:
    """Edits that copy manifests first and the source behind the last of these installs; or none, and why."""
    last = late[-1]
    if "$" in spot.one.text or spot.one.heredocs or len(spot.one.args) != 2:
        return (), "what is copied cannot be told from the Dockerfile alone"
    found, reason = wanted(spot, late)
    if reason:
        return (), reason
    lines = "\n".join(_copy_lines(spot, found))
    copied = spot.one.text.replace("\r\n", "\n")
    return (Edit(spot.one.start, spot.one.end, lines), Edit(last.one.end, last.one.end, f"\n{copied}")), ""


def wanted(spot: Spot, late: Sequence[Spot]) -> tuple[tuple[str, ...], str]:
    """The files that the steps from a COPY up to the last of these installs read of it; or why they may want more."""
    found = dict[str, None]()
    for one in spot.later:
        if one.one.start > late[-1].one.start:
            break
        files, reason = _wants(spot, one)
        if reason:
            return (), reason
        found |= dict.fromkeys(files)
    return tuple(found), "" if found else "no manifest was found"


def is_related(path: str) -> bool:
    """Whether a file may have to do with an install, or is a pattern."""
    return posixpath.basename(path).startswith(RELATED) or any(sign in path for sign in "*?[$")


def is_manifest_only(spot: Spot, install: Install, found: Callable[[str], str | None] = lambda name: name) -> bool:
    """Whether an install reads nothing of the context but manifests, lock files and settings.

    `found` says where in the context a file of its work folder comes from: of the same name in the root, if not given.
    """
    command, context = install.command, spot.file.context
    if install.manager in (NPM, YARN, PNPM):
        path = found("package.json")
        if path is None or command.has(*ELSEWHERE):
            return False
        return not manifests.node_needs_source(
            context, posixpath.dirname(path), scripts=not command.has("--ignore-scripts")
        )
    if install.manager is not PIP and not (install.manager is UV and command.has("pip")):
        return command.has(*PROJECT_OFF.get(install.manager, ()))
    words = [word.text for word in command.words]
    named = [word for before, word in pairwise(words) if before in NAMES]
    local = any(word.startswith((".", "/", "-e", "--editable", "--find-links", "-f", "-c")) for word in words[1:])
    paths = [found(name) for name in named]
    return bool(named) and not local and all(path and not manifests.requirements(context, path)[1] for path in paths)


def _wants(copy: Spot, one: Spot) -> tuple[tuple[str, ...], str]:
    """What a step behind the COPY reads of the source; or why it may want all of it."""
    absolute = one.one.keyword == "WORKDIR" and copy.one.args[-1].startswith("/")
    if one.one.keyword in INDIFFERENT or absolute:
        return (), ""
    if one.one.keyword != "RUN" or not only_installs(one):
        return (), f"{one.one.keyword} stands between, which may want the source"
    found = dict[str, None]()
    for install in one.installs:
        files, reason = _read_by(copy, one, install)
        if reason:
            return (), reason
        found |= dict.fromkeys(files)
    return tuple(found), ""


def only_installs(one: Spot, beside: tuple[str, ...] = ()) -> bool:
    """Whether a RUN does nothing but install, apart from what tidies up or prepares that, and what is let pass."""
    working = [command for command in one.commands if not command.line.startswith((*IDLE, *beside))]
    return not one.one.heredocs and len(one.installs) == len(working)


def _read_by(copy: Spot, one: Spot, install: Install) -> tuple[tuple[str, ...], str]:
    """The files of the context that an install reads; or why it may want more."""
    command, context = install.command, copy.file.context
    if len(copy.file.contexts) > 1:
        return (), "it is built in several contexts"
    folder = _from_context(copy, one, "")
    if install.manager in (PIP, UV) and (install.manager is PIP or command.has("pip")):
        return _read_by_pip(copy, one, install)
    if not reads_manifest(install):
        return (), ""
    if folder is None:
        return (), "it is installed outside of what is copied"
    if install.manager in (NPM, YARN, PNPM):
        hidden = context.ignore.matches(posixpath.normpath(posixpath.join(folder, "node_modules")))
        if copies.is_whole(copy) and not hidden:
            return (), "the ignore file lets node_modules through, which would be copied over the installed packages"
        if command.has(*ELSEWHERE):
            return (), "it installs in another folder"
        reason = manifests.node_needs_source(context, folder, scripts=not command.has("--ignore-scripts"))
        return ((), reason) if reason else (manifests.node_files(context, folder), "")
    if not command.has(*PROJECT_OFF.get(install.manager, ())):
        return (), f"{install.manager.name} installs the project itself, which wants the source"
    names = ("pyproject.toml", "poetry.lock", "poetry.toml", "uv.lock", "uv.toml", ".python-version")
    files = tuple(path for name in names if context.shows(path := posixpath.normpath(posixpath.join(folder, name))))
    return (files, "") if files else ((), "no manifest was found")


def _read_by_pip(copy: Spot, one: Spot, install: Install) -> tuple[tuple[str, ...], str]:
    found, words = dict[str, None](), [word.text for word in install.command.words]
    for before, word in pairwise(words):
        named = word if before in NAMES else ""
        if not named and word.startswith(("--requirement=", "-r")) and word not in NAMES:
            named = word.partition("=")[2] or word[2:]
        if named:
            inside = _from_context(copy, one, named)
            files, reason = manifests.requirements(copy.file.context, inside) if inside else ((), "")
            if not files:
                return (), reason or f"{named} does not come from this COPY"
            found |= dict.fromkeys(files)
        elif word.startswith((".", "/", "-e", "--editable", "--find-links", "-c", "--constraint")):
            return (), "it installs something from the source itself"
    return tuple(found), ""


def _from_context(copy: Spot, one: Spot, path: str) -> str | None:
    """Where in the context a path of the step's work folder comes from, "" for its root; None if from elsewhere."""
    full, destination = one.situation.folder(path or "."), copies.target(copy)
    if not (full + "/").startswith(destination.rstrip("/") + "/"):
        return None
    found = posixpath.relpath(full, destination)
    return "" if found == "." else found


def _copy_lines(copy: Spot, files: Sequence[str]) -> Iterator[str]:
    """A COPY for the files of each folder, with the flags of the one that copied the source."""
    keyword, flags, to = copy.one.keyword, "".join(f" {flag}" for flag in copy.one.flags), copy.one.args[-1]
    folders = dict.fromkeys(posixpath.dirname(path) for path in files)
    for folder in folders:
        names = " ".join(path for path in files if posixpath.dirname(path) == folder)
        yield f"{keyword}{flags} {names} {_folder(to, folder)}"


def _folder(to: str, folder: str) -> str:
    joined = posixpath.join(to.rstrip("/") or "/", folder) if to.strip("./") or to.startswith("/") else f"./{folder}"
    return joined.rstrip("/") + "/"
