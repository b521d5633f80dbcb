"""Builds as one JSON document that other ledgers take in; docs/guide.md describes the form. Pure.

A build has no number there and no grounds: numbers belong to a ledger, and hashes mean nothing without its key. Reading
checks every value, so that what is taken in can be stored, shown and given out again; what does not fit raises
ValueError with the place in the document.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from drydock.measures.build import Build, Step

FORMAT = "drydock-builds"
VERSION = 1
BEGINNING = f'{{"format": "{FORMAT}", "version": '
BASE = ("name", "reference", "origin", "digest")
LARGEST = 2**63 - 1  # what SQLite keeps as a whole number

Check = Callable[[Any], Any]


def plain(build: Build) -> dict[str, Any]:
    """A build as plain data, its steps in it; the counts of steps follow from these and are left out."""
    values = {name: getattr(build, name) for name in BUILD if name not in ("bases", "steps")}
    steps = [{name: getattr(step, name) for name in STEP} for step in build.detail]
    for step in steps:
        step["inputs"] = list(step["inputs"])
    return {**values, "bases": [dict(base) for base in build.bases], "steps": steps}


def write(builds: Iterable[Build]) -> str:
    """The document: a build a line, in the order given, so that two exports can be compared line by line."""
    lines = [json.dumps(plain(build), ensure_ascii=False) for build in builds]
    return f'{BEGINNING}{VERSION}, "builds": [' + ("\n" if lines else "") + ",\n".join(lines) + "\n]}\n"


def read(text: str) -> tuple[Build, ...]:
    """The builds of a document, in its order; ValueError for anything that `write` would not have written."""
    try:
        told = json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise ValueError("no export of builds")
    if (version := told.get("version")) != VERSION:
        raise ValueError(f"its version is {version}, this Drydock reads version {VERSION}")
    found = told.get("builds")
    if not isinstance(found, list):
        raise ValueError("builds: a list was expected")
    return tuple(_build(one, f"builds[{i}]") for i, one in enumerate(found))


def _build(told: Any, where: str) -> Build:
    values = _fitting(told, BUILD, where)
    steps = [_fitting(one, STEP, f"{where}.steps[{i}]") for i, one in enumerate(values.pop("steps"))]
    for i, one in enumerate(steps):
        if any(at >= len(steps) for at in one["inputs"]):
            raise ValueError(f"{where}.steps[{i}].inputs: there are {len(steps)} steps")
    detail = tuple(Step(image=values["image"], **one) for one in steps)
    return Build(**values, steps=len(detail), cached=sum(step.cached for step in detail), detail=detail)


def _fitting(told: Any, wanted: Mapping[str, Check], where: str) -> dict[str, Any]:
    """The values of an object that has exactly the wanted names, each as its check gives it."""
    if not isinstance(told, dict):
        raise ValueError(f"{where}: an object was expected")
    if odd := sorted(set(told) ^ set(wanted)):
        raise ValueError(f"{where}: {odd[0]!r} is {'missing' if odd[0] in wanted else 'unknown'}")
    values = {}
    for name, check in wanted.items():
        try:
            values[name] = check(told[name])
        except (ValueError, OverflowError) as error:
            raise ValueError(f"{where}.{name}: {error}") from error
    return values


def _text(value: Any) -> str:
    if not isinstance(value, str) or not _is_storable(value):
        raise ValueError("text was expected")
    return value


def _is_storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _name(value: Any) -> str:
    if not _text(value):
        raise ValueError("a name was expected")
    return str(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false was expected")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("a number was expected")
    return float(value)


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise ValueError("a whole number from 0 on was expected")
    return value


def _time(value: Any) -> str:
    """A moment as every build has it, so that builds can be put in order by their text."""
    moment = datetime.fromisoformat(_text(value))
    if moment.tzinfo is None:
        raise ValueError("a time with its zone was expected")
    if value.endswith("+00:00") and value[:19] == moment.isoformat()[:19]:
        return str(value)  # as a ledger has it, so that a build is known again
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _outcome(value: Any) -> str:
    if value not in ("done", "failed"):
        raise ValueError("done or failed was expected")
    return str(value)


def _bases(value: Any) -> tuple[Mapping[str, str], ...]:
    """What is told of each base: four names always, and what else there is to say of one."""
    found = []
    for i, one in enumerate(_list(value)):
        names = {*BASE, *one} if isinstance(one, dict) else BASE
        found.append(_fitting(one, {_text(name): _text for name in names}, f"[{i}]"))
    return tuple({name: base[name] for name in told} for base, told in zip(found, value, strict=True))


def _positions(value: Any) -> tuple[int, ...]:
    return tuple(_count(one) for one in _list(value))


def _list(value: Any) -> Sequence[Any]:
    if not isinstance(value, list):
        raise ValueError("a list was expected")
    return value


def _or_none(check: Check) -> Check:
    return lambda value: None if value is None else check(value)


BUILD: Mapping[str, Check] = {
    "image": _name,
    "tag": _text,
    "started": _time,
    "scenario": _text,
    "outcome": _outcome,
    "commit": _or_none(_text),
    "dirty": _flag,
    "platform": _text,
    "engine": _text,
    "store": _text,
    "bases": _bases,
    "standin": _flag,
    "seconds": _number,
    "export_seconds": _or_none(_number),
    "context_bytes": _count,
    "pull_bytes": _or_none(_count),
    "disk_bytes": _or_none(_count),
    "layers": _or_none(_count),
    "digest": _or_none(_text),
    "steps": _list,
}
STEP: Mapping[str, Check] = {
    "stage": _text,
    "instruction": _text,
    "line": _or_none(_count),
    "started": _number,
    "seconds": _number,
    "cached": _flag,
    "bytes": _or_none(_count),
    "error": _or_none(_text),
    "critical": _flag,
    "inputs": _positions,
}
