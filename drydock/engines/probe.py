"""What an engine and its client tools can do: three questions at once, and the answer kept until something changes."""

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from drydock import command
from drydock.engines.docker_config import settings_folder
from drydock.engines.endpoint import Endpoint
from drydock.engines.missing import MEND, Cause, NoEngine
from drydock.errors import NotReady
from drydock.values import dataclass

KEPT = 8
ANSWER_SECONDS = 20.0
PLUGIN_FOLDERS = (
    "/usr/local/lib/docker/cli-plugins",
    "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/libexec/docker/cli-plugins",
)
DAEMON_FILES = ("/etc/docker/daemon.json", "/var/run/docker.pid")
QUESTIONS = (
    ("docker", "version", "--format", "{{json .}}"),
    ("docker", "info", "--format", "{{json .}}"),
    ("docker", "buildx", "inspect"),
)
PLUGINS = ("buildx", "compose")


@dataclass(frozen=True)
class Abilities:
    """What was seen: versions as the tools print them (empty where a tool is missing), store, driver, platforms."""

    version: str
    api: str
    buildx: str
    compose: str
    store: str
    driver: str
    platforms: tuple[str, ...]
    data_root: str


def ask(endpoint: Endpoint, environ: Mapping[str, str], kept: Path, *, patience: float = ANSWER_SECONDS) -> Abilities:
    """The abilities of an engine that answers; from the file `kept` while engine and plugins are the same.

    Each answer is waited for `patience` seconds. The builder in use may be elsewhere: without an answer it has no
    driver.
    Raises NoEngine where there is no client, or where the engine refuses it or says nothing.
    """
    client = command.find("docker", environ)
    if client is None:
        raise NoEngine(Cause.CLIENT, "docker is not installed", remedy=MEND)
    key = _key(endpoint, environ, client)
    known = _known(kept)
    if (found := known.get(key)) is not None:
        return found
    from concurrent.futures import ThreadPoolExecutor

    children = endpoint.environ(environ)
    with ThreadPoolExecutor(len(QUESTIONS)) as pool:
        answers = list(pool.map(lambda argv: command.run(argv, env=children, timeout=patience), QUESTIONS))
    abilities = read(*(answer.out for answer in answers))
    late = [answer for answer in answers if answer.code == command.NO_ANSWER]
    if late and late != answers[2:]:
        words = f"the engine at {endpoint.host} answers a ping, and then: {late[0].last_words}"
        remedy = "end that engine and start it again, unless this machine is busy"
        raise NoEngine(Cause.LATE, words, remedy=remedy)
    if not abilities.version:
        words = f"the engine at {endpoint.host} refuses: {answers[0].last_words}"
        raise NoEngine(Cause.SETTINGS, words, remedy="docker version")
    if not late:  # else the driver of the builder is missing in it
        _keep(kept, {**known, _key(endpoint, environ, client): abilities})  # asking may have touched buildx's own files
    return abilities


def read(version: str, info: str, builder: str) -> Abilities:
    """Abilities from the output of the QUESTIONS, in their order. Pure."""
    server = _object(version).get("Server") or {}
    about = _object(info)
    plugins = {plugin.get("Name"): plugin for plugin in (about.get("ClientInfo") or {}).get("Plugins") or []}
    versions = {name: str((plugins.get(name) or {}).get("Version") or "") for name in PLUGINS}
    status = [list(pair) for pair in about.get("DriverStatus") or []]
    snapshotter = ["driver-type", "io.containerd.snapshotter.v1"] in status
    fields = dict(re.findall(r"^(\w+):[ \t]+(.+?)[ \t]*$", builder, re.MULTILINE))
    platforms = [name.strip().rstrip("*") for name in fields.get("Platforms", "").split(",")]
    return Abilities(
        version=str(server.get("Version") or ""),
        api=str(server.get("ApiVersion") or ""),
        **versions,
        store="containerd" if snapshotter else str(about.get("Driver") or ""),
        driver=fields.get("Driver", ""),
        platforms=tuple(name for name in platforms if name),
        data_root=str(about.get("DockerRootDir") or ""),
    )


def release(version: str) -> tuple[int, int]:
    """Major and minor of a version as printed (v0.13.1, 2.26.1-4, 26.1.5+dfsg1); one with no number is new. Pure."""
    found = re.search(r"(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else (9999, 0)


def _key(endpoint: Endpoint, environ: Mapping[str, str], client: str) -> str:
    """Engine, client, plugins, chosen builder: when one of them changes, the key changes."""
    folder = settings_folder(environ)
    watched = [Path(client), *map(Path, DAEMON_FILES), folder / "config.json"]
    for place in (folder / "cli-plugins", *map(Path, PLUGIN_FOLDERS)):
        watched += [place / f"docker-{name}" for name in PLUGINS]
    address = urlsplit(endpoint.host)
    if address.scheme == "unix":
        watched.append(Path(address.path))
    parts = [endpoint.host, endpoint.context or "", environ.get("BUILDX_BUILDER", ""), _builder(folder)]
    return "|".join(parts + [_identity(path) for path in watched])


def _builder(folder: Path) -> str:
    """The builder that is chosen. buildx writes this file anew each time it runs: only its content says anything."""
    try:
        return (folder / "buildx" / "current").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _identity(path: Path) -> str:
    try:
        seen = path.stat()
    except OSError:
        return "-"
    return f"{seen.st_dev}:{seen.st_ino}:{seen.st_mtime_ns}:{seen.st_ctime_ns}"


def _known(path: Path) -> dict[str, Abilities]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return {
            key: Abilities(**{**fields, "platforms": tuple(fields["platforms"])}) for key, fields in document.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _keep(path: Path, known: Mapping[str, Abilities]) -> None:
    from drydock import files

    latest: Sequence[tuple[str, Abilities]] = list(known.items())[-KEPT:]
    with suppress(NotReady):  # where the home cannot be written, the questions are asked each time
        files.replace(path, json.dumps({key: asdict(abilities) for key, abilities in latest}))


def _object(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
