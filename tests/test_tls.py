"""Which keys Docker's client uses for an engine, and what is found out without any. Certificates: tests/engine."""

import hashlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from drydock.engines import tls
from drydock.engines.endpoint import Endpoint, Origin


@pytest.fixture
def says() -> Iterator[Callable[[bytes], str]]:
    """Something on loopback that says the same whatever it is asked; gives its address."""
    servers: list[socket.socket] = []

    def start(words: bytes) -> str:
        servers.append(server := socket.create_server(("127.0.0.1", 0)))

        def answer() -> None:
            with suppress(OSError):  # who finds no keys hangs up, or does not come before this is closed
                link, _ = server.accept()
                with link:
                    link.recv(1000)
                    link.sendall(words)

        threading.Thread(target=answer, daemon=True).start()
        return f"tcp://127.0.0.1:{server.getsockname()[1]}"

    yield start
    for server in servers:
        server.close()


def test_a_context_has_keys_of_its_own_and_the_environment_a_folder(tmp_path: Path) -> None:
    own = tmp_path / "contexts" / "tls" / hashlib.sha256(b"far").hexdigest() / "docker"
    own.mkdir(parents=True)
    environ = {"DOCKER_CONFIG": str(tmp_path), "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/keys"}
    far = tls.keys(Endpoint("tcp://h:1", Origin.CONTEXT, "far"), environ)
    assert far is not None
    assert far.authority == own / "ca.pem"
    assert tls.keys(Endpoint("tcp://h:1", Origin.CONTEXT, "plain"), environ) is None
    named = tls.keys(Endpoint("tcp://h:1", Origin.ENVIRONMENT), environ)
    assert named is not None
    assert named.folder == Path("/keys")
    assert tls.keys(Endpoint("tcp://h:1", Origin.ENVIRONMENT), {}) is None


@pytest.mark.parametrize(
    ("words", "shielded", "said"),
    [
        pytest.param(
            b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
            False,
            "it speaks TLS alone, and no keys are named",
            id="TLS that nobody named keys for",
        ),
        pytest.param(b"HTTP/1.0 200 OK\r\n\r\nOK", False, "", id="it is not the TLS"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", True, "it does not speak TLS", id="a plain port"),
    ],
)
def test_speaking_past_each_other_is_found_out(
    says: Callable[[bytes], str], tmp_path: Path, words: bytes, shielded: bool, said: str
) -> None:
    if shielded:
        (tmp_path / "contexts" / "tls" / hashlib.sha256(b"far").hexdigest() / "docker").mkdir(parents=True)
    found = tls.refusal(Endpoint(says(words), Origin.CONTEXT, "far"), {"DOCKER_CONFIG": str(tmp_path)})
    assert (found[0] if found else "") == said


def test_a_folder_without_keys_is_named(says: Callable[[bytes], str], tmp_path: Path) -> None:
    environ = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path)}
    found = tls.refusal(Endpoint(says(b""), Origin.ENVIRONMENT), environ)
    assert found is not None
    assert found[0] == f"there is no {tmp_path}/ca.pem"
    assert "DOCKER_CERT_PATH" in found[1]
