"""Where the environment says that build cache may be kept: used where it can be, said where it cannot. Pure."""

from collections.abc import Callable, Mapping

from drydock.builds import caches
from drydock.values import dataclass

VARIABLES = ("DRYDOCK_CACHE_FROM", "DRYDOCK_CACHE_TO")
TOKEN = "ACTIONS_RUNTIME_TOKEN"  # noqa: S105  # the name of the variable that a workflow must hand on

Doubt = Callable[[str], str]  # why an entry cannot be used; empty if it can


@dataclass(frozen=True)
class Hints:
    """Cache imports and exports as `--cache-from` and `--cache-to` take them, and why others were left out."""

    imports: tuple[str, ...]
    exports: tuple[str, ...]
    left_out: tuple[str, ...]


def read(environ: Mapping[str, str], no_import: Doubt, no_export: Doubt) -> Hints:
    """The hints of DRYDOCK_CACHE_FROM and DRYDOCK_CACHE_TO, entries parted by blanks.

    `no_import` and `no_export` say why an entry cannot be used. A flag is an order and fails where it cannot be done;
    a hint is not: one workflow fits every builder.
    """
    left_out: list[str] = []
    kept: list[tuple[str, ...]] = []
    for variable, doubt in zip(VARIABLES, (no_import, no_export), strict=True):
        entries = environ.get(variable, "").split()
        reasons = {entry: doubt(entry) or _lacks_token(entry, environ) for entry in entries}
        kept.append(tuple(entry for entry in entries if not reasons[entry]))
        left_out += [f"{variable} leaves out {entry}: {reason}" for entry, reason in reasons.items() if reason]
    return Hints(kept[0], kept[1], tuple(left_out))


def _lacks_token(entry: str, environ: Mapping[str, str]) -> str:
    return f"{TOKEN} is not set" if caches.kind(entry) == "gha" and not environ.get(TOKEN) else ""
