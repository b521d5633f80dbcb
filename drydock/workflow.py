"""A GitHub workflow as this machine can run it, and what act tells while it does. Pure."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from drydock.values import dataclass

CHECKOUT = "actions/checkout@"  # act copies the work tree itself


@dataclass(frozen=True)
class Step:
    """A step that ended: how (`success`, `failure`, `skipped`) and after how many seconds."""

    job: str
    name: str
    result: str
    seconds: float


@dataclass(frozen=True)
class Job:
    """A job that ended."""

    name: str
    result: str


@dataclass(frozen=True)
class Line:
    """A line that a step printed."""

    job: str
    text: str


def jobs(text: str) -> tuple[str, ...]:
    """The ids of the jobs of a workflow, as they stand in it."""
    import yaml

    return tuple(name for name, _ in _items(_value(yaml.compose(text, Loader=yaml.SafeLoader), "jobs")))


def without_fetched_actions(text: str) -> tuple[str, tuple[str, ...]]:
    """The workflow without the steps whose actions come from elsewhere, and `job: action` for each of those.

    Such steps prepare a hosted runner (an interpreter, a builder, a token); this machine has its own.
    """
    import yaml

    lines = text.splitlines(keepends=True)
    skipped: list[str] = []
    document = yaml.compose(text, Loader=yaml.SafeLoader)
    for name, job in _items(_value(document, "jobs")):
        steps = _value(job, "steps")
        for step in steps.value if isinstance(steps, yaml.SequenceNode) else ():
            uses = _value(step, "uses")
            if uses is None or uses.value.startswith(("./", CHECKOUT)):
                continue
            skipped.append(f"{name}: {uses.value}")
            for number in range(step.start_mark.line, max(step.end_mark.line, step.start_mark.line + 1)):
                lines[number] = ""
    return "".join(lines), tuple(skipped)


def read(lines: Iterable[str]) -> Iterator[Step | Job | Line]:
    """What act's `--json` lines say; lines of other kinds are passed over."""
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if not isinstance(event, dict) or "job" not in event:
            continue
        job = str(event.get("jobID") or event["job"])
        if "stepResult" in event and event.get("stage"):
            seconds = float(event.get("executionTime") or 0) / 1e9
            yield Step(job, str(event.get("step", "")), str(event["stepResult"]), seconds)
        elif "jobResult" in event:
            yield Job(job, str(event["jobResult"]))
        elif event.get("raw_output"):
            yield Line(job, str(event.get("msg", "")).rstrip("\n"))


def _items(node: Any) -> Iterator[tuple[str, Any]]:
    for key, value in getattr(node, "value", None) or ():
        yield str(key.value), value


def _value(node: Any, name: str) -> Any:
    if not isinstance(getattr(node, "value", None), list):
        return None
    return next((value for key, value in _items(node) if key == name), None)
