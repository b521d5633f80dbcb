"""What package managers read: manifests, lock files and what these refer to, as far as an install needs them. Pure."""

import json
import posixpath
import re
from collections.abc import Mapping
from typing import Any

from drydock.audit.context import Context

NODE_LOCKS: Mapping[str, tuple[str, ...]] = {
    "npm": ("package-lock.json", "npm-shrinkwrap.json"),
    "yarn": ("yarn.lock",),
    "pnpm": ("pnpm-lock.yaml",),
}
NODE_SETTINGS = (".npmrc", ".yarnrc", ".yarnrc.yml")
HOOKS = ("preinstall", "install", "postinstall", "prepare", "prepublish")
GENERATES = ("prisma", "@prisma/client")  # reads its schema from the source while it is installed
KINDS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")
INCLUDES = re.compile(r"^(?:-r|-c|--requirement|--constraint)[ =]*(\S+)")
LOCAL = re.compile(r"^(?:-e|--editable)\b|^\.{0,2}/|^\.|^file:|@ *file:|^-f |^--find-links")


def package(context: Context, path: str = "package.json") -> Mapping[str, Any]:
    """A package.json or lock file; empty where there is none or it is no object."""
    text = context.read(path)
    try:
        found = json.loads(text.text) if text else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def node_lock(context: Context, folder: str = "") -> tuple[str, str]:
    """The lock file of npm in a folder of the context; or "" and why none counts."""
    others = [one for tool in ("yarn", "pnpm") for one in NODE_LOCKS[tool] if context.has(posixpath.join(folder, one))]
    if others:
        return "", f"there is a {others[0]} as well"
    for name in NODE_LOCKS["npm"]:
        path = posixpath.join(folder, name)
        if context.has(path):
            return (path, "") if context.shows(path) else ("", f"{context.ignored_by} hides {name}")
    return "", "there is no lock file"


def agrees(manifest: Mapping[str, Any], lock: Mapping[str, Any]) -> bool:
    """Whether a lock of version 2 or later was made from this very manifest."""
    root = lock.get("packages", {}).get("") if isinstance(lock.get("packages"), dict) else None
    if not isinstance(root, dict):
        return False
    return all((manifest.get(kind) or {}) == (root.get(kind) or {}) for kind in KINDS)


def node_files(context: Context, folder: str = "") -> tuple[str, ...]:
    """What an install of Node packages reads in a folder: manifest, lock files, settings; those that can be seen."""
    names = ("package.json", *(name for names in NODE_LOCKS.values() for name in names), *NODE_SETTINGS)
    return tuple(path for name in names if context.shows(path := posixpath.join(folder, name)))


def node_needs_source(context: Context, folder: str, *, scripts: bool) -> str:
    """Why an install needs more than these files; "" where it does not. `scripts`: the package's own hooks run."""
    manifest = package(context, posixpath.join(folder, "package.json"))
    if not manifest:
        return "there is no package.json that can be read"
    hooks = manifest.get("scripts")
    if scripts and isinstance(hooks, dict) and (named := [hook for hook in HOOKS if hook in hooks]):
        return f"package.json runs {named[0]} when it is installed, which may want the source"
    wanted: dict[str, Any] = {}
    for kind in KINDS:
        wanted |= found if isinstance(found := manifest.get(kind), dict) else {}
    if scripts and (named := [name for name in GENERATES if name in wanted]):
        return f"{named[0]} reads the source when it is installed"
    if any(
        str(value).startswith(("file:", "link:", "workspace:", "portal:", "patch:", ".")) for value in wanted.values()
    ):
        return "a package comes from the source itself"
    if "workspaces" in manifest or context.has(posixpath.join(folder, "pnpm-workspace.yaml")):
        return "the packages are those of several workspaces"
    settings = context.read(posixpath.join(folder, ".yarnrc.yml"))
    if (
        (settings and "yarnPath" in settings.text)
        or "pnpm" in manifest
        or context.has(posixpath.join(folder, ".pnpmfile.cjs"))
    ):
        return "the package manager reads further files"
    return ""


def requirements(context: Context, path: str) -> tuple[tuple[str, ...], str]:
    """A requirements file and those it includes, from the context's root; or why it needs more than that."""
    found, waiting = dict[str, None](), [path]
    while waiting:
        name = posixpath.normpath(waiting.pop())
        if name in found:
            continue
        text = context.read(name)
        if text is None or not context.shows(name):
            return (), f"{name} cannot be seen in the context"
        found[name] = None
        for line in (line.strip() for line in text.text.splitlines()):
            if match := INCLUDES.match(line):
                waiting.append(posixpath.join(posixpath.dirname(name), match[1]))
            elif LOCAL.match(line):
                return (), f"{name} installs something from the source itself"
    return tuple(found), ""
