"""The only printer: results on stdout, progress and notes on stderr, colour decided once."""

import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import field
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TextIO

import colorama

from drydock import github
from drydock.errors import STARTED_AS, Problem
from drydock.events import Event, Note, Phase, Remark, Trouble
from drydock.text import harmless, human_bytes, human_seconds, shortened, spoken
from drydock.values import dataclass

if TYPE_CHECKING:
    from drydock.builds.told import Snapshot
    from drydock.live import Display
    from drydock.measures.build import Step

WIDTH = 100  # columns of a line of progress


STATES = {"ok": colorama.Fore.GREEN, "warn": colorama.Fore.YELLOW, "fail": colorama.Fore.RED}
STATE = re.compile(rf"^({'|'.join(STATES)})\b", re.MULTILINE)


@dataclass
class Console:
    """How to speak: `colour` paints stderr, `painted` stdout, `live` redraws a terminal, `github` writes annotations.

    `program` is how the user starts a task: the commands that are told begin with it.
    """

    out: TextIO
    err: TextIO
    colour: bool
    live: bool
    github: bool
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    painted: bool = False
    program: str = "inv"
    root: str = ""  # where the user told the task to work, for the commands in its words
    _display: "Display | None" = field(default=None, init=False)

    @classmethod
    def of(
        cls,
        environ: Mapping[str, str],
        *,
        root: str = "",
        json: bool = False,
        quiet: bool = False,
        verbose: bool = False,
    ) -> Self:
        """Decide from NO_COLOR, FORCE_COLOR, CI, TERM and whether stderr and stdout are terminals."""
        able, forced = environ.get("TERM") != "dumb", bool(environ.get("FORCE_COLOR"))
        wanted = not environ.get("NO_COLOR")
        terminal = sys.stderr.isatty() and able
        return cls(
            out=sys.stdout,
            err=sys.stderr,
            colour=wanted and (forced or terminal),
            live=terminal and not environ.get("CI"),
            github=environ.get("GITHUB_ACTIONS") == "true",
            json=json,
            quiet=quiet,
            verbose=verbose,
            painted=wanted and (forced or (sys.stdout.isatty() and able)),
            program=environ.get(STARTED_AS) or "inv",
            root=root,
        )

    def __enter__(self) -> Self:
        if self.colour or self.painted:
            colorama.just_fix_windows_console()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undraw()
        self.err.flush()

    def give(self, document: Mapping[str, Any], text: str, *, states: bool = False) -> None:
        """Write the result: the document as JSON when asked for, else the text; `states` begin lines to be coloured."""
        self._undraw()
        if states and self.painted:
            text = STATE.sub(lambda found: f"{STATES[found[0]]}{found[0]}{colorama.Style.RESET_ALL}", text)
        shown = (
            json.dumps(document, indent=2, ensure_ascii=not _is_utf8(self.out))
            if self.json
            else spoken(text, self.program, self.root)
        )
        if shown:
            _write(self.out, shown.rstrip("\n") + "\n")

    def show(self, text: str) -> bool:
        """Write a piece of a result that comes in pieces; whether somebody still reads them."""
        return _write(self.out, text)

    def tell(self, event: Event) -> None:
        """Show progress or a note on stderr."""
        if isinstance(event, Trouble):
            self.trouble(event)
            return
        if isinstance(event, Remark):
            if self.github:
                self._say(event.line)
            return
        if self.quiet:
            return
        match event:
            case Note(text, warning):
                shown = spoken(text, self.program, self.root)
                self._say(self._paint("warning: ", colorama.Fore.YELLOW) + shown if warning else shown)
            case Phase(name, detail, None, _):
                self._say(f"{self._paint(name, colorama.Style.BRIGHT)}  {detail}".rstrip())
            case Phase(name, detail, float(seconds), size):
                weight = f", {human_bytes(size)}" if size is not None else ""
                self._say(f"{self._paint(name, colorama.Fore.GREEN)}  {detail}  ({human_seconds(seconds)}{weight})")
            case _:
                self._progress(event)

    def trouble(self, trouble: Trouble) -> None:
        """The last lines that tell of it, then what happened and what mends it."""
        self._undraw()
        for line in trouble.lines:
            self._say(self._paint(f"  {line}", colorama.Style.DIM))
        self.problem(Problem(trouble.text, remedy=trouble.remedy), path=trouble.path, line=trouble.line)

    def problem(self, problem: Problem, *, path: str = "", line: int = 0) -> None:
        """One line that says what happened, one that says what mends it; in a workflow also at its place."""
        message = harmless(problem.message)
        if self.github:
            self._say(github.annotation("error", message, path=path, line=line))
        self._say(self._paint("error: ", colorama.Fore.RED) + message)
        if problem.remedy:
            remedy = spoken(harmless(problem.remedy), self.program, self.root)
            self._say(self._paint("remedy: ", colorama.Fore.CYAN) + remedy)

    def interrupted(self) -> None:
        self._say("interrupted")

    def _progress(self, event: Event) -> None:
        """A build as it goes: redrawn on a terminal, else a line for each step that ran, with its output if verbose."""
        from drydock.builds.told import Finished, Output, Snapshot

        match event:
            case Snapshot() if self.live and not self.verbose:
                self._draw(event)
            case Finished(step) if self.verbose or not (self.live or step.cached):
                self._step(step)
            case Output(image, stage, lines) if self.verbose:
                for line in lines:
                    self._say(self._paint(f"{image}  {stage} | ", colorama.Style.DIM) + line)

    def _step(self, step: "Step") -> None:
        """A line for a step: its first words, unless verbose."""
        took = "cached" if step.cached else human_seconds(step.seconds)
        rest = f"  {step.stage}:   ({took})"
        width = len(step.instruction) if self.verbose else max(20, WIDTH - len(step.image) - len(rest))
        shown = shortened(step.instruction, width)
        self._say(f"{self._paint(step.image, colorama.Style.BRIGHT)}  {step.stage}: {shown}  ({took})")

    def _draw(self, snapshot: "Snapshot") -> None:
        over = all(image.over for image in snapshot.images)
        if self._display is None:
            if over:
                return
            from drydock.live import Display

            self._display = Display(self.err, self.colour)
        self._display.show(snapshot)
        if over:
            self._undraw()

    def _undraw(self) -> None:
        if self._display is not None:
            self._display.stop()
            self._display = None

    def _say(self, line: str) -> None:
        if self._display is not None:
            self._display.say(line)
            return
        _write(self.err, line + "\n")

    def _paint(self, text: str, colour: str) -> str:
        return f"{colour}{text}{colorama.Style.RESET_ALL}" if self.colour else text


def _is_utf8(stream: TextIO) -> bool:
    return (getattr(stream, "encoding", None) or "utf-8").lower() in ("utf-8", "utf8")


def _write(stream: TextIO, text: str) -> bool:
    """Write to a stream, or to nobody and give False where its reader, such as head, has read enough and is gone."""
    try:
        try:
            stream.write(text)
        except UnicodeEncodeError:
            stream.write(_fitting(stream, text))
        stream.flush()
    except BrokenPipeError:
        hush(stream)
        return False
    return True


def _fitting(stream: TextIO, text: str) -> str:
    """A text with what the stream cannot write spelt out: a pipe on Windows takes a code page, not UTF-8."""
    return text.encode(stream.encoding, "backslashreplace").decode(stream.encoding)


def hush(stream: TextIO) -> None:
    """Lead a stream whose reader is gone to nobody, so that the end of the process does not stumble over it."""
    nobody = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nobody, stream.fileno())
    os.close(nobody)
