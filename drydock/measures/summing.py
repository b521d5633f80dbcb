"""What a change does to images: sizes, seconds and steps that run again, beside where it began; for people. Pure."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from drydock.documents import blocks
from drydock.measures import budgets
from drydock.measures.budgets import Judgement
from drydock.measures.weights import signed_bytes
from drydock.text import human_seconds, known_bytes, shortened, table
from drydock.values import dataclass

WIDTH = 80  # signs of an instruction
SIZES = (("to pull", "pull_bytes"), ("unpacked", "disk_bytes"), ("over its base", "own_bytes"))


@dataclass(frozen=True)
class Sizes:
    """What an image weighs, in bytes; None where that is not known."""

    pull_bytes: int | None
    disk_bytes: int | None
    own_bytes: int | None


@dataclass(frozen=True)
class Rerun:
    """A step that runs again because of a change, and the seconds it took when it last ran; None where it never did."""

    stage: str
    line: int | None
    instruction: str
    seconds: float | None


@dataclass(frozen=True)
class Compared:
    """An image as it is now: how it was built, what it weighs, and how that differs from where the change began.

    `path` is its Dockerfile. `reruns` are the steps that a builder runs which has the image of then; `why` says what
    the first of them runs for. Without `then` there was no such image, or it is not known.
    """

    image: str
    path: str
    seconds: float
    steps: int
    cached: int
    now: Sizes
    then: Sizes | None = None
    reruns: tuple[Rerun, ...] = ()
    why: str = ""

    @property
    def rerun_seconds(self) -> float | None:
        """What the steps that run again took together; None where one is not known."""
        known = [one.seconds for one in self.reruns if one.seconds is not None]
        return sum(known) if len(known) == len(self.reruns) else None

    def document(self) -> dict[str, Any]:
        """Everything as plain data; bytes and seconds are raw."""
        return {**asdict(self), "rerun_seconds": self.rerun_seconds}


def text(compared: Sequence[Compared], against: str) -> str:
    """The tables for a terminal."""
    header, rows = _sizes(compared, against)
    parts = [table(header, rows, right=range(1, len(header)))]
    if against:
        parts += [_said(one) for one in compared]
    again = [(one.image, *_rerun(step, shortened)) for one in compared for step in one.reruns]
    if again:
        parts.append(table(("runs again", "line", "step", "took"), again, right=(1, 3)))
    return "\n\n".join(parts)


def markdown(compared: Sequence[Compared], against: str, judged: Sequence[Judgement], notes: Sequence[str]) -> str:
    """The same, with the budgets, as a section of a job's summary."""
    header, rows = _sizes(compared, against)
    parts = [f"## Images{f' against {_code(against)}' if against else ''}"]
    parts.append(blocks.table(header, [(_code(row[0]), *row[1:]) for row in rows], range(1, len(header))))
    if against:
        parts.append("\n".join(f"- {_plain(_said(one))}" for one in compared))
    again = [(_code(one.image), *_rerun(step, _code_shortened)) for one in compared for step in one.reruns]
    if again:
        parts += ["### Steps that run again", blocks.table(("image", "line", "step", "took"), again, (1, 3))]
    if judged:
        parts += ["### Budgets", blocks.table(budgets.HEADER, budgets.rows(judged), range(3, 7))]
    parts += [_plain(note) for note in notes]
    return "\n\n".join(parts) + "\n\n"


def _sizes(compared: Sequence[Compared], against: str) -> tuple[list[str], list[tuple[str, ...]]]:
    header = ["image"]
    for name, _ in SIZES:
        header += [name, "change"] if against else [name]
    header += ["built in", "from the cache"] + (["steps that run again", "they took"] if against else [])
    return header, [(one.image, *_cells(one, against)) for one in compared]


def _cells(one: Compared, against: str) -> Iterator[str]:
    for _, key in SIZES:
        now, then = getattr(one.now, key), getattr(one.then, key) if one.then else None
        yield known_bytes(now)
        if against:
            yield "" if now is None or then is None else signed_bytes(now - then) if now != then else "none"
    yield human_seconds(one.seconds)
    yield f"{one.cached} of {one.steps}"
    if against:
        yield str(len(one.reruns)) if one.then else ""
        yield _took(one.rerun_seconds) if one.reruns else ""


def _said(one: Compared) -> str:
    if one.then is None:
        return f"{one.image}: there is nothing to compare with"
    return one.why or f"{one.image}: no step runs again"


def _rerun(step: Rerun, shown: Callable[[str, int], str]) -> tuple[str, ...]:
    return ("" if step.line is None else str(step.line), shown(step.instruction, WIDTH), _took(step.seconds))


def _took(seconds: float | None) -> str:
    return "unknown" if seconds is None else human_seconds(seconds)


def _code_shortened(instruction: str, width: int) -> str:
    return _code(shortened(instruction, width))


def _code(words: str) -> str:
    """Words that stay what they are; a backtick cannot stand in them."""
    return f"`{words.replace('`', chr(39))}`"


def _plain(words: str) -> str:
    """A sentence in which nothing is markup."""
    return re.sub(r"([\\`*_{}\[\]<>#|~!])", r"\\\1", words)
