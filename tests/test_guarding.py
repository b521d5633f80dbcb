"""What a build may use up, and that whoever takes more is ended."""

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from drydock import command
from drydock.builds import guarding
from drydock.builds.guarding import Limits
from tests.test_oci import engine

FOREVER = [sys.executable, "-c", "while True: pass"]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(0.0), "it takes longer than 0.00 s"),
        (Limits(60.0, Path("/"), 10**18), "it fills the engine's disk: "),
        (Limits(60.0, Path("/nowhere"), 10**18), ""),
        (Limits(60.0), ""),
    ],
    ids=["time", "room", "a disk that is not here", "within limits"],
)
def test_what_is_used_up_is_said(limits: Limits, reason: str) -> None:
    said = limits.exceeded(0.0 if not limits.seconds else float("inf"))
    assert said.startswith(reason)
    assert bool(said) is bool(reason)


def test_who_exceeds_the_limits_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "EACH", 0.01)
    with command.start(FOREVER, env={}) as child, guarding.guarded(child, Limits(0.05)) as watch:
        assert child.wait(timeout=30) != 0
    assert watch.reason.startswith("it takes longer than")


def test_who_ends_in_time_is_left_alone() -> None:
    with command.start([sys.executable, "-c", ""], env={}) as child, guarding.guarded(child, Limits(60.0)) as watch:
        assert child.wait(timeout=30) == 0
    assert watch.reason == ""


def test_of_a_disk_half_of_what_is_free_may_be_used(tmp_path: Path) -> None:
    here = replace(engine({}), data_root=str(tmp_path))
    limits = guarding.limits(here, 5.0)
    assert (limits.seconds, limits.folder) == (5.0, tmp_path)
    assert 0 < limits.room <= min(guarding.ROOM, shutil.disk_usage(tmp_path).total // 20)
    assert guarding.limits(replace(here, host="tcp://far:2375"), 5.0) == Limits(5.0)
