"""A capture of kind "session" as rows of text: what the tests of a nox session showed, and what they measured. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drydock.text import human_bytes, human_seconds

Document = Mapping[str, Any]
Row = tuple[str, ...]
HEADER = ("shown", "cases", "held", "time", "measured")
NUMBERS = (1, 2, 3)  # the columns of them
UNITS = {"s": human_seconds, "bytes": human_bytes}


def rows(document: Document) -> tuple[Row, list[Row]]:
    """Header and a row for each test, its cases counted and their seconds added up, in the order they ran."""
    tests: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for case in document["cases"]:
        tests.setdefault((case["module"], case["test"]), []).append(case)
    return HEADER, [_row(test, cases) for (_, test), cases in tests.items()]


def left_out(document: Document) -> Iterator[str]:
    """What was not run on that machine, with the reason, each once."""
    skipped = [(case["test"], case["skipped"]) for case in document["cases"] if case["skipped"]]
    for test, why in dict.fromkeys(skipped):
        yield f"Not run: {_words(test)}: {why}"


def _row(test: str, cases: Sequence[Mapping[str, Any]]) -> Row:
    ran = [case for case in cases if not case["skipped"]]
    time = human_seconds(sum(case["seconds"] for case in ran))
    return (_words(test), str(len(cases)), str(len(ran)), time, "; ".join(_measured(ran)))


def _words(test: str) -> str:
    return test.removeprefix("test_").replace("_", " ")


def _measured(cases: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Each figure with what it was in every case that measured it; `NAME [UNIT]` names one with a unit.

    A unit that nobody knows is a KeyError.
    """
    for name in dict.fromkeys(name for case in cases for name in case["figures"]):
        values = [case["figures"][name] for case in cases if name in case["figures"]]
        what, _, unit = name.rstrip("]").partition(" [")
        shown = dict.fromkeys(UNITS[unit](value) if unit else f"{value:,}" for value in values)
        yield f"{what}: {', '.join(shown)}"
