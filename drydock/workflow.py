"""A GitHub workflow as this machine can run it, and what act tells while it does. Pure."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from drydock.values import dataclass

CHECKOUT = "actions/checkout@"  # act copies the work tree itself
COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
BEGAN = re.compile(r"nox > Running session (?P<name>.+)")
ENDED = re.compile(r"nox > Session (?P<name>.+?) (?P<how>was successful|failed|aborted|skipped)\b")
EXIT = re.compile(r"exit(?: status|code) '?(?P<code>\d+)")
SUCCESS, FAILURE = "success", "failure"


@dataclass(frozen=True)
class Session:
    """A nox session that a step ran, and how it ended, in the words of steps."""

    name: str
    result: str


@dataclass(frozen=True)
class Step:
    """A step that ended: how (`success`, `failure`, `skipped`), after how many seconds, and which sessions it ran.

    `code` is the exit code of its script; None where it has none, or act does not tell.
    """

    job: str
    name: str
    result: str
    seconds: float
    code: int | None = None
    sessions: tuple[Session, ...] = ()


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


@dataclass(frozen=True)
class Summary:
    """What a step added to the summary of its job, in Markdown."""

    job: str
    text: str


def jobs(text: str) -> tuple[str, ...]:
    """The ids of the jobs of a workflow, as they stand in it; yaml.YAMLError for what does not parse."""
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
            if not isinstance(uses, yaml.ScalarNode) or uses.value.startswith(("./", CHECKOUT)):
                continue
            skipped.append(f"{name}: {uses.value}")
            for number in range(step.start_mark.line, max(step.end_mark.line, step.start_mark.line + 1)):
                lines[number] = ""
    return "".join(lines), tuple(skipped)


def read(lines: Iterable[str]) -> Iterator[Step | Job | Line | Summary]:
    """What act's `--json` lines say; lines of other kinds are passed over.

    Its exit code is told behind a step that failed, so such a step waits for what comes next of its job.
    """
    waiting: Step | None = None
    ran: dict[str, str] = {}  # how each session ended, as far as it has
    for event in _events(lines):
        if waiting and "command" not in event:
            found = EXIT.search(str(event.get("msg", ""))) if event.get("level") == "error" else None
            yield replace(waiting, code=int(found["code"])) if found else waiting
            waiting = None
        job = str(event.get("jobID") or event["job"])
        if "stepResult" in event and event.get("stage"):
            waiting, ran = _step(job, event, ran), {}
            if waiting.result != FAILURE:
                yield waiting
                waiting = None
        elif "jobResult" in event:
            yield Job(job, str(event["jobResult"]))
        elif event.get("command") == "summary":
            yield Summary(job, str(event.get("content", "")))
        elif event.get("raw_output") or "raw" in event:
            text = str(event.get("raw") or event.get("msg", "")).rstrip("\n")
            _follow(COLOUR.sub("", text), ran)
            yield Line(job, text)
    if waiting:
        yield waiting


def _events(lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The events of jobs."""
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and "job" in event:
            yield event


def _step(job: str, event: dict[str, Any], ran: dict[str, str]) -> Step:
    result, seconds = str(event["stepResult"]), float(event.get("executionTime") or 0) / 1e9
    sessions = tuple(
        Session(name, how or result) for name, how in ran.items()
    )  # nox may have ended in the middle of one
    code = 0 if result == SUCCESS else None
    return Step(job, str(event.get("step", "")).strip(), result, seconds, code, sessions)


def _follow(line: str, ran: dict[str, str]) -> None:
    """Take in what nox says of its sessions."""
    if found := BEGAN.match(line):
        ran.setdefault(found["name"], "")
    elif found := ENDED.match(line):
        ran[found["name"]] = {"was successful": SUCCESS, "skipped": "skipped"}.get(found["how"], FAILURE)


def _items(node: Any) -> Iterator[tuple[str, Any]]:
    """The pairs of a mapping; none of anything else, which is for act to refuse."""
    import yaml

    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        yield str(key.value), value


def _value(node: Any, name: str) -> Any:
    return next((value for key, value in _items(node) if key == name), None)
