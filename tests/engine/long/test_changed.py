"""`build --changed` after many random edits, held against full builds."""

import os
from pathlib import Path

import pytest

from drydock import config
from drydock.engines import engine
from tests.engine import edited


@pytest.mark.parametrize("seed", range(2, 5))
def test_what_is_left_out_comes_out_as_it_was(tmp_path: Path, seed: int) -> None:
    found = engine.find(config.load(Path(), os.environ))
    repository = edited.make(tmp_path, found.environ)
    try:
        made = edited.hold(repository, rounds=36, seed=seed)
    finally:
        repository.forget()
    assert made == set(edited.EDITS)
