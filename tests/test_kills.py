"""Two builds at once, one of them killed at any moment: what was recorded stays, and nothing is there by half."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

from drydock import config
from drydock.config import Config
from drydock.measures import ledger
from tests.test_migration import FIRST

PROJECT = Path(__file__).resolve().parents[1]
SEED = 20260101
ROUNDS = 10
STEPS = 40
MOST_SECONDS = 0.03

WRITER = f"""
import os, sys
from pathlib import Path
from drydock import config
from drydock.measures import ledger
from drydock.measures.build import Step
from drydock.measures.layers import Layer
from tests.test_ledger import build
settings = config.load(Path(sys.argv[1]), os.environ)
for number in range(int(sys.argv[3])):
    tag = f"{{sys.argv[2]}}-{{number}}"
    detail = tuple(Step("web", "app", f"RUN {{i}} " + "x" * 200, i, 0.0, 1.0, False) for i in range({STEPS}))
    twins = [build("web", tag=tag, detail=detail), build("api", tag=tag, detail=detail)]
    ledger.append(settings, twins, [Layer(tag, 1, 1)])
    print(tag, flush=True)
"""


def start(root: Path, name: str, count: int) -> "subprocess.Popen[str]":
    argv = [sys.executable, "-c", WRITER, str(root), name, str(count)]
    environ = {**os.environ, "PYTHONPATH": str(PROJECT)}
    return subprocess.Popen(argv, env=environ, cwd=PROJECT, stdout=subprocess.PIPE, text=True)


def killed(child: "subprocess.Popen[str]", chance: random.Random) -> list[str]:
    """Kill a writer some moments after it wrote some builds; what it said it had written."""
    assert child.stdout is not None
    said = [child.stdout.readline() for _ in range(chance.randrange(3))]
    with suppress(subprocess.TimeoutExpired):
        child.wait(timeout=chance.uniform(0, MOST_SECONDS))
    child.kill()
    said += child.stdout.readlines()
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    return [line.strip() for line in said if line.endswith("\n")]


def finished(child: "subprocess.Popen[str]") -> list[str]:
    out, _ = child.communicate()
    assert child.returncode == 0
    return out.split()


def whole(settings: Config) -> list[str]:
    """The tags in the ledger, after a look that nothing in it is broken, cut off or without its twin."""
    kept = ledger.detailed(settings, ledger.recent(settings, limit=None))
    with closing(sqlite3.connect(settings.ledger)) as base:
        assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert base.execute("SELECT count(*) FROM steps WHERE build_id NOT IN (SELECT id FROM builds)").fetchone() == (
            0,
        )
        layers = {name for (name,) in base.execute("SELECT diff_id FROM layers WHERE diff_id != 'sha256:1'")}
    new = [one for one in kept if one.tag != "web:local"]
    assert {len(one.detail) for one in new} <= {STEPS}
    assert sorted(one.tag for one in new if one.image == "web") == sorted(one.tag for one in new if one.image == "api")
    assert layers == {one.tag for one in new}
    return [one.tag for one in new if one.image == "web"]


def test_kills_at_random_moments_lose_nothing_and_leave_nothing_by_half(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    for number in range(ROUNDS):
        (tmp_path / str(number) / ".drydock").mkdir(parents=True)
        settings = config.load(tmp_path / str(number), os.environ)
        if number % 2:  # the writers also meet over who brings an older ledger up
            with closing(sqlite3.connect(settings.ledger)) as base:
                base.executescript(FIRST)
        one, other = start(settings.root, "killed", 1000), start(settings.root, "left", 5)
        said = killed(one, chance) + finished(other)
        kept = whole(settings)
        assert set(said) <= set(kept)
        assert len(kept) <= len(said) + 1  # at most the one that was written and not yet told
        if number % 2:
            assert ledger.find(settings, 7) is not None
