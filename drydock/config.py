"""Where the repository is, what its pyproject and .env say, and whom to ask: the values every command starts from."""

import sys
import tomllib
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from drydock.errors import Misuse
from drydock.values import dataclass

COMPOSE_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
LARGEST = 10_000_000  # bytes of a file of settings
BUILT = "target:"  # how the value of a named context begins that is another image of the repository
COMPOSE_FOLDERS = (".", "infra", "deploy", "docker")


@dataclass(frozen=True)
class Image:
    """One image to build: what BuildKit needs to know, from the compose model or a Dockerfile."""

    name: str
    context: Path
    dockerfile: Path
    tag: str
    target: str | None = None
    args: Mapping[str, str] = field(default_factory=dict)
    contexts: Mapping[str, str] = field(default_factory=dict)
    platforms: tuple[str, ...] = ()
    cache_from: tuple[str, ...] = ()
    cache_to: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()  # further names beside `tag`
    secrets: Mapping[str, str] = field(default_factory=dict)  # id -> "src=PATH" or "env=NAME"
    ssh: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    network: str | None = None

    @property
    def upon(self) -> dict[str, str]:
        """The images that it is built upon, by the context that each is."""
        return {name: value.removeprefix(BUILT) for name, value in self.contexts.items() if value.startswith(BUILT)}


@dataclass(frozen=True)
class Config:
    """A repository as Drydock sees it.

    `environ` holds the process environment over `.env` (the environment wins); `settings` is the table
    `[tool.drydock]`; `compose` is None where there is no compose file; `home` is the user's own state, shared
    between clones; `state` is the repository's own, never in git; `yes` is the consent to install and start things.
    """

    root: Path
    environ: Mapping[str, str]
    settings: Mapping[str, Any]
    compose: Path | None
    home: Path
    yes: bool = False

    @property
    def state(self) -> Path:
        return self.root / ".drydock"

    @property
    def ledger(self) -> Path:
        return self.state / "ledger.db"


def load(root: Path, environ: Mapping[str, str], *, yes: bool = False, lenient: bool = False) -> Config:
    """Read `[tool.drydock]` and `.env` below `root`; starts no process.

    Order of precedence: flags, environment, `.env`, pyproject, defaults. Broken files raise Misuse with file and line;
    with `lenient`, a broken `.env` counts as none, for the doctor, who has a check for it.
    """
    root = root.resolve()
    if not root.is_dir():
        raise Misuse(f"{root} is not a folder", remedy="give --root the folder of a repository")
    if (root / ".drydock").is_symlink():
        raise Misuse(f"{root / '.drydock'} is a link: records would be written elsewhere", remedy="remove the link")
    for name in ("pyproject.toml", ".env", *COMPOSE_NAMES):
        _check(root / name)
    settings = _settings(root / "pyproject.toml")
    merged = {**_given(root / ".env", lenient=lenient), **environ}
    yes = yes or merged.get("DRYDOCK_YES", "").lower() in ("1", "true", "yes")
    return Config(root, merged, settings, _compose(root, settings), home(merged), yes)


def home(environ: Mapping[str, str]) -> Path:
    """The folder of the user's own state: DRYDOCK_HOME, else `drydock` in XDG_DATA_HOME (default ~/.local/share).

    On Windows LOCALAPPDATA is its default. On macOS it is ~/.local/share too: command-line tools are looked for there.
    """
    if own := environ.get("DRYDOCK_HOME"):
        return Path(own).expanduser().absolute()
    data = environ.get("XDG_DATA_HOME") or (environ.get("LOCALAPPDATA") if sys.platform == "win32" else None)
    return (Path(data) if data else Path.home() / ".local" / "share") / "drydock"


def _check(path: Path) -> None:
    """Raise Misuse for what stands where settings do and would never come to an end."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise Misuse(f"{path} is no ordinary file", remedy=f"put a file in the place of {path.name}")
    if path.is_file() and path.stat().st_size > LARGEST:
        raise Misuse(f"{path} is too large to be one of settings", remedy=f"put a file in the place of {path.name}")


def _settings(path: Path) -> Mapping[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse(f"{path} cannot be read: {error}", remedy=f"make {path.name} readable UTF-8") from error
    try:
        tool = tomllib.loads(text).get("tool", {})
    except tomllib.TOMLDecodeError as error:
        raise Misuse(f"{path} is not valid TOML: {error}", remedy=f"mend {path.name} at that line") from error
    settings = tool.get("drydock", {})
    if not isinstance(settings, dict):
        raise Misuse(f"[tool.drydock] in {path} is not a table", remedy="write it as [tool.drydock]")
    return settings


def _given(path: Path, *, lenient: bool) -> dict[str, str]:
    try:
        return _dotenv(path)
    except Misuse:
        if lenient:
            return {}
        raise


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    from dotenv.main import DotEnv
    from dotenv.parser import parse_stream

    try:
        with path.open(encoding="utf-8") as stream:
            for binding in parse_stream(stream):
                if binding.error:
                    where = f"{path}:{binding.original.line}"
                    raise Misuse(f"{where} is no assignment", remedy="write NAME=value, or # before a comment")
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse(f"{path} cannot be read: {error}", remedy="make it a readable UTF-8 file") from error
    values = DotEnv(path, interpolate=True, encoding="utf-8").dict()
    return {name: value for name, value in values.items() if value is not None}


def _compose(root: Path, settings: Mapping[str, Any]) -> Path | None:
    if named := settings.get("compose"):
        path = root / str(named)
        if not path.is_file():
            raise Misuse(f"{path} does not exist", remedy="mend compose in [tool.drydock]")
        return path
    for folder in COMPOSE_FOLDERS:
        for name in COMPOSE_NAMES:
            if (path := root / folder / name).is_file():
                return path
    return None
