"""The work tree that is audited: what its configuration says, which files may be written, and writing them."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from drydock import command, files
from drydock.audit import suppressions, tree
from drydock.audit.repository import Repository
from drydock.audit.suppressions import Policy
from drydock.audit.tree import Tree
from drydock.config import Config
from drydock.errors import Misuse
from drydock.measures import unsaved


def settings(config: Config) -> Mapping[str, Any]:
    """`[tool.drydock.audit]`."""
    found = config.settings.get("audit", {})
    if not isinstance(found, dict):
        raise Misuse("[tool.drydock.audit] is not a table", remedy="write it as [tool.drydock.audit]")
    if unknown := sorted(set(found) - {"ignore", "severity", "sessions_only"}):
        known = "severity, ignore and sessions_only"
        raise Misuse(f"[tool.drydock.audit] has no setting {unknown[0]}", remedy=f"it knows {known}")
    if not isinstance(found.get("sessions_only", False), bool):
        raise Misuse("sessions_only in [tool.drydock.audit] is no switch", remedy="write it as sessions_only = true")
    return found


def policy(config: Config, today: date) -> Policy:
    """What the configuration suppresses, on that day."""
    return Policy(suppressions.configured(settings(config)), today)


def repository(config: Config, today: date) -> Repository:
    """The files of the work tree on that day; the compose file that is configured counts as one whatever its name."""
    compose = compose_path(config)
    return Repository(tree.walk(config.root), (compose,) if compose else (), today)


def compose_path(config: Config) -> str:
    """The compose file that is configured, from the root; "" where there is none, or it lies outside."""
    path = config.compose.resolve() if config.compose else None
    return path.relative_to(config.root).as_posix() if path and path.is_relative_to(config.root) else ""


def held(config: Config) -> Callable[[str], str]:
    """For a path: why it must not be written, since git could not give it back; "" where it may."""
    known = unsaved.reasons(config)

    def reason(path: str) -> str:
        if not (config.root / path).exists():
            return ""  # a new file takes nothing away
        return f"{path}: {found}; commit it" if (found := known(path)) else ""

    return reason


def hindrance(config: Config, seen: Tree, path: str) -> str:
    """Why writing there would write elsewhere, or over what others wrote since it was read; else empty."""
    target = config.root / path
    if target.is_symlink() or not target.parent.resolve().is_relative_to(config.root):
        return f"{path} is a link, or lies behind one"
    if target.exists() and not target.is_file():  # a pipe would be read forever
        return f"{path} is there, and is no ordinary file"
    try:
        now = target.read_bytes() if target.exists() else None
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"
    was = seen.read(path) if path in seen.files else None
    return "" if now == was else f"{path} was changed while it was audited"


def write(config: Config, seen: Tree, contents: Mapping[str, bytes]) -> None:
    """Write the files: all of them, or none where one of them is no longer what was judged; none on a dry run.

    What a writer that was killed left unfinished beside them is removed.
    """
    unfinished = {(config.root / path).parent for path in seen.files if files.is_unfinished(path)}
    for folder in unfinished | {config.state} if not command.is_dry() else ():
        files.sweep(folder)
    if found := [reason for path in contents if (reason := hindrance(config, seen, path))]:
        raise Misuse(found[0], remedy="inv audit --fix once more")
    for path, data in contents.items():
        if not command.withheld(path):
            files.replace_below(config.root, path, data)
