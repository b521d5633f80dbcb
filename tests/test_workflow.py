"""Workflows without the steps of hosted runners, and what act tells."""

import json

from drydock.workflow import Job, Line, Step, read, without_fetched_actions

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
