"""Where the environment says that build cache may be kept: used where it can be, said where it cannot. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

VARIABLES = ("DRYDOCK_CACHE_FROM", "DRYDOCK_CACHE_TO")
TOKEN = "ACTIONS_RUNTIME_TOKEN"  # noqa: S105  # the name of the variable that a workflow must hand on


@dataclass(frozen=True)
class Hints:
    """Cache imports and exports as `--cache-from` and `--cache-to` take them, and why others were left out."""

    imports: tuple[str, ...]
    exports: tuple[str, ...]
    left_out: tuple[str, ...]


def read(environ: Mapping[str, str], able: Collection[str]) -> Hints:
    """The hints of DRYDOCK_CACHE_FROM and DRYDOCK_CACHE_TO, entries parted by blanks; `able` are the builder's kinds.

    A flag is an order and fails where it cannot be done; a hint is not: one workflow fits every builder.
    """
    left_out: list[str] = []
    kept: list[tuple[str, ...]] = []
    for variable in VARIABLES:
        entries = environ.get(variable, "").split()
        reasons = {entry: _reason(entry, environ, able) for entry in entries}
        kept.append(tuple(entry for entry in entries if not reasons[entry]))
        left_out += [f"{variable} leaves out {entry}: {reason}" for entry, reason in reasons.items() if reason]
    return Hints(kept[0], kept[1], tuple(left_out))


def _reason(entry: str, environ: Mapping[str, str], able: Collection[str]) -> str:
    found = re.search(r"(?:^|,)type=([^,]+)", entry)
    kind = found[1] if found else "registry"
    if kind not in able:
        return f"this builder has no {kind} cache"
    if kind == "gha" and not environ.get(TOKEN):
        return f"{TOKEN} is not set"
    return ""
