"""A capture of kind "faults" as text: what was wrong with a machine, and what the doctor said of it first. Pure."""

from collections.abc import Mapping
from statistics import median
from typing import Any

from drydock.measures.scenario_tables import spread_of
from drydock.text import human_seconds

Document = Mapping[str, Any]
Row = tuple[str, ...]
HEADER = ("what is wrong", "check", "what is seen", "remedy", "carried out", "time")
MENDED = {"remedy": "the remedy", "fix": "`--fix`", "": ""}


def families(document: Document) -> dict[str, tuple[Row, list[Row]]]:
    """Family -> header and a row for each of its faults: check, words, remedy, how it was mended, seconds."""
    found: dict[str, tuple[Row, list[Row]]] = {}
    for one in document["faults"]:
        check = one["check"] if one["state"] == "fail" else f"{one['check']} (warning)"
        words = (one["name"], check, _code(one["seen"]), _code(one["remedy"]))
        row = (*words, MENDED[one["mended"]], spread_of(one["seconds"]))
        found.setdefault(one["family"], (HEADER, []))[1].append(row)
    return found


def healthy(document: Document) -> tuple[Row, list[Row]]:
    """Header and a row for each machine with nothing wrong."""
    rows: list[Row] = [
        (one["name"], str(one["checks"]), str(one["alarms"]), spread_of(one["seconds"])) for one in document["healthy"]
    ]
    return ("nothing is wrong", "checks", "complaints", "time"), rows


def told(document: Document) -> str:
    """How many faults there are, how many were mended by what the doctor said, and the longest that it took."""
    faults, well = document["faults"], document["healthy"]
    mended = sum(bool(one["mended"]) for one in faults)
    alarms = sum(one["alarms"] for one in well)
    name, longest = max(((one["name"], median(one["seconds"])) for one in faults), key=lambda one: one[1])
    return (
        f"{len(faults)} faults, each told first and with its remedy; {mended} of the remedies were carried out, and the"
        f" fault was gone. {len(well)} machines with nothing wrong, and {alarms} complaints."
        f" The longest took {human_seconds(longest)}: {name}."
    )


def _code(words: str) -> str:
    return f"`{words}`"
