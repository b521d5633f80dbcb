"""What is worse in one capture than in another, and what is only different."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drydock.measures.timings import Spread
from drydock.scenarios import regressions

EXAMPLE: dict[str, Any] = json.loads(
    (Path(__file__).parent / "captures" / "scenarios.json").read_text(encoding="utf-8")
)
Change = Callable[[dict[str, Any]], None]


def changed(change: Change) -> dict[str, Any]:
    """The example after a change of what is said of the plan's api."""
    document = copy.deepcopy(EXAMPLE)
    change(document["images"]["api"]["plan"])
    return document


def every_step(held: dict[str, Any], scenario: str) -> list[dict[str, Any]]:
    return [step for run in held["scenarios"][scenario]["steps"] for step in run]


def install_runs_after_a_source_edit(held: dict[str, Any]) -> None:
    for step in every_step(held, "source edit"):
        if " install " in step["instruction"]:
            step["cached"] = False


def source_is_copied_first(held: dict[str, Any]) -> None:
    for run in held["scenarios"]["source edit"]["steps"]:
        fields = {"line": 3, "started": 0.0, "seconds": 0.1, "critical": False, "cached": False, "stage": "builder"}
        run[0:2] = [{**fields, "instruction": "COPY . ."}, {**fields, "instruction": "RUN pip install ."}]


def dependency_edit_installs_nothing(held: dict[str, Any]) -> None:
    for step in every_step(held, "dependency edit"):
        step["cached"] = True


def mount_is_lost(held: dict[str, Any]) -> None:
    for scenario in held["scenarios"]:
        for step in every_step(held, scenario):
            step["instruction"] = step["instruction"].replace("--mount=type=cache,target=/root/.cache/pip ", "")


def lock_is_lost(held: dict[str, Any]) -> None:
    held["locks"] = []


def copy_is_wide(held: dict[str, Any]) -> None:
    held["asks"] = ["/", "/requirements.txt"]


def everything_takes_longer(held: dict[str, Any]) -> None:
    held["scenarios"]["cold"]["seconds"] = [seconds + 3 for seconds in held["scenarios"]["cold"]["seconds"]]


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (install_runs_after_a_source_edit, "steps", "runs again: builder: RUN install -r requirements.txt"),
        (source_is_copied_first, "steps", "runs again: builder: COPY . ., builder: RUN pip install ."),
        (dependency_edit_installs_nothing, "stale", "does not run any more: builder: RUN install"),
        (mount_is_lost, "cache mount", "no RUN keeps /root/.cache/pip in a cache mount any more"),
        (lock_is_lost, "lock file", "the build does not read requirements.txt any more"),
        (copy_is_wide, "wide copy", "a line asks for the whole context, where /app, /requirements.txt was enough"),
        (everything_takes_longer, "seconds", "takes 6."),
    ],
)
def test_a_regression_is_named(change: Change, kind: str, words: str) -> None:
    found = regressions.find(EXAMPLE, changed(change))
    assert found
    assert all(one.image == "api" for one in found)
    assert found[0].kind == kind
    assert found[0].what.startswith(words)


def a_step_is_gone(held: dict[str, Any]) -> None:
    for scenario in held["scenarios"].values():
        for run in scenario["steps"]:
            del run[0]


def less_runs(held: dict[str, Any]) -> None:
    for step in every_step(held, "source edit"):
        step["cached"] = True


def flags_are_written_otherwise(held: dict[str, Any]) -> None:
    for scenario in held["scenarios"]:
        for step in every_step(held, scenario):
            step["instruction"] = step["instruction"].replace("COPY --link", "COPY --link --chmod=755")


def one_more_folder_is_asked_for(held: dict[str, Any]) -> None:
    held["asks"] = ["/app", "/assets", "/requirements.txt"]


def one_run_was_slow(held: dict[str, Any]) -> None:
    held["scenarios"]["cold"]["seconds"][1] += 30


def one_run_had_a_miss(held: dict[str, Any]) -> None:
    for step in held["scenarios"]["no-op"]["steps"][0]:
        step["cached"] = False


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(dict.copy, id="nothing is different"),
        pytest.param(a_step_is_gone, id="a step less"),
        pytest.param(less_runs, id="less runs again"),
        pytest.param(flags_are_written_otherwise, id="flags are no other step"),
        pytest.param(one_more_folder_is_asked_for, id="one more path, which holds no other"),
        pytest.param(one_run_was_slow, id="one slow run among others"),
        pytest.param(one_run_had_a_miss, id="one run of three, such as when the cache was trimmed"),
        pytest.param(lambda held: held["scenarios"].pop("cold"), id="a scenario that was not timed"),
    ],
)
def test_what_is_no_regression_is_not_named(change: Change) -> None:
    assert regressions.find(EXAMPLE, changed(change)) == ()


def test_seconds_of_another_machine_say_nothing() -> None:
    later = changed(everything_takes_longer)
    assert regressions.find({**EXAMPLE, "machine": "64 cores"}, later) == ()


@pytest.mark.parametrize(
    ("then", "now", "slower"),
    [
        pytest.param((1.0, 1.1, 1.2), (3.0, 3.1, 3.2), True, id="apart by more than both spreads"),
        pytest.param((1.0, 1.1, 1.2), (1.3, 1.4, 1.5), False, id="apart by less"),
        pytest.param((1.0, 1.1, 9.0), (3.0, 3.1, 3.2), False, id="within an earlier spread"),
        pytest.param((20.0, 20.1, 20.2), (22.0, 22.1, 22.2), False, id="a tenth is the machine's"),
        pytest.param((0.1, 0.1, 0.1), (0.4, 0.4, 0.4), False, id="nobody waits for a third of a second"),
        pytest.param((1.0, 1.1), (3.0, 3.1), False, id="too few runs"),
    ],
)
def test_slower_is_beyond_the_spread(then: tuple[float, ...], now: tuple[float, ...], slower: bool) -> None:
    assert regressions.is_slower(Spread(then), Spread(now)) is slower
