"""What is told of a build that failed."""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress
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
            with link, suppress(ConnectionError):  # who only tries the connection hangs up
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


@pytest.mark.parametrize("name", ["[web] exporting cache to registry", "[web] exporting to GitHub Actions Cache"])
def test_an_export_of_cache_that_fails_is_no_fault_of_the_dockerfile(
    repository: Config, living: Any, name: str
) -> None:
    trouble = faults.explain(repository, living, run(vertex("1", name, 1, 2, error="EOF")), FILES, silent)
    assert trouble is not None
    assert trouble.text == "web: its cache cannot be exported: EOF"


def test_a_cache_that_could_not_be_imported_is_never_the_reason(repository: Config, living: Any) -> None:
    failed = run(
        vertex("0", "[web] importing cache manifest from r.invalid/x", 0, 1, error="not found"),
        vertex("1", "[web 1/3] FROM a", 0, 1),
        vertex("2", "[web 3/3] RUN bad", 1, 2, error="exit code: 3"),
    )
    trouble = faults.explain(repository, living, failed, FILES, silent)
    assert trouble is not None
    assert trouble.text == "web: web/Dockerfile:3: RUN bad: exit code: 3"


CAME = vertex("0", "[web] importing cache manifest from r.invalid/x", 0, 1)


@pytest.mark.parametrize(
    ("name", "error", "starved"),
    [
        pytest.param("[web 3/3] RUN bad", "failed to copy: dial tcp: refused", True, id="a layer that is gone"),
        pytest.param("[web] exporting to image", "failed to copy: dial tcp: refused", True, id="gone at the export"),
        pytest.param("[web 3/3] RUN bad", "did not complete successfully: exit code: 3", False, id="its own fault"),
        pytest.param("[web 3/3] COPY x /", "failed to calculate checksum of ref: not found", False, id="no such file"),
        pytest.param("[web 1/3] FROM a", "failed to copy: dial tcp: refused", False, id="a base"),
        pytest.param("pushing r.invalid/web:1 with docker", "EOF", False, id="a push by docker"),
        pytest.param("[web] exporting to image", "failed to push r.invalid/web:1: EOF", False, id="a push"),
        pytest.param("[web] exporting cache to registry", "EOF", False, id="an export of cache"),
        pytest.param("exporting to GitHub Actions Cache", "maximum timeout reached", False, id="one to GitHub"),
    ],
)
def test_what_fails_for_want_of_a_promised_layer_is_told_apart(
    living: Any, name: str, error: str, starved: bool
) -> None:
    failed = run(CAME, vertex("1", name, 1, 2, error=error))
    said, key = faults.spoiled(living, failed, ["web"], wished=True)
    assert key == ("cache-from" if starved else "")
    assert not said or said.startswith("web: what the cache of r.invalid/x promised cannot be had: failed to copy")


def test_without_an_imported_cache_nothing_was_promised(living: Any) -> None:
    lost = vertex("0", "[web] importing cache manifest from r.invalid/x", 0, 1, error="refused")
    failed = vertex("1", "[web 3/3] RUN bad", 1, 2, error="failed to copy: refused")
    assert faults.spoiled(living, run(lost, failed), ["web"], wished=True) == ("", "")
    assert faults.spoiled(living, run(CAME, code=0), ["web"], wished=True) == ("", "")


@pytest.mark.parametrize(("wished", "key"), [(True, "cache-to"), (False, "")], ids=["a wish", "an order"])
def test_a_cache_service_that_lets_nobody_in_costs_a_wish_its_cache_and_an_order_the_build(
    living: Any, wished: bool, key: str
) -> None:
    refused = run(words="ERROR: failed to solve: failed to configure gha cache exporter: cache token expired")
    said, without = faults.spoiled(living, refused, ["web"], wished=wished)
    assert without == key
    assert bool(said) is wished


@pytest.mark.parametrize("name", ["[internal] booting buildkit", "[internal] waiting for connection"])
def test_a_builder_that_does_not_start_is_the_machine_s_fault(repository: Config, living: Any, name: str) -> None:
    failed = run(vertex("1", name, 1, 2, error="no such image"))
    with pytest.raises(NotReady, match="the builder does not start: no such image"):
        faults.explain(repository, living, failed, FILES, silent)
