"""Workflows without the steps of hosted runners, and what act tells."""

import json

import pytest

from drydock.workflow import Job, Line, Session, Step, Summary, jobs, read, without_fetched_actions

WORKFLOW = """\
on: push
jobs:
  one:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@abc # v6
        with:
          persist-credentials: false
      - uses: actions/setup-python@abc # v6
        with:
          python-version: "3.11"
      - run: |
          echo a
          echo b
      - uses: ./local
      - name: last
        uses: docker/setup-buildx-action@abc
  two:
    runs-on: ubuntu-latest
    steps: [{run: echo c}]
"""


def test_only_steps_that_are_fetched_are_left_out_and_the_rest_keeps_its_bytes() -> None:
    text, skipped = without_fetched_actions(WORKFLOW)
    assert skipped == ("one: actions/setup-python@abc", "one: docker/setup-buildx-action@abc")
    gone = [line for line in WORKFLOW.splitlines() if line not in text.splitlines()]
    assert gone == [
        "      - uses: actions/setup-python@abc # v6",
        '          python-version: "3.11"',
        "      - name: last",
        "        uses: docker/setup-buildx-action@abc",
    ]


def test_a_workflow_without_jobs_stays_as_it_is() -> None:
    assert without_fetched_actions("on: push\n") == ("on: push\n", ())
    assert without_fetched_actions("") == ("", ())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a\n", id="no mapping"),
        pytest.param("jobs: x\n", id="jobs are a word"),
        pytest.param("jobs: [a, b]\n", id="jobs are a list"),
        pytest.param("jobs: {a: x}\n", id="a job is a word"),
        pytest.param("jobs: {a: {steps: {b: c}}}\n", id="steps are a mapping"),
        pytest.param("jobs: {a: {steps: [x, [y]]}}\n", id="steps are words"),
        pytest.param("jobs: {a: {steps: [{uses: [x]}]}}\n", id="an action is a list"),
        pytest.param("jobs: {a: {steps: [{uses: {x: y}}]}}\n", id="an action is a mapping"),
    ],
)
def test_what_is_no_workflow_stays_as_it_is_for_act_to_refuse(text: str) -> None:
    assert without_fetched_actions(text) == (text, ())
    assert jobs(text) == (("a",) if "a: " in text else ())


def test_steps_jobs_and_lines_are_read_and_noise_is_passed_over() -> None:
    told = [
        "Error: Job 'a' failed",
        "[1]",
        json.dumps({"level": "info", "msg": "Using docker host"}),
        json.dumps({"job": "CI/a", "jobID": "a", "step": "Set up job", "stepResult": "success"}),
        json.dumps({"job": "CI/a", "jobID": "a", "raw_output": True, "msg": "hello\n"}),
        json.dumps(
            {
                "job": "CI/a",
                "jobID": "a",
                "stage": "Main",
                "step": "test",
                "stepResult": "failure",
                "executionTime": 1_500_000_000,
            }
        ),
        json.dumps({"job": "CI/a", "jobResult": "failure"}),
    ]
    assert list(read(told)) == [Line("a", "hello"), Step("a", "test", "failure", 1.5), Job("CI/a", "failure")]


def event(**fields: object) -> str:
    return json.dumps({"job": "CI/a", "jobID": "a", **fields})


def said(line: str) -> str:
    return event(raw_output=True, msg=f"{line}\n")


def ended(result: str) -> str:
    return event(stage="Main", step="nox\n", stepResult=result)


def test_a_step_that_failed_has_its_exit_code_although_act_tells_it_later() -> None:
    code = event(level="error", stage="Main", msg="exit status 4")
    steps = list(read([ended("failure"), event(command="summary", content="# A"), code, ended("success")]))
    assert steps == [Summary("a", "# A"), Step("a", "nox", "failure", 0.0, 4), Step("a", "nox", "success", 0.0, 0)]


def test_a_step_that_failed_last_is_told_even_without_an_exit_code() -> None:
    assert list(read([ended("failure")])) == [Step("a", "nox", "failure", 0.0)]


def test_sessions_have_the_result_that_nox_says_and_one_without_the_result_of_its_step() -> None:
    lines = ["\x1b[36mnox > \x1b[35mRunning session lint\x1b[0m", "nox > Session lint was successful in a minute."]
    lines += ["nox > Running session tests-3.11(a='b c')", "nox > Session tests-3.11(a='b c') failed."]
    lines += ["nox > Running session odd", "nox > Session odd skipped: not here.", "nox > Running session last"]
    step = next(one for one in read([*map(said, lines), ended("failure")]) if isinstance(one, Step))
    results = {"lint": "success", "tests-3.11(a='b c')": "failure", "odd": "skipped", "last": "failure"}
    assert step.sessions == tuple(Session(name, result) for name, result in results.items())


def test_an_annotation_is_a_line_like_others() -> None:
    text = "::warning file=a,line=3::it grew"
    assert list(read([event(command="warning", raw=f"{text}\n", msg=f"  🚧  {text}\n")])) == [Line("a", text)]
