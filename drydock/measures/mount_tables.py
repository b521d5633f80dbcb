"""A capture of kind "mounts" as rows of text: what carrying cache mounts took, and what it saved. Pure."""

from collections.abc import Mapping
from statistics import median
from typing import Any

from drydock.measures.scenario_tables import spread_of
from drydock.text import human_bytes

Row = tuple[str, ...]
HEADER = (
    *("image", "mount", "archive", "to take out", "to put in", "install, empty mount", "install, carried mount"),
    *("carrying it, an edit of the lock", "any other edit"),
)


def rows(document: Mapping[str, Any]) -> tuple[Row, list[Row]]:
    """Header and a row for each image; seconds with their spread.

    What carrying saves in one run is what the install took less, without what it took to take the mount out and to put
    it in, median by median. After another edit the install comes from the cache, whatever is in the mount.
    """
    return HEADER, [_row(name, one) for name, one in document["images"].items()]


def _row(name: str, one: Mapping[str, Any]) -> Row:
    times: dict[str, float] = {key: median(values) for key, values in one["seconds"].items()}
    carrying, gain = times["export"] + times["import"], times["empty"] - times["carried"]
    shown = [spread_of(one["seconds"][key]) for key in ("export", "import", "empty", "carried")]
    other = _said((gain if one["source"] else 0.0) - carrying)
    return (name, one["target"], human_bytes(median(one["bytes"])), *shown, _said(gain - carrying), other)


def _said(seconds: float) -> str:
    return f"saves {seconds:.1f} s" if seconds > 0 else f"costs {-seconds:.1f} s"
