"""Where things are printed, and in which colour."""

import io
import json
import os
from typing import Any

import pytest

from drydock.builds.told import Finished, Output, Running, Snapshot
from drydock.console import Console
from drydock.errors import NotReady
from drydock.events import Note, Phase, Trouble
from drydock.measures.build import Step


def console(**manner: bool) -> Console:
    settings: dict[str, Any] = {"colour": False, "live": False, "github": False, **manner}
    return Console(io.StringIO(), io.StringIO(), **settings)


def said(speaker: Console) -> str:
    assert isinstance(speaker.err, io.StringIO)
    return speaker.err.getvalue()


def given(speaker: Console) -> str:
    assert isinstance(speaker.out, io.StringIO)
    return speaker.out.getvalue()


def test_a_result_goes_to_stdout_and_nothing_else_does() -> None:
    speaker = console()
    speaker.give({"a": 1}, "a is 1\n\n")
    speaker.tell(Note("by the way"))
    speaker.problem(NotReady("no engine", remedy="inv doctor --fix"))
    assert given(speaker) == "a is 1\n"
    assert said(speaker) == "by the way\nerror: no engine\nremedy: inv doctor --fix\n"


def test_commands_are_told_the_way_the_user_starts_tasks() -> None:
    speaker = Console.of({"DRYDOCK_STARTED_AS": "./dev"})
    speaker.out, speaker.err = io.StringIO(), io.StringIO()
    speaker.give({}, "fail  engine\n      remedy: inv doctor --fix")
    speaker.tell(Note("inv down removes what is there", warning=True))
    speaker.problem(NotReady("inventory is empty", remedy="inv logs, or inv up --timeout 240"))
    assert given(speaker) == "fail  engine\n      remedy: ./dev doctor --fix\n"
    assert said(speaker) == (
        "warning: ./dev down removes what is there\n"
        "error: inventory is empty\nremedy: ./dev logs, or ./dev up --timeout 240\n"
    )


def test_json_replaces_the_text() -> None:
    speaker = console(json=True)
    speaker.give({"name": "bäckend"}, "ignored")
    assert json.loads(given(speaker)) == {"name": "bäckend"}
    assert "bäckend" in given(speaker)


def test_an_empty_result_prints_no_line() -> None:
    speaker = console()
    speaker.give({}, "")
    assert given(speaker) == ""


def test_a_phase_shows_how_long_it_took_and_what_it_weighs() -> None:
    speaker = console()
    speaker.tell(Phase("engine", "starting"))
    speaker.tell(Phase("engine", "started", 1.5))
    speaker.tell(Phase("bases", "2 made", 20.0, 150_000_000))
    assert said(speaker).splitlines() == [
        "engine  starting",
        "engine  started  (1.50 s)",
        "bases  2 made  (20.0 s, 150 MB)",
    ]


def test_quiet_keeps_problems_and_drops_progress() -> None:
    speaker = console(quiet=True)
    speaker.tell(Phase("engine"))
    speaker.problem(NotReady("no engine"))
    assert said(speaker) == "error: no engine\n"


def test_a_warning_says_so_without_colour() -> None:
    speaker = console()
    speaker.tell(Note("rests on a stand-in", warning=True))
    assert said(speaker) == "warning: rests on a stand-in\n"


def test_a_problem_becomes_an_annotation_in_a_workflow() -> None:
    speaker = console(github=True)
    speaker.problem(NotReady("no engine"))
    assert said(speaker).startswith("::error::no engine\n")


def test_an_annotation_is_one_line_whatever_the_problem_says() -> None:
    speaker = console(github=True)
    speaker.problem(NotReady("100 %\nof it"))
    assert said(speaker).startswith("::error::100 %25%0Aof it\n")


LONG = Step("backend", "builder", "RUN --mount=type=cache   pip install " + "a-package " * 40, 3, 0.0, 12.3, False)


def test_a_step_is_told_in_one_line_of_a_terminal_and_whole_when_verbose() -> None:
    short, whole = console(), console(verbose=True)
    for speaker in (short, whole):
        speaker.tell(Finished(LONG))
    (line,) = said(short).splitlines()
    assert line.startswith("backend  builder: RUN --mount=type=cache pip install a-package")
    assert line.endswith("…  (12.3 s)")
    assert 90 <= len(line) <= 100
    assert said(whole).count("a-package") == 40


MANNERS = [{"verbose": True}, {"quiet": True}, {"verbose": True, "quiet": True}]


@pytest.mark.parametrize("manner", MANNERS, ids=" ".join)
def test_json_stands_alone_on_stdout_in_every_manner(manner: dict[str, bool]) -> None:
    speaker = console(json=True, **manner)
    running = Running("backend", "RUN make", 7, 3, 2, 20.0, False)
    for event in (Phase("engine"), Note("a note", warning=True), Finished(LONG), Output("backend", "app", ("words",))):
        speaker.tell(event)
    speaker.tell(Snapshot((running,), 1.0))
    speaker.tell(Trouble("it broke", "mend it", ("last words",)))
    speaker.give({"outcome": "failed"}, "a table")
    assert json.loads(given(speaker)) == {"outcome": "failed"}
    assert "it broke" in said(speaker)
    assert ("words" in said(speaker).replace("last words", "")) is not manner.get("quiet", False)


@pytest.mark.parametrize(
    ("environ", "colour"),
    [
        pytest.param({}, False, id="no terminal, no colour"),
        pytest.param({"FORCE_COLOR": "1"}, True, id="forced"),
        pytest.param({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, id="NO_COLOR is stronger"),
    ],
)
def test_colour_is_decided_by_the_environment(environ: dict[str, str], colour: bool) -> None:
    with Console.of(environ) as speaker:
        assert speaker.colour is colour


def test_colour_wraps_the_word_and_leaves_the_sentence() -> None:
    speaker = console(colour=True)
    speaker.problem(NotReady("no engine"))
    assert said(speaker) == "\x1b[31merror: \x1b[0mno engine\n"


def test_a_reader_that_is_gone_stops_nothing() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as gone:
        speaker = Console(gone, gone, colour=False, live=False, github=False)
        speaker.tell(Note("a note"))
        speaker.give({}, "a result")


def test_nothing_is_redrawn_where_there_is_no_terminal() -> None:
    assert not Console.of({"TERM": "xterm"}).live


def test_states_are_coloured_where_stdout_is_a_terminal_and_plain_words_elsewhere() -> None:
    text = "ok    disk   ok so far\nwarn  .env   missing\nfail  ports  held\n"
    plain, painted = console(colour=True), console(painted=True)
    plain.give({}, text, states=True)
    painted.give({}, text, states=True)
    assert given(plain) == text
    assert given(painted).count("\x1b[0m") == 3
    assert given(painted).startswith("\x1b[32mok\x1b[0m    disk   ok so far\n\x1b[33mwarn")


def test_only_states_at_the_beginning_of_a_line_count() -> None:
    speaker = console(painted=True)
    speaker.give({}, "okra\n      fail\n", states=True)
    assert given(speaker) == "okra\n      fail\n"
