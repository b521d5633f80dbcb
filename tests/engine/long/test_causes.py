"""Every planted cause, over Python and Node images."""

from collections.abc import Sequence

import pytest

from tests.engine.test_causes import PLANTS, Plant, engine, planted, test_the_first_named_cause_is_the_planted_one

__all__ = ["engine", "planted", "test_the_first_named_cause_is_the_planted_one"]


@pytest.fixture(scope="module")
def plants() -> Sequence[Plant]:
    return PLANTS


def test_there_are_causes_of_every_kind() -> None:
    assert sum(plant.cause is not None for plant in PLANTS) >= 40
