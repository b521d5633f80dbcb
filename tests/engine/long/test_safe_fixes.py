"""Safe fixes of every seeded defect, on the real engine: what was built is built, and ships and does the same."""

import os
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from bench import safefixes
from bench.safe import cases
from drydock import config
from drydock.engines import engine
from tests.repositories import PROJECT

Result = Mapping[str, Any]


@pytest.fixture(scope="module")
def capture(request: pytest.FixtureRequest) -> Mapping[str, Any]:
    """What came of all defects, or of the sample that is asked for."""
    settings = config.load(PROJECT, os.environ)
    every, one_in = cases.cases(), int(request.config.getoption("--one-in"))
    return safefixes.proven(
        settings, engine.find(settings), every, lambda text: safefixes.say(text, sys.stderr), one_in=one_in
    )


@pytest.fixture(scope="module")
def built(capture: Mapping[str, Any]) -> list[Result]:
    """The results of those that build as they are found; of the others nothing is claimed."""
    found = [one for one in capture["results"] if not one["trouble"]]
    assert found
    assert all(one["images"] for one in found)
    assert len(found) >= 0.8 * len(capture["results"]), [one["trouble"] for one in capture["results"]]
    return found


def test_whatever_builds_before_safe_fixes_builds_after_them(built: list[Result]) -> None:
    assert {one["defect"]: one["broken"] for one in built if one["broken"]} == {}


def test_safe_fixes_never_change_the_runtime_configuration(built: list[Result]) -> None:
    assert {one["defect"]: one["configuration"] for one in built if one["configuration"]} == {}


def test_the_files_of_an_image_stay_what_they_are(built: list[Result]) -> None:
    assert {one["defect"]: one["files"] for one in built if one["files"]} == {}


def test_services_that_run_before_run_and_answer_alike_after(built: list[Result]) -> None:
    assert sum(one["started"] for one in built) >= 0.9 * sum(one["services"] for one in built)
    assert {one["defect"]: one["behaviour"] for one in built if one["behaviour"]} == {}
