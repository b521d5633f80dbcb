"""What layers weigh: never changes, so it is measured once on a machine and shared between repositories."""

import json
from collections.abc import Iterable
from pathlib import Path

from drydock import files
from drydock.config import Config
from drydock.errors import NotReady
from drydock.values import dataclass

COMPRESSOR = "zlib-ng 6"  # what pull bytes of unpacked layers come from; those of another are weighed again


@dataclass(frozen=True)
class Layer:
    """What a layer weighs, in bytes: its files unpacked, and compressed as it is pulled."""

    diff_id: str
    disk_bytes: int
    pull_bytes: int


def recall(config: Config) -> dict[str, Layer]:
    """Every layer that was weighed on this machine, by diff id."""
    try:
        kept = json.loads(_file(config).read_text(encoding="utf-8"))
        if kept["compressor"] != COMPRESSOR:
            return {}
        return {diff_id: Layer(diff_id, int(disk), int(pull)) for diff_id, (disk, pull) in kept["layers"].items()}
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return {}  # none yet, or unreadable: weighed again


def remember(config: Config, weighed: Iterable[Layer]) -> None:
    """Add layers. Two that write at once lose one's layers, which are then weighed again."""
    fresh = {layer.diff_id: layer for layer in weighed}
    if not fresh:
        return
    every = {**recall(config), **fresh}
    weights = {diff_id: [layer.disk_bytes, layer.pull_bytes] for diff_id, layer in every.items()}
    try:
        files.replace(_file(config), json.dumps({"compressor": COMPRESSOR, "layers": weights}))
    except NotReady:
        return  # a convenience between repositories; the ledger has them too


def _file(config: Config) -> Path:
    return config.home / "layers.json"
