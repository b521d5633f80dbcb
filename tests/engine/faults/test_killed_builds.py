"""A build killed at any moment of a real bake: the ledger keeps all that was recorded, and holds no build by half."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from drydock import config
from drydock.measures import anatomies, ledger
from drydock.measures.build import Build
from tests.engine.own import PROJECT

SEED = 20260102
ROUNDS = 8
DOCKERFILE = """\
FROM python:3.12-slim AS {name}
COPY note /note
RUN head -c 2000000 /dev/urandom > /made
RUN cat /note > /copy
"""


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A repository of two images that are built at once; they are removed in the end."""
    tags = {name: f"drydock-killed/{name}:{uuid.uuid4().hex[:12]}" for name in ("one", "two")}
    for name in tags:
        (tmp_path / name).mkdir()
        (tmp_path / name / "Dockerfile").write_text(DOCKERFILE.format(name=name))
    services = {name: {"build": name, "image": tag} for name, tag in tags.items()}
    (tmp_path / "compose.yaml").write_text(json.dumps({"services": services}))
    yield tmp_path
    from drydock.engines import engine

    environ = engine.find(config.load(tmp_path, os.environ)).environ
    subprocess.run(["docker", "image", "rm", *tags.values()], env=dict(environ), capture_output=True, check=False)


def start(root: Path) -> "subprocess.Popen[bytes]":
    """A build in a process group of its own, of contexts that no build has seen."""
    for name in ("one", "two"):
        (root / name / "note").write_text(uuid.uuid4().hex)
    argv = [sys.executable, "-m", "drydock", "build", "--root", str(root)]
    environ = {**os.environ, "PYTHONPATH": str(PROJECT)}
    quiet = subprocess.DEVNULL
    return subprocess.Popen(argv, env=environ, stdout=quiet, stderr=quiet, start_new_session=True)


def whole(root: Path) -> list[Build]:
    """What is recorded, after a look that none of it is broken, cut off or without its twin."""
    settings = config.load(root, os.environ)
    if not settings.ledger.exists() or not settings.ledger.stat().st_size:
        return []
    kept = ledger.detailed(settings, ledger.recent(settings, limit=None))
    with closing(sqlite3.connect(settings.ledger)) as base:
        assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        for table in ("image_layers", "image_parts"):
            lost = f"SELECT * FROM {table} WHERE digest NOT IN (SELECT digest FROM images)"  # noqa: S608  names only
            assert base.execute(lost).fetchall() == []
    assert all(len(one.detail) == one.steps == 3 and one.outcome == "done" for one in kept)
    for one in kept:
        anatomy = anatomies.find(settings, one.digest)
        assert anatomy is not None
        assert len(anatomy.layers) == one.layers
        assert sum(layer.disk_bytes for layer in anatomy.layers) == one.disk_bytes
    assert sorted(one.started for one in kept if one.image == "one") == sorted(
        one.started for one in kept if one.image == "two"
    )
    return list(kept)


def test_a_kill_at_any_moment_loses_nothing_and_leaves_nothing_by_half(root: Path) -> None:
    chance = random.Random(SEED)
    assert start(root).wait(timeout=120) == 0  # what it weighs, the ones to be killed need not
    began = time.monotonic()
    assert start(root).wait(timeout=120) == 0
    seconds = time.monotonic() - began
    before = whole(root)
    assert len(before) == 4
    killed = 0
    for number in range(ROUNDS):
        child = start(root)
        with suppress(subprocess.TimeoutExpired):
            # evenly over the whole of a build, a little past its end
            child.wait(timeout=seconds * (number + chance.random()) / (ROUNDS - 1))
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        killed += child.wait(timeout=60) == -signal.SIGKILL
        after = whole(root)
        assert after[-len(before) :] == before
        assert len(after) - len(before) in (0, 2)
        before = after
    assert killed > ROUNDS // 2
    assert start(root).wait(timeout=120) == 0
    assert len(whole(root)) == len(before) + 2
    assert not [path for path in (root / ".drydock").iterdir() if path.name.endswith(("-journal", ".tmp"))]
