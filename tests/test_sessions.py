"""What is read of a session's report: cases as JUnit writes them, with what they measured."""

from bench import sessions

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
