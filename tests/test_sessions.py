"""What is read of a session's report and kept of it: cases as JUnit writes them, with what they measured."""

import pytest

from bench import sessions
from drydock.errors import Misuse

REPORT = """<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" tests="3">
<testcase classname="tests.engine.test_travel" name="test_it_travels[a folder [2]]" time="3.456"><properties>
<property name="first build [s]" value="2.5" /><property name="steps" value="3" /></properties></testcase>
<testcase classname="tests.engine.test_travel" name="test_it_ends" time="0.001" />
<testcase classname="tests.release.test_completion" name="test_tab" time="0"><skipped type="pytest.skip"
message="fish is not installed here">conftest.py:1: fish is not installed here</skipped></testcase>
</testsuite></testsuites>
"""


def test_cases_are_read_with_their_figures() -> None:
    travels, ends, tab = sessions.read(REPORT)
    figures = {"first build [s]": 2.5, "steps": 3}
    about = {"module": "test_travel", "test": "test_it_travels", "skipped": ""}
    assert travels == {**about, "seconds": 3.46, "figures": figures}
    assert (ends["test"], ends["figures"]) == ("test_it_ends", {})
    assert (tab["module"], tab["skipped"]) == ("test_completion", "fish is not installed here")


def test_a_capture_keeps_the_cases_of_its_modules_or_all() -> None:
    cases = [*sessions.read(REPORT)]
    kept = sessions.chosen(cases, {"travel": ["test_travel"], "all": []})
    assert [case["test"] for case in kept["travel"]] == ["test_it_travels", "test_it_ends"]
    assert kept["all"] == cases


@pytest.mark.parametrize("save", ["hostile=test_hostle", "tab=test_tab,test_sessions,", "../up"])
def test_a_misspelled_capture_ends_before_the_session_in_one_line(
    save: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sessions.main(["no-such-session", "--save", save]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)


@pytest.mark.parametrize(
    ("report", "modules"),
    [
        pytest.param(REPORT, ["test_travel", "test_hostile"], id="another session's module"),
        pytest.param("<testsuites />", [], id="nothing at all ran"),
    ],
)
def test_a_capture_of_what_did_not_run_is_refused(report: str, modules: list[str]) -> None:
    with pytest.raises(Misuse, match="the session ran no test of "):
        sessions.chosen([*sessions.read(report)], {"hostile": modules})
