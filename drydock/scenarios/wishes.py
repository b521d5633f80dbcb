"""What `[tool.drydock.bench]` and `[tool.drydock.images.NAME]` say of scenarios: what to edit, against what. Pure."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drydock.config import Config
from drydock.errors import Misuse
from drydock.values import dataclass

BASELINE = "infra/baseline"
BEGINS = r"^> (vite|webpack|rollup|rspack|esbuild|parcel|astro|next|nuxt|svelte-kit|react-scripts)\b"
SAYS = r"built in ([\d.]+) ?(ms|s)\b"


@dataclass(frozen=True)
class Wishes:
    """The wishes for one image; what is empty is found by rules.

    `source` and `dependency` are files below the context, the lines what is added to them (`{number}` is filled in),
    `baseline` a Dockerfile or a folder of Dockerfiles, from the root; `captures` the root of the repository with whose
    captures ours are kept. `bundler` fits the line with which the bundler's command is announced, `built` the line in
    which it says how long it took: a number, then ms or s.
    """

    source: str = ""
    source_line: str = ""
    dependency: str = ""
    dependency_line: str = ""
    baseline: str = BASELINE
    bundler: str = BEGINS
    built: str = SAYS
    captures: str = "."


NAMES = tuple(Wishes.__dataclass_fields__)


def of(settings: Mapping[str, Any], image: str) -> Wishes:
    """The wishes for an image: its own table, over the one for all. Misuse for a value that makes no sense."""
    table = "[tool.drydock.bench]"
    shared, own = _table(settings, "bench"), _table(_table(settings, "images"), image)
    if unknown := [name for name in shared if name not in NAMES]:
        raise Misuse(f"{unknown[0]} in {table} means nothing", remedy=f"one of: {', '.join(NAMES)}")
    found = {name: value for part in (shared, own) for name, value in part.items() if name in NAMES}
    if wrong := [name for name, value in found.items() if not isinstance(value, str)]:
        raise Misuse(f"{wrong[0]} of {image} is no text", remedy=f'write it as {wrong[0]} = "…"')
    for name in ("bundler", "built"):
        try:
            re.compile(found.get(name, ""))
        except re.error as error:
            raise Misuse(f"{name} of {image} is no pattern: {error}", remedy=f"mend {name} in {table}") from error
    return Wishes(**found)


def home(config: Config) -> Path:
    """The root below whose docs/measurements captures are kept."""
    return Path(os.path.normpath(config.root / of(config.settings, "").captures))


def _table(settings: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = settings.get(name, {})
    if not isinstance(table, Mapping):
        raise Misuse(f"{name} in [tool.drydock] is no table", remedy=f"write it as [tool.drydock.{name}]")
    return table
