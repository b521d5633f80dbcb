"""What is told of a build that failed."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from drydock import config, dockerfile
from drydock.builds import faults
from drydock.builds.baking import Run
from drydock.builds.progress import Progress
from drydock.config import Config
from drydock.errors import Misuse, NotReady
from drydock.events import silent
from tests.test_oci import engine
from tests.test_progress import vertex

FILES = {
    "web": dockerfile.parse("FROM a\nRUN good\nRUN bad\n", "web/Dockerfile"),
    "api": dockerfile.parse("FROM a\nRUN --mount=type=odd it\n", "api/Dockerfile"),
}


@pytest.fixture
def repository(tmp_path: Path) -> Config:
    return config.load(tmp_path, os.environ)


@pytest.fixture
def living(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An engine that answers a ping on a socket of its own."""
    import threading

    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                link, _ = server.accept()
            except OSError:
                return
            with link:
                link.recv(1000)
                link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK")

    threading.Thread(target=answer, daemon=True).start()
    from dataclasses import replace

    yield replace(engine({}), host=f"tcp://127.0.0.1:{server.getsockname()[1]}")
    server.shutdown(socket.SHUT_RDWR)
    server.close()


def run(*events: dict[str, Any], words: str = "", code: int = 1) -> Run:
    progress = Progress({"web": "web", "api": "api"})
    for event in events:
        list(progress.absorb(event))
    return Run(code, progress, tuple(words.splitlines()), {}, 1.0)


def test_a_build_that_went_well_has_nothing_to_tell(repository: Config) -> None:
    assert faults.explain(repository, engine({}), run(code=0), FILES, silent) is None


def test_a_failed_step_is_told_with_file_line_and_reason(repository: Config, living: Any) -> None:
    error = 'process "/bin/sh -c bad" did not complete successfully: exit code: 3'
    failed = run(vertex("1", "[web 3/3] RUN bad", 1, 2, error=error), vertex("0", "[web 1/3] FROM a", 0, 1))
    trouble = faults.explain(repository, living, failed, FILES, silent)
    assert trouble is not None
    assert trouble.text == "web: web/Dockerfile:3: RUN bad: exit code: 3"
    assert "web/Dockerfile:3" in trouble.remedy


def test_a_base_that_cannot_be_had_is_the_machine_s_fault(repository: Config, living: Any) -> None:
    failed = run(vertex("1", "[web internal] load metadata for nobody/knows:1", 1, 2, error="no such host"))
    with pytest.raises(NotReady, match="nobody/knows:1 cannot be had: no such host"):
        faults.explain(repository, living, failed, FILES, silent)


def test_a_dockerfile_that_buildkit_rejects_is_found_by_the_line_it_points_at(repository: Config, living: Any) -> None:
    words = """\
Dockerfile:2
--------------------
   1 |     FROM a
   2 | >>> RUN --mount=type=odd it
   3 |     
--------------------
ERROR: failed to solve: dockerfile parse error on line 2: unsupported mount type
"""
    with pytest.raises(Misuse, match=r"^api/Dockerfile:2: unsupported mount type$"):
        faults.explain(repository, living, run(words=words), FILES, silent)


def test_what_buildx_itself_refuses_is_told_in_its_words(repository: Config, living: Any) -> None:
    trouble = faults.explain(repository, living, run(words="ERROR: invalid empty ssh agent socket"), FILES, silent)
    assert trouble is not None
    assert trouble.text == "invalid empty ssh agent socket"


def test_an_engine_that_is_gone_is_the_machine_s_fault_whatever_else_was_told(
    repository: Config, tmp_path: Path
) -> None:
    from dataclasses import replace

    gone = replace(engine({}), host=f"unix://{tmp_path}/nobody.sock")
    failed = run(vertex("1", "[web 3/3] RUN bad", 1, 2, error="closing transport"))
    with pytest.raises(NotReady, match="the engine stopped"):
        faults.explain(repository, gone, failed, FILES, silent)


@pytest.mark.parametrize(
    ("name", "error", "remedy"),
    [
        ("pushing r.invalid/web:1 with docker", "no basic auth credentials", "docker login r.invalid, then"),
        ("pushing r.invalid/web:1 with docker", "dial tcp: connection refused", "see that r.invalid answers"),
        ("[web] exporting to image", "failed to push r.invalid/web:1: EOF", "see that r.invalid answers"),
    ],
)
def test_a_push_that_fails_is_no_fault_of_the_dockerfile_and_was_not_pushed_is_said(
    repository: Config, living: Any, name: str, error: str, remedy: str
) -> None:
    failed = run(vertex("1", name, 1, 2, error=error))
    trouble = faults.explain(repository, living, failed, FILES, silent)
    assert trouble is not None
    assert "r.invalid/web:1 was not pushed: " + error.rpartition("web:1: ")[2] in trouble.text
    assert trouble.remedy.startswith(remedy)


def test_a_cache_that_could_not_be_imported_is_never_the_reason(repository: Config, living: Any) -> None:
    failed = run(
        vertex("0", "[web] importing cache manifest from r.invalid/x", 0, 1, error="not found"),
        vertex("1", "[web 1/3] FROM a", 0, 1),
        vertex("2", "[web 3/3] RUN bad", 1, 2, error="exit code: 3"),
    )
    trouble = faults.explain(repository, living, failed, FILES, silent)
    assert trouble is not None
    assert trouble.text == "web: web/Dockerfile:3: RUN bad: exit code: 3"
