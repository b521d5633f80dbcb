"""Where the environment, or else pyproject.toml, says that build cache may be kept: used where it can be. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from drydock.builds import caches
from drydock.builds.plan import Plan
from drydock.config import Image
from drydock.errors import Misuse
from drydock.values import dataclass

PLACES = (("DRYDOCK_CACHE_FROM", "cache_from", "import"), ("DRYDOCK_CACHE_TO", "cache_to", "export"))
TOKEN = "ACTIONS_RUNTIME_TOKEN"  # noqa: S105  # the name of the variable that a workflow must hand on

Doubt = Callable[[str], str]  # why an entry cannot be used; empty if it can


@dataclass(frozen=True)
class Hints:
    """Cache imports and exports as `--cache-from` and `--cache-to` take them, and why others were left out."""

    imports: tuple[str, ...]
    exports: tuple[str, ...]
    left_out: tuple[str, ...]


def read(environ: Mapping[str, str], settings: Mapping[str, Any], no_import: Doubt, no_export: Doubt) -> Hints:
    """The hints of DRYDOCK_CACHE_FROM and DRYDOCK_CACHE_TO, entries parted by blanks, else of `[tool.drydock]`.

    `no_import` and `no_export` say why an entry cannot be used. A flag is an order and fails where it cannot be done;
    a hint is not: one workflow fits every builder. Raises Misuse for what no builder could take.
    """
    left_out: list[str] = []
    kept: list[tuple[str, ...]] = []
    for (variable, key, verb), doubt in zip(PLACES, (no_import, no_export), strict=True):
        where = variable if variable in environ else f"{key} in [tool.drydock]"
        entries = environ[variable].split() if variable in environ else _written(settings, key)
        for entry in entries:
            caches.demand(where, entry, verb)
        reasons = {entry: doubt(entry) or _lacks_token(entry, environ) for entry in entries}
        kept.append(tuple(entry for entry in entries if not reasons[entry]))
        left_out += [f"{where} leaves out {caches.shown(one)}: {reason}" for one, reason in reasons.items() if reason]
    return Hints(kept[0], tuple(map(caches.forgiving, kept[1])), tuple(left_out))


def _written(settings: Mapping[str, Any], key: str) -> list[str]:
    entries = settings.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(one, str) and one for one in entries):
        raise Misuse(f"{key} in [tool.drydock] is not a list of caches", remedy=f'write it as {key} = ["type=…"]')
    return entries


def applied(made: Plan, hints: Hints) -> Plan:
    """The plan with these caches, before which those of the compose file give way."""

    def given(image: Image) -> Image:
        imports, exports = hints.imports or image.cache_from, hints.exports or image.cache_to
        return replace(image, cache_from=imports, cache_to=exports)

    return replace(made, images=tuple(map(given, made.images)), chosen=tuple(map(given, made.chosen)))


def _lacks_token(entry: str, environ: Mapping[str, str]) -> str:
    return f"{TOKEN} is not set" if caches.kind(entry) == "gha" and not environ.get(TOKEN) else ""
