"""The build as it is drawn on a terminal."""

import io

import pytest

from drydock.builds.told import Running, Snapshot
from drydock.console import Console
from drydock.events import Note
from drydock.live import Display

WORKING = Running("backend", "RUN  pip install", 7, 3, 2, 20.0, False)
READY = Running("backend", "", 7, 7, 2, 20.0, True)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")


def drawn(snapshot: Snapshot, *lines: str) -> str:
    stream = Terminal()
    display = Display(stream, colour=False)
    display.say("before anything is drawn")
    display.show(snapshot)
    for line in lines:
        display.say(line)
    display.stop()
    display.stop()
    return stream.getvalue()


def test_an_image_shows_its_step_its_count_and_the_time_it_took_before() -> None:
    shown = drawn(Snapshot((WORKING,), 1.0))
    for part in ("backend", "3/7, 2 cached", "of about 20.0 s", "RUN pip install"):
        assert part in shown


def test_a_narrow_terminal_cuts_the_step_and_keeps_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    long = Running("frontend", "RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts", 9, 3, 2, 20.0, False)
    shown = drawn(Snapshot((WORKING, long), 1.0))
    assert shown.count("of about 20.0 s") == 2 * shown.count("frontend")
    assert "--ignore-scripts" not in shown


def test_an_image_that_is_ready_says_so() -> None:
    assert "done" in drawn(Snapshot((READY,), 1.0))


def test_lines_stand_above_the_drawing() -> None:
    assert "a warning" in drawn(Snapshot((WORKING,), 1.0), "a warning")


@pytest.mark.parametrize("live", [True, False], ids=["on a terminal", "elsewhere"])
def test_only_a_terminal_is_drawn_on(live: bool) -> None:
    stream = Terminal()
    speaker = Console(io.StringIO(), stream, colour=False, live=live, github=False)
    speaker.tell(Snapshot((READY,), 0.0))
    assert stream.getvalue() == ""
    speaker.tell(Snapshot((WORKING,), 1.0))
    speaker.tell(Note("a note"))
    speaker.tell(Snapshot((READY,), 2.0))
    speaker.give({}, "")
    assert ("RUN pip install" in stream.getvalue()) is live
    assert "a note" in stream.getvalue()
