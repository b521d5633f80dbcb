"""The private engine's life on the real daemon: beside another one, started, killed, started again, gone."""

import dataclasses
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from drydock import config, events
from drydock.config import Config
from drydock.engines import bridge, daemon, engine, leftovers, place, processes

pytestmark = pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="a private engine needs root")


@dataclass(frozen=True)
class Own:
    """A private engine in a home of its own, and Drydock's command on it."""

    root: Path
    environ: Mapping[str, str]

    @property
    def config(self) -> Config:
        return config.load(self.root, self.environ)

    @property
    def place(self) -> place.Place:
        return place.of(self.config)

    def drydock(self, *words: str) -> "subprocess.CompletedProcess[str]":
        argv = [sys.executable, "-m", "drydock", *words, "--root", str(self.root)]
        return subprocess.run(
            argv,
            env=dict(self.environ),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
        )

    def begin(self, *words: str) -> "subprocess.Popen[str]":
        argv = [sys.executable, "-m", "drydock", *words, "--root", str(self.root)]
        return subprocess.Popen(
            argv, env=dict(self.environ), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def shown(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.drydock("engine", "--json").stdout)
        return document

    def processes(self) -> dict[int, str]:
        return processes.mentioning(str(self.place.exec))

    def kill(self) -> None:
        """End the daemon as a crash or a lack of memory would."""
        pid = daemon.pid(self.config)
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        assert processes.wait([pid], 10) == set()


@pytest.fixture(scope="module")
def own() -> Iterator[Own]:
    """A home for a private engine beside the one in use; whatever happens, it is gone in the end."""
    with tempfile.TemporaryDirectory(prefix="dd") as folder:
        root = Path(folder, "repository")
        root.mkdir()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DOCKER_", "DRYDOCK_"))}
        home = {"DRYDOCK_HOME": f"{folder}/h", "DOCKER_CONFIG": f"{folder}/settings"}
        life = Own(root, {**kept, **home, "DOCKER_HOST": f"unix://{folder}/h/engine/docker.sock"})
        try:
            yield life
        finally:
            daemon.stop(life.config, events.silent)
            leftovers.remove_data(life.place, place.environ(life.config))


@pytest.fixture
def running(own: Own) -> Own:
    started = own.drydock("engine", "--start")
    assert started.returncode == 0, started.stderr
    return own


def test_a_stopped_engine_is_exit_3_with_the_command_that_starts_it(own: Own) -> None:
    own.drydock("engine", "--stop")
    shown = own.drydock("engine")
    assert (shown.returncode, shown.stdout.splitlines()[-1]) == (3, f"remedy: drydock engine --root {own.root} --start")


def test_two_starts_at_once_make_one_engine(own: Own) -> None:
    own.drydock("engine", "--stop")
    starts = [own.begin("engine", "--start") for _ in range(2)]
    said = [start.communicate(timeout=120)[0] for start in starts]
    assert [start.returncode for start in starts] == [0, 0], said
    assert sorted(own.processes().values()) == ["containerd", "dockerd"]


def test_with_consent_a_task_that_needs_an_engine_starts_one(own: Own) -> None:
    own.drydock("engine", "--stop")
    told: list[object] = []
    found = engine.ensure(dataclasses.replace(own.config, yes=True), told.append)
    assert found.origin is engine.Origin.PRIVATE
    assert any(isinstance(event, events.Phase) and event.seconds is not None for event in told)


def test_the_socket_belongs_to_the_user_alone_and_nothing_listens_on_the_network(running: Own) -> None:
    assert stat.S_IMODE(running.place.socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(running.place.folder.stat().st_mode) == 0o700
    listening = set()
    for pid in running.processes():
        held = {str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir() if entry.is_symlink()}
        for table in ("tcp", "tcp6"):
            rows = [line.split() for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]]
            listening |= {row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in held}
    assert listening == set()


def test_the_engine_has_its_own_network_and_a_limited_cache(running: Own) -> None:
    name = bridge.name(running.place.folder)
    assert (bridge.INTERFACES / name).exists()
    told = json.loads((running.place.folder / "daemon.json").read_text())
    assert told["bridge"] == name
    assert told["builder"]["gc"]["enabled"]


def test_plain_docker_reaches_it_by_the_context(running: Own) -> None:
    plain = {name: value for name, value in running.environ.items() if name != "DOCKER_HOST"}
    argv = ["docker", "--context", "drydock", "info", "--format", "{{.DockerRootDir}}"]
    said = subprocess.run(argv, env=plain, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == str(running.place.data)
    line = running.drydock("engine", "--env").stdout
    assert line == f"export DOCKER_HOST=unix://{running.place.socket}\n"


def test_the_engine_is_shown_with_what_it_can_do(running: Own) -> None:
    shown = running.shown()
    assert shown["origin"] == "private"
    assert shown["data_root"] == str(running.place.data)
    assert shown["private"]["pid"] == daemon.pid(running.config)
    assert shown["private"]["log"] == str(running.place.log)
    assert shown["data_bytes"] > 0


def test_a_second_find_costs_no_process_and_a_killed_engine_is_noticed_at_once(running: Own) -> None:
    found = engine.find(running.config)
    before = (running.config.home / "probe.json").stat().st_mtime_ns
    assert engine.find(running.config) == found
    assert (running.config.home / "probe.json").stat().st_mtime_ns == before
    running.kill()
    assert not engine.alive(found)
    with pytest.raises(engine.NoEngine, match="does not run"):
        engine.find(running.config)


def test_a_killed_engine_starts_again_and_keeps_what_it_had(running: Own) -> None:
    build(running)
    running.kill()
    assert running.place.pidfile.exists()
    assert running.drydock("engine", "--start").returncode == 0
    assert image(running) == "kept"


def test_a_pid_file_that_names_somebody_else_harms_nobody(running: Own) -> None:
    running.kill()
    for path in (running.place.pidfile, running.place.exec / "containerd" / "containerd.pid"):
        path.write_text(str(os.getpid()))
    assert running.drydock("engine", "--stop").returncode == 0
    assert running.drydock("engine", "--start").returncode == 0
    assert daemon.pid(running.config) != os.getpid()


def test_an_engine_that_cannot_start_says_why(own: Own) -> None:
    own.drydock("engine", "--stop")
    data, aside = own.place.data, own.place.folder / "aside"
    data.rename(aside)
    data.write_text("no folder")
    started = own.drydock("engine", "--start")
    data.unlink()
    aside.rename(data)
    assert started.returncode == 3
    assert "the private engine does not start: " in started.stderr
    assert str(own.place.log) in started.stderr
    assert own.processes() == {}


def test_what_builds_left_is_shown_and_trimmed(running: Own) -> None:
    build(running)
    shown = json.loads(running.drydock("cache", "--json").stdout)
    assert [layer["images"] for layer in shown["layers"] if layer["instruction"].startswith("COPY")] == [["app"]]
    trimmed = json.loads(running.drydock("cache", "--prune", "--json").stdout)
    assert trimmed["freed"] > 0
    assert trimmed["bytes"]["all"] == 0


def test_after_a_stop_no_process_no_socket_and_no_network_is_left(running: Own) -> None:
    assert running.drydock("engine", "--stop").returncode == 0
    assert running.processes() == {}
    assert not running.place.socket.exists()
    assert not (bridge.INTERFACES / bridge.name(running.place.folder)).exists()
    assert leftovers.mounts_below(Path("/proc/self/mountinfo").read_text(), str(running.place.folder)) == []


def test_a_purge_asks_first_and_then_leaves_nothing(running: Own) -> None:
    asked = running.drydock("engine", "--purge")
    assert (asked.returncode, running.place.data.is_dir()) == (3, True)
    assert running.drydock("engine", "--purge", "--yes").returncode == 0
    assert not running.place.data.exists()
    assert not running.place.log.exists()
    contexts = subprocess.run(
        ["docker", "context", "ls", "-q"], env=dict(running.environ), capture_output=True, text=True, check=True
    )
    assert contexts.stdout.split() == ["default"]


def build(own: Own) -> None:
    context = own.root / "app"
    context.mkdir(exist_ok=True)
    (context / "Dockerfile").write_text("FROM scratch\nLABEL state=kept\nCOPY note /note\n")
    (context / "note").write_text("x" * 100_000)
    argv = ["docker", "buildx", "build", "-q", "-t", "drydock-life:local", str(context)]
    subprocess.run(argv, env=dict(own.environ), capture_output=True, check=True)


def image(own: Own) -> str:
    argv = ["docker", "image", "inspect", "drydock-life:local", "--format", "{{.Config.Labels.state}}"]
    return subprocess.run(argv, env=dict(own.environ), capture_output=True, text=True, check=True).stdout.strip()
