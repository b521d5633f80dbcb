"""A capture of kind "defects" as rows of text: which tool found how many of the seeded defects. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]
Row = tuple[str, ...]
DOCKERFILE = "Dockerfile"
KINDS = {"ignore": "ignore file", "compose": "compose", "workflow": "workflow", "ci": "across", "runtime": "across"}
KINDS |= {"version": "across", "unreadable": "any file", "suppression": "any file"}


def kind(code: str) -> str:
    """Which kind of file a code is about."""
    return KINDS.get(code.partition("-")[0], DOCKERFILE)


def found(document: Document) -> tuple[Row, list[Row]]:
    """Header and rows: found of wanted for each tool, kind by kind, alone, combined and all; then the false alarms."""
    tools = list(document["alarms"])
    codes = sorted({code for one in document["defects"] for code in one["codes"]})
    rows = []
    for name in dict.fromkeys(map(kind, codes)):
        rows.append((name, *_counts(tools, (had for code, had, _ in _each(document) if kind(code) == name))))
    for name, parts in (("alone", (False,)), ("combined", (True,)), ("all", (False, True))):
        rows.append((name, *_counts(tools, (had for _, had, combined in _each(document) if combined in parts))))
    rows.append(("held against clean repositories", "0", *(str(document["alarms"][name]) for name in tools)))
    return ("defects", "wanted", *tools), rows


def absent(document: Document) -> list[str]:
    """A sentence for each tool that did not run, with the reason."""
    return [f"{name} was not run: {reason}." for name, reason in document["absent"].items()]


def _each(document: Document) -> Iterator[tuple[str, list[str], bool]]:
    """Each code of each defect, the tools that found it, and whether other defects stand beside it."""
    for one in document["defects"]:
        for code, had in one["codes"].items():
            yield code, had, one["combined"]


def _counts(tools: Iterable[str], part: Iterable[list[str]]) -> Row:
    wanted = list(part)
    return (str(len(wanted)), *(str(sum(name in had for had in wanted)) for name in tools))
