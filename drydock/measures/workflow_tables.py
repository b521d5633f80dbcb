"""A capture of kind "workflow" as rows of text: the steps that ran, their sessions and how they ended. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from drydock.text import human_seconds, shortened

Document = Mapping[str, Any]
Row = tuple[str, ...]
HEADER = ("job", "step", "nox session", "result", "exit code", "time")
NUMBERS = (4, 5)  # the columns of them
WIDTH = 60  # signs of a step's name, which may be a script of many lines


def rows(document: Document) -> tuple[Row, list[Row]]:
    """Header and a row for each step, or one for each of its sessions."""
    return HEADER, [row for step in document["steps"] for row in _rows(step)]


def left_out(document: Document) -> Iterator[str]:
    """The steps that were left out, as sentences."""
    yield from (f"left out, a hosted runner needs it: {step}" for step in document["skipped"])


def _rows(step: Mapping[str, Any]) -> Iterator[Row]:
    end = ("" if step["code"] is None else str(step["code"]), human_seconds(step["seconds"]))
    first, *others = [(one["name"], one["result"]) for one in step["sessions"]] or [("", step["result"])]
    yield (step["job"], shortened(step["name"], WIDTH), *first, *end)
    for other in others:
        yield ("", "", *other, "", "")
