"""Bytes of steps whose stage is not in the image, on engines of both stores, and when nobody is asked for them."""

import json
import os
import socket
import socketserver
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.engine.own import Own

pytestmark = pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="a private engine needs root")

DOCKERFILE = """\
FROM python:3.12-slim AS builder
ARG NAME=world
ARG TOKEN=hunter2-never-to-be-seen
COPY lock /$TOKEN/
WORKDIR /kitchen
RUN --mount=type=cache,target=/cache \\
    head -c 3000000 /dev/zero > /cache/kept && head -c 2000000 /dev/zero > heavy && echo $NAME > small
RUN <<EOF
head -c 50000 /dev/zero > written
EOF
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN head -c 70000 /dev/zero > other && rm heavy

FROM builder AS waiting
RUN sleep 1 && head -c 30000 /dev/zero > late

FROM builder AS reading
RUN --mount=from=waiting,target=/w head -c 40000 /w/kitchen/other > part

FROM python:3.12-slim
COPY --from=reading /kitchen/small /small
COPY source /source
"""
WROTE = {4: 11, 6: 2_000_006, 8: 50_000, 12: 70_000, 15: 30_000, 18: 40_000}  # bytes of files by line
BLOCK = 4096
BLOCKS = 6 * BLOCK  # what the containerd store adds: folders, and each file up to whole blocks


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository of one image, most of whose stages are left behind."""
    made = tmp_path / "a repository"
    made.mkdir()
    (made / "Dockerfile").write_text(DOCKERFILE)
    (made / "compose.yaml").write_text(
        json.dumps({"services": {"app": {"build": ".", "image": "drydock-sizes:local"}}})
    )
    (made / "lock").write_text(f"{os.urandom(5).hex()}\n")  # never in a cache from before
    (made / "source").write_text("one\n")
    return made


class Relay(socketserver.BaseRequestHandler):
    """Passes on what comes to a socket, and keeps the first line of each connection."""

    behind: str
    lines: list[str]

    def handle(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as engine:
            engine.connect(self.behind)
            first = self.request.recv(1 << 16)
            self.lines.append(first.split(b"\r\n")[0].decode())
            engine.sendall(first)
            back = threading.Thread(target=_pass_on, args=(engine, self.request), daemon=True)
            back.start()
            _pass_on(self.request, engine)
            back.join()


def _pass_on(source: socket.socket, to: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(1 << 16):
            to.sendall(chunk)
        to.shutdown(socket.SHUT_WR)


@contextmanager
def relayed(own: Own) -> Iterator[tuple[str, list[str]]]:
    """Another address of the engine, and what is asked there."""
    lines = list[str]()
    behind = own.environ["DOCKER_HOST"].removeprefix("unix://")
    with tempfile.TemporaryDirectory(prefix="dd") as folder:
        handler = type("Handler", (Relay,), {"behind": behind, "lines": lines})
        with socketserver.ThreadingUnixStreamServer(f"{folder}/s", handler) as server:
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
            yield f"unix://{folder}/s", lines
            server.shutdown()


def weights(image: dict[str, Any]) -> dict[int, int]:
    """The bytes of every step by its line; all of them are known."""
    assert None not in [step["bytes"] for step in image["steps"]]
    return {step["line"]: step["bytes"] for step in image["steps"]}


@pytest.mark.parametrize(("engine", "slack"), [("plain", 0), ("roomy", BLOCKS)], ids=["overlay2", "containerd"])
def test_each_step_has_its_bytes_and_a_build_without_work_asks_for_none(
    root: Path, request: pytest.FixtureRequest, engine: str, slack: int
) -> None:
    own: Own = request.getfixturevalue(engine)
    with relayed(own) as (host, lines):
        found = weights(own.build(root, DOCKER_HOST=host))
        for line, wrote in WROTE.items():
            assert wrote <= found[line] <= wrote + slack, line
        assert [line for line in lines if "system/df" in line] == ["GET /system/df?type=build-cache HTTP/1.0"]
        lines.clear()
        again = own.build(root, DOCKER_HOST=host)
        assert all(step["cached"] for step in again["steps"])
        assert weights(again) == found
        (root / "source").write_text("other\n")
        edited = weights(own.build(root, DOCKER_HOST=host))
        assert {line: size for line, size in edited.items() if size != found[line]} == {22: 6}
        assert not [line for line in lines if "system/df" in line]
        (root / "Dockerfile").write_text(DOCKERFILE.replace("50000", "90000"))
        after = weights(own.build(root, DOCKER_HOST=host))
    grown = {line: after[line] - found[line] for line in WROTE}
    assert grown.pop(8) == pytest.approx(40_000, abs=BLOCK)
    assert set(grown.values()) == {0}
