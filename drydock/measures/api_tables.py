"""A capture of kind "api" as text: how fast answers come over a large ledger, and what memory they take. Pure."""

from collections.abc import Mapping
from statistics import median
from typing import Any

from drydock.text import human_bytes

Row = tuple[str, ...]


def answers(document: Mapping[str, Any]) -> tuple[Row, list[Row]]:
    """Header and rows: each answer with its median, smallest and largest time, its bytes, and what is allowed."""
    rows: list[Row] = []
    for one in document["answers"]:
        middle, allowed = median(one["seconds"]), one["allowed"]
        limit = ("", "") if allowed is None else (_shown(allowed), "held" if middle <= allowed else "not held")
        spread = f"{_shown(middle)} ({_shown(min(one['seconds']))} to {_shown(max(one['seconds']))})"
        rows.append((one["what"], spread, human_bytes(one["bytes"]), *limit))
    return ("answer", "time", "bytes", "allowed", ""), rows


def memory(document: Mapping[str, Any]) -> str:
    """What the ledger held and what the server took, as a sentence."""
    peak, allowed = document["peak_bytes"], document["allowed_bytes"]
    verdict = "held" if peak <= allowed else "not held"
    return (
        f"The ledger held {document['builds']:,} builds of {document['images']:,} images. The server took at most "
        f"{human_bytes(peak)} of memory; allowed are {human_bytes(allowed)}: {verdict}."
    )


def _shown(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"
