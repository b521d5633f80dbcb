"""`inv bench` where it takes long: fresh engines, planted regressions each time, and clean runs that flag nothing."""

import json
import os
from collections.abc import Mapping
from typing import Any

import pytest

from drydock.config import Config
from drydock.scenarios import regressions
from tests.engine.test_bench import PLANTED, clean, flags, scenarios_of, settings, timed

__all__ = ["clean", "settings"]  # fixtures


def test_a_fresh_engine_runs_everything_and_an_imported_cache_nothing(settings: Config) -> None:
    if os.geteuid() != 0:
        pytest.skip("a throwaway engine needs root")
    capture = timed(settings, 1, "pristine", "imported cache")
    shop = scenarios_of(capture)
    assert not any(step["cached"] for step in shop["pristine"]["steps"][0])
    assert all(step["cached"] for step in shop["imported cache"]["steps"][0])
    assert capture["notes"] == []
    assert not list(settings.home.glob("bench-*"))


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_regression_is_flagged_every_time(
    settings: Config,
    clean: Mapping[str, Any],
    name: str,
) -> None:
    flags(settings, clean, name, times=3)


def test_twenty_clean_runs_flag_nothing(
    settings: Config,
    clean: Mapping[str, Any],
) -> None:
    many = timed(settings, 22)
    for first in range(20):
        assert regressions.find(clean, window(many, first, 3)) == ()


def window(capture: Mapping[str, Any], first: int, runs: int) -> Mapping[str, Any]:
    """Some of the runs of a capture, as a capture of their own."""
    document = json.loads(json.dumps(capture))
    for scenario in scenarios_of(document).values():
        for key in ("seconds", "steps"):
            scenario[key] = scenario[key][first : first + runs]
    return dict(document)
