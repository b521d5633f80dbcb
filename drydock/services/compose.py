"""The compose project: its command line, its name, and the images it builds, from compose's own resolved model."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from drydock import command, files
from drydock.config import Config, Image
from drydock.engines.docker_config import settings_folder
from drydock.engines.probe import PLUGIN_FOLDERS
from drydock.errors import Misuse, NotReady
from drydock.secrecy import may_be_secret
from drydock.services import model as services
from drydock.values import dataclass

# What these pull in is not known without parsing: a model that uses them is asked for anew each time.
BORROWED = re.compile(r"include|extends|env_file|label_file")
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Project:
    """What a compose file says of building: the project's name and its images."""

    name: str
    images: tuple[Image, ...]


def argv(config: Config, *words: str, dev: bool = False) -> list[str]:
    """The `docker compose` command line for this repository's files and its one `.env`, followed by `words`.

    `dev` adds the development file that lies beside the compose file (docker-compose.dev.yml).
    """
    line = ["docker", "compose"]
    for path in compose_files(config, dev=dev):
        line += ["-f", str(path)]
    if (config.root / ".env").is_file():
        line += ["--env-file", str(config.root / ".env")]
    return [*line, *words]


def compose_files(config: Config, *, dev: bool = False) -> tuple[Path, ...]:
    """The compose file, the override that plain `docker compose` would add, and the development file when asked for."""
    if config.compose is None:
        raise Misuse(f"{config.root} has no compose file", remedy="write one, or name it as compose in [tool.drydock]")
    main = config.compose
    override = main.with_name(f"{main.stem}.override{main.suffix}")
    paths = [main, *([override] if override.is_file() else [])]
    if dev:
        extra = main.with_name(f"{main.stem}.dev{main.suffix}")
        if not extra.is_file():
            raise Misuse(f"{extra} does not exist", remedy="write it, or leave --dev out")
        paths.append(extra)
    return tuple(paths)


def images(config: Config, environ: Mapping[str, str], *, dev: bool = False) -> tuple[Image, ...]:
    """The images to build: those of the compose file, else one for each Dockerfile up to two levels down.

    `dev` counts the development file in.

    Raises Misuse for a compose file that compose rejects, and where there is nothing to build.
    """
    if config.compose is None:
        if found := services.found(config.root):
            return found
        raise Misuse(f"nothing to build in {config.root}: no compose file and no Dockerfile", remedy="give --root PATH")
    if built := (_fresh(config, environ, dev=True) if dev else load(config, environ)).images:
        return built
    raise Misuse(f"no service in {config.compose} is built here", remedy="give a service a build section")


def project(config: Config) -> str:
    """The name of the compose project, which compose puts before its containers, networks and volumes."""
    return load(config, config.environ).name


def load(config: Config, environ: Mapping[str, str]) -> Project:
    """The project as compose resolves it; remembered in `.drydock` for as long as nothing it depends on changes."""
    cache = config.state / "compose.json"
    key = _key(config, environ)
    if key and (known := _recall(cache, key)):
        return known
    fresh = _fresh(config, environ, dev=False)
    if key:
        _remember(cache, key, fresh)
    return fresh


def _fresh(config: Config, environ: Mapping[str, str], *, dev: bool) -> Project:
    resolved = model(config, environ, dev=dev)
    return Project(str(resolved["name"]), built(resolved, config.state / "inline"))


def built(resolved: Mapping[str, Any], inline: Path) -> tuple[Image, ...]:
    """The images that the services of a model build; the Dockerfiles that it holds are written below `inline`."""
    for name, text in services.inlines(resolved).items():
        path = inline / f"{name}.Dockerfile"
        if not path.is_file() or path.read_bytes() != text.encode():  # one that is written anew looks changed
            files.replace(path, text)
    return services.images(resolved, inline)


def model(
    config: Config, environ: Mapping[str, str], *, dev: bool = False, seconds: float | None = None
) -> Mapping[str, Any]:
    """The project as compose resolves it: absolute paths, variables filled in. Raises Misuse for a file it rejects.

    `seconds` is how long that may take.
    """
    line = argv(config, "config", "--format", "json", dev=dev)
    result = command.run(line, env=environ, cwd=config.root, timeout=seconds)
    if result.code == command.NO_ANSWER or result.code < 0:  # killed: that says nothing of the file
        raise NotReady(
            f"docker compose config: {result.last_words}", remedy="docker compose config, to see what it does"
        )
    if not result.ok:
        where = ", ".join(str(path.relative_to(config.root)) for path in compose_files(config, dev=dev))
        raise Misuse(f"{where}: {result.last_words}", remedy="mend the compose file, or .env where a value is missing")
    try:
        document: Mapping[str, Any] = json.loads(result.out)
    except ValueError as error:
        raise NotReady("docker compose gives no JSON", remedy="inv doctor") from error
    return document


def _key(config: Config, environ: Mapping[str, str]) -> str | None:
    """A hash of everything the model depends on; None where that cannot be known."""
    digest = hashlib.sha256()
    text = ""
    paths = [*compose_files(config), config.root / ".env", compose_files(config)[0].with_name(".env")]
    for path in paths:
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            content = b"-"
        except OSError as error:
            raise Misuse(f"{path} cannot be read: {error.strerror}", remedy=f"make {path.name} readable") from error
        digest.update(f"{path}\0{len(content)}\0".encode() + content)
        text += content.decode("utf-8", "replace")
    if BORROWED.search(text):
        return None
    # A variable can be interpolated, or handed to a build by its bare name: any word of the files may be one.
    words = {name for name in WORD.findall(text) if name in environ}
    words |= {name for name in environ if name.startswith("COMPOSE_")}
    digest.update(json.dumps([[name, environ[name]] for name in sorted(words)]).encode())
    digest.update(repr(_plugin(environ)).encode())
    return digest.hexdigest()


def _plugin(environ: Mapping[str, str]) -> tuple[str, int, int] | None:
    """Which compose answers: the first plugin file in Docker's order, with its time and size."""
    for folder in (settings_folder(environ) / "cli-plugins", *PLUGIN_FOLDERS):
        path = Path(folder, "docker-compose")
        if path.is_file():
            status = path.stat()
            return str(path), status.st_mtime_ns, status.st_size
    return None


def _recall(cache: Path, key: str) -> Project | None:
    try:
        kept = json.loads(cache.read_text(encoding="utf-8"))
        if kept["key"] != key:
            return None
        return Project(kept["name"], tuple(_revive(image) for image in kept["images"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # missing, or written by another version: compose is asked again


def _revive(kept: dict[str, Any]) -> Image:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
    values |= {"context": Path(kept["context"]), "dockerfile": Path(kept["dockerfile"])}
    return Image(**values)


def _remember(cache: Path, key: str, fresh: Project) -> None:
    if command.is_dry():
        return
    document = {"key": key, "name": fresh.name, "images": [asdict(image) for image in fresh.images]}
    given = [pair for image in fresh.images for pair in (*image.args.items(), *image.labels.items())]
    try:
        if any(may_be_secret(*pair) for pair in given):
            cache.unlink(missing_ok=True)  # compose is asked each time instead
            return
        if not cache.exists():  # build arguments are nobody else's business: the state folder is mounted by a service
            cache.parent.mkdir(parents=True, exist_ok=True)
            cache.touch(mode=0o600)
        files.replace(cache, json.dumps(document, default=str))
    except (NotReady, OSError):
        return  # a repository that cannot be written is still readable; the ledger will say so
