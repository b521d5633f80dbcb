"""Variables that a service would get from files outside of the repository: found in the model as compose reads it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from drydock import command
from drydock.config import Config
from drydock.services import compose

LARGEST = 1_000_000  # bytes of a file that is looked into; what is larger may well name one
FOREIGN = "its env_file {} lies outside the repository, so its values are left out"


def without(model: Mapping[str, Any], here: Config, environ: Mapping[str, str]) -> tuple[Mapping[str, Any], list[str]]:
    """The resolved model without such variables, and what was left out, as sentences.

    Compose writes the content of every `env_file` into the environment of its service, so the files are asked for once
    more as they are named. Where it does not say, no service keeps more than nothing of its environment.
    """
    if not any(path.stat().st_size > LARGEST or b"env_file" in path.read_bytes() for path in _files(here.root)):
        return model, []
    argv = compose.argv(here, "config", "--no-interpolate", "--format", "json")
    told = command.run(argv, env=environ, cwd=here.root)
    named: Mapping[str, Any] = (json.loads(told.out).get("services") or {}) if told.ok else {}
    services, said = {}, list[str]()
    for name, service in model.get("services", {}).items():
        kept, left = _kept(service, named.get(name), here.root)
        services[name] = {**service, "environment": kept} if left else service
        said += [f"{name}: {words}" for words in left]
    return {**model, "services": services}, said


def _kept(
    service: Mapping[str, Any], named: Mapping[str, Any] | None, root: Path
) -> tuple[Mapping[str, Any], list[str]]:
    """The environment of a service that it may have, and what it may not."""
    environment: Mapping[str, Any] = service.get("environment") or {}
    if named is None:
        return {}, (["its environment is left out: compose does not say where it is from"] if environment else [])
    paths = [str(one["path"] if isinstance(one, Mapping) else one) for one in named.get("env_file") or ()]
    foreign = [path for path in paths if "$" in path or not Path(path).resolve().is_relative_to(root.resolve())]
    if not foreign:
        return environment, []
    allowed = set(_names(named.get("environment") or {}))
    for path in sorted(set(paths) - set(foreign)):
        allowed |= _assigned(Path(path))
    left = [FOREIGN.format(path.replace(f"{root}/", "")) for path in foreign]
    return {name: value for name, value in environment.items() if name in allowed}, left


def _names(environment: Mapping[str, Any] | Sequence[str]) -> Iterator[str]:
    """The names in an environment as a mapping, or as a list of NAME=VALUE and NAME."""
    if isinstance(environment, Mapping):
        yield from environment
    else:
        yield from (str(one).partition("=")[0] for one in environment)


def _assigned(path: Path) -> set[str]:
    """The names that an env file of the repository sets."""
    from dotenv import dotenv_values

    return {*dotenv_values(path, interpolate=False)} if path.is_file() else set()


def _files(root: Path) -> Iterator[Path]:
    """The YAML files of a copy: any of them may be included or extended."""
    for path in (*root.rglob("*.yml"), *root.rglob("*.yaml")):
        if path.is_file() and not path.is_symlink():
            yield path
