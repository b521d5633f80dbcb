"""Ctrl-C in the middle of what has engines of its own."""

import os
import re
import signal
import subprocess
import sys
import tempfile

import pytest

from drydock.config import Config
from tests.engine.conftest import Docker
from tests.engine.test_bench import settings
from tests.repositories import PROJECT

__all__ = ["settings"]
pytestmark = pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="a private engine needs root")


def test_an_interrupt_leaves_nothing_behind(settings: Config, docker: Docker) -> None:
    images = sorted(docker("image", "ls", "--all", "--quiet", "--no-trunc").split())
    argv = [sys.executable, "-m", "drydock", "bench", "--scenario=pristine", "--scenario=no-op", "--runs=50"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            [*argv, f"--root={settings.root}"],
            env={**settings.environ, "TMPDIR": folder},
            cwd=PROJECT,
            stderr=subprocess.PIPE,
            text=True,
        ) as child,
    ):
        assert child.stderr is not None
        for line in child.stderr:
            if re.search("run 1 of 50.*pristine", line):
                break
        child.send_signal(signal.SIGINT)
        child.stderr.read()
        assert child.wait() == 130
        assert os.listdir(folder) == []  # noqa: PTH208 - names only
    assert not list(settings.home.glob("bench-*"))
    assert sorted(docker("image", "ls", "--all", "--quiet", "--no-trunc").split()) == images
    assert "drydock-bench" not in docker("image", "ls")
