"""`build --changed` after many random edits, held against full builds."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from drydock import config
from drydock.engines import engine
from tests.engine import edited

ROUNDS = 36


@pytest.mark.parametrize("seed", range(2, 5))
def test_what_is_left_out_comes_out_as_it_was(
    tmp_path: Path, seed: int, record_property: Callable[[str, object], None]
) -> None:
    found = engine.find(config.load(Path(), os.environ))
    repository = edited.make(tmp_path, found.environ)
    try:
        held = edited.hold(repository, rounds=ROUNDS, seed=seed)
    finally:
        repository.forget()
    assert held.kinds == set(edited.EDITS)
    record_property("rounds", ROUNDS)
    record_property("kinds of edits", len(held.kinds))
    record_property("images asked about", held.asked)
    record_property("left out, and the same when built", held.left_out)
