"""What a proof starts: copies to build, services without the host, and how long they are waited for."""

import http.server
import json
import os
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from drydock import config, interrupts
from drydock.errors import Misuse, NotReady
from drydock.events import silent
from drydock.proofs import launching, looking, observing, running, workshop
from drydock.proofs.running import Probe
from tests.test_oci import engine

from .conftest import FakeDocker


def test_nothing_is_left_of_a_proof_that_is_ended(tmp_path: Path, docker: FakeDocker) -> None:
    here = config.load(tmp_path, docker.environ)
    folders = list[Path]()

    def prove() -> None:
        with interrupts.as_ctrl_c(), workshop.opened(here, engine(docker.environ), silent) as shop:
            folders.append(shop.folder)
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(KeyboardInterrupt):
        prove()
    assert [one.exists() for one in folders] == [False]
    assert ["container", "ls"] in [call[:2] for call in docker.calls]


def test_an_engine_that_ends_before_an_image_is_looked_at_is_said(tmp_path: Path, docker: FakeDocker) -> None:
    docker.says("image", "inspect", out="\n", err="Cannot connect to the Docker daemon\n", code=1)
    here, stopped = config.load(tmp_path, docker.environ), "the engine stopped in the middle of the proof"
    with workshop.opened(here, engine(docker.environ), silent) as shop, pytest.raises(NotReady, match=stopped):
        looking.checked(shop, "web:1")


COMPOSE = """#!/bin/sh
[ "$1" = compose ] || exit 0
folder=$(dirname "$3")
[ -e "$folder/.env.dev" ] || { echo "env file $folder/.env.dev not found: stat: no such file" >&2; exit 1; }
echo '{"name": "it", "services": {"web": {"build": {"context": "'"$folder"'"}}}}'
"""


def test_an_env_file_that_git_does_not_know_is_taken_as_empty(tmp_path: Path) -> None:
    docker = tmp_path / "bin/docker"
    docker.parent.mkdir()
    docker.write_text(COMPOSE)
    docker.chmod(0o755)
    root = tmp_path / "it"
    root.mkdir()
    for name in ("compose.yml", "Dockerfile"):
        (root / name).write_text("FROM scratch\n")
    environ = {**os.environ, "PATH": f"{docker.parent}{os.pathsep}{os.environ['PATH']}"}
    with workshop.opened(config.load(root, environ), engine(environ), silent) as shop:
        work = shop.copy("before", {})
        assert [image.name for image in work.copy.images] == ["web"]
        assert not (work.copy.root / ".env.dev").exists(), "a build that copies everything would take it"
        assert [note for note in shop.notes.values() if note.startswith(".env.dev is taken as empty")]


class Slow(http.server.BaseHTTPRequestHandler):
    """Says nothing to the first question, and answers the next ones."""

    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        if self.asked > 1:
            self.send_response(204)
            self.end_headers()
        else:
            self.rfile.read()  # until the other side gives up

    def log_message(self, format: str, *args: Any) -> None:
        pass


def test_who_loads_its_program_at_the_first_question_is_asked_once_more() -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert running.status_of("127.0.0.1", server.server_port, "/", 0.2) == 204
        server.shutdown()


MODEL: Mapping[str, Any] = {
    "services": {
        "web": {
            "build": {"context": "/x"},
            "command": ["serve"],
            "privileged": True,
            "ports": [{"target": 80, "published": "80"}],
            "networks": {"default": None},
            "depends_on": {"db": {"condition": "service_healthy"}, "cache": {"condition": "service_started"}},
            "healthcheck": {"test": ["CMD", "true"], "interval": "1m0s"},
            "volumes": [
                {"type": "bind", "source": "/home", "target": "/home"},
                {"type": "volume", "source": "data", "target": "/data"},
            ],
        },
        "cache": {"image": "redis:7", "restart": "always"},
        "db": {"image": "postgres:16"},
        "other": {"build": {"context": "/y"}},
    }
}


def test_what_touches_the_host_is_left_out_and_said() -> None:
    launch = launching.plan(MODEL, {"web": "web:x", "cache": "redis:7"}, frozenset(), frozenset({"web"}))
    web = launch.document["services"]["web"]
    assert launch.services == ("web", "cache")
    assert not {"ports", "privileged", "build"} & set(web)
    assert web["volumes"] == [{"type": "volume", "target": "/data"}]
    assert web["depends_on"] == {"cache": {"condition": "service_started"}}
    assert web["healthcheck"] == {"test": ["CMD", "true"], "interval": "1s", "retries": launching.PATIENTLY}
    assert (web["mem_limit"], web["pids_limit"], web["networks"]) == (1 << 30, 512, {"proof": {}})
    assert launch.document["services"]["cache"]["restart"] == "no"
    assert launch.document["networks"] == {"proof": {"internal": True}}
    assert launch.left_out == (
        "db is left out: its image postgres:16 cannot be had here",
        "web: the mount at /home is left out",
        "web: its privileged is left out",
    )
    assert launch.incomplete == {"web"}


def test_a_health_check_of_the_image_is_asked_often_and_one_that_is_off_stays_off() -> None:
    model = {"services": {"a": {"image": "a"}, "b": {"image": "b", "healthcheck": {"disable": True}}}}
    launch = launching.plan(model, {"a": "a", "b": "b"}, frozenset({"a", "b"}), frozenset({"a", "b"}))
    checks = {name: service["healthcheck"] for name, service in launch.document["services"].items()}
    assert checks == {"a": {"interval": "1s", "retries": launching.PATIENTLY}, "b": {"disable": True}}


@pytest.mark.parametrize("probe", ["/health", ["health"], [1]], ids=["no list", "no slash", "no text"])
def test_a_probe_is_a_list_of_paths(probe: Any) -> None:
    assert observing.paths({"images": {"web": {"probe": ["/a", "/b"]}, "x": {}}}) == {"web": ("/a", "/b")}
    with pytest.raises(Misuse, match="probe of web is no list of paths"):
        observing.paths({"images": {"web": {"probe": probe}}})


@pytest.mark.parametrize("ends", [False, True], ids=["is ready", "ended before, and may end again"])
def test_what_ended_before_the_fixes_is_waited_for(tmp_path: Path, docker: FakeDocker, ends: bool) -> None:
    told = {"Service": "web", "Name": "web-1", "State": "running", "Health": "healthy", "ExitCode": 0}
    docker.says("compose", out=json.dumps(told))
    launch = launching.Launch({"services": {"web": {}}}, ("web",), ())
    running.watch(engine(docker.environ), launch, {"web": Probe(ends=ends)}, tmp_path, "mark", 3.0)
    assert (sum("ps" in call for call in docker.calls) > 2) is ends
