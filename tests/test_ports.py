"""Ports of this machine, and who holds them."""

import os
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from drydock.services import ports

TABLE = """\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1389 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 0 100 0 0 10 0
   1: 0100007F:1389 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 4243 1 0 100 0 0 10 0
   2: 00000000:1435 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4244 1 0 100 0 0 10 0
"""


@pytest.fixture
def held() -> Iterator[int]:
    """A port that this process listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_only_listeners_hold_a_port_and_connections_do_not() -> None:
    assert ports.listeners(TABLE, 5001, "0A") == {"4242"}
    assert ports.listeners(TABLE, 5002, "0A") == set()


def test_a_port_something_listens_on_is_not_free(held: int) -> None:
    assert not ports.is_free("127.0.0.1", held)
    assert not ports.is_free("", held)


def test_a_port_is_free_again_at_once_after_its_connections_ended() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", number)):
            server.accept()[0].close()
    assert ports.is_free("127.0.0.1", number)


@pytest.mark.skipif(not os.path.isdir("/proc/net"), reason="this system does not tell")  # noqa: PTH112
def test_the_process_that_holds_a_port_is_named(held: int) -> None:
    assert ports.owner(held).endswith(f"(process {os.getpid()})")


def test_a_free_port_has_no_holder(docker: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
    assert ports.holder(docker.environ, "127.0.0.1", number, "tcp", "p") is None
    assert docker.calls == []


def test_a_port_held_by_this_project_itself_is_no_trouble(docker: Any, held: int) -> None:
    docker.says("ps", out="p-web-1\tp\n")
    assert ports.holder(docker.environ, "127.0.0.1", held, "tcp", "p") is None


def test_a_container_that_holds_a_port_is_named_with_its_project(docker: Any, held: int) -> None:
    docker.says("ps", out="other-web-1\tother\n")
    holder = ports.holder(docker.environ, "127.0.0.1", held, "tcp", "p")
    assert holder == "the container other-web-1 of the project other"


def test_a_container_of_no_project_is_named_alone(docker: Any, held: int) -> None:
    docker.says("ps", out="squat\t\n")
    assert ports.holder(docker.environ, "127.0.0.1", held, "tcp", "p") == "the container squat"


def test_a_port_that_no_container_holds_is_held_by_a_process(docker: Any, held: int) -> None:
    docker.says("ps")
    assert "process" in str(ports.holder(docker.environ, "127.0.0.1", held, "tcp", "p"))


def test_any_http_answer_makes_a_port_a_web_address() -> None:
    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Refusing) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        assert ports.speaks_http("127.0.0.1", server.server_port)


def test_a_port_that_speaks_something_else_is_no_web_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]

        def greet() -> None:
            peer, _ = server.accept()
            peer.sendall(b"220 mail\r\n")
            peer.close()

        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        assert not ports.speaks_http("127.0.0.1", number)
        thread.join()
    assert not ports.speaks_http("127.0.0.1", number, seconds=0.2)
