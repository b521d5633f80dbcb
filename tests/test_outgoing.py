"""What goes out to the network: which hosts are named, how far they are reached, and what is said of that."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from drydock.checks import State, Verdict, hosts, outgoing, patience, reaching
from drydock.checks.hosts import Host, Kind, Proxy
from drydock.checks.reaching import End, Reach

OK, FAIL = State.OK, State.FAIL
HOST = Host("h.example", 443, True, "PIP_INDEX_URL", hosts.PIP)
PROXY = Proxy("p.example", 3128, "HTTPS_PROXY")


def test_hosts_are_those_that_variables_settings_and_locks_name_each_once() -> None:
    files = [
        (Kind.PIP, "/etc/pip.conf", "[global]\nextra-index-url = file:///wheels http://b.example:81/simple\n"),
        (Kind.NODE, "/home/.npmrc", "registry=https://c.example/npm/\n//c.example/:_authToken=${TOKEN}\n"),
        (
            Kind.LOCK,
            "/r/package-lock.json",
            '{"resolved": "https://d.example/x.tgz", "resolved": "https://d.example/y.tgz"}',
        ),
    ]
    found = hosts.named({"PIP_INDEX_URL": "https://u:p@a.example/simple", "UV_INDEX_URL": "https://a.example"}, files)
    assert [(one.address, one.tls) for one in found] == [
        ("a.example:443", True),
        ("c.example:443", True),
        ("d.example:443", True),
    ]
    assert hosts.named({"PIP_INDEX_URL": "https://[bad", "PIP_EXTRA_INDEX_URL": "https://${HOST}/x"}, []) == ()


@pytest.mark.parametrize(
    ("environ", "way"),
    [
        pytest.param({}, None, id="no proxy"),
        pytest.param({"HTTPS_PROXY": "http://p:1"}, ("HTTPS_PROXY", "http://p:1"), id="a proxy"),
        pytest.param({"HTTPS_PROXY": "a", "https_proxy": "b"}, ("https_proxy", "b"), id="small letters go first"),
        pytest.param({"HTTP_PROXY": "http://p:1"}, None, id="a proxy for the other kind"),
        pytest.param({"HTTPS_PROXY": "p", "NO_PROXY": "x, .example"}, None, id="excepted by its domain"),
        pytest.param({"HTTPS_PROXY": "p", "no_proxy": "h.example:443"}, None, id="excepted by name and port"),
        pytest.param({"HTTPS_PROXY": "p", "NO_PROXY": "*"}, None, id="all are excepted"),
        pytest.param({"HTTPS_PROXY": "p", "NO_PROXY": "ample"}, ("HTTPS_PROXY", "p"), id="a part of a word is none"),
    ],
)
def test_the_way_to_a_host_is_the_one_an_installer_takes(environ: dict[str, str], way: object) -> None:
    assert hosts.way(HOST, environ) == way


@pytest.mark.parametrize(
    ("url", "address"),
    [("http://p.example", "p.example:80"), ("p.example:3128", "p.example:3128"), ("socks5://p", "p:1080")],
)
def test_a_proxy_has_the_port_of_its_scheme(url: str, address: str) -> None:
    found = hosts.proxy("x", url)
    assert found
    assert found.address == address


def test_what_is_no_proxy_is_none_and_all_that_name_one_are_known() -> None:
    assert hosts.proxy("x", "http://:bad") is None
    assert hosts.proxy("x", "http://:1") is None
    settings = {"proxies": {"default": {"httpProxy": "a", "noProxy": "b"}, "odd": "c"}}
    assert hosts.proxies({"HTTP_PROXY": "d"}, settings, {"HttpProxy": "e"}) == {
        "HTTP_PROXY": "d",
        "proxies.default.httpProxy in config.json": "a",
        "the engine's HttpProxy": "e",
    }
    assert hosts.proxies({}, {"proxies": None}, {}) == {}


@pytest.mark.parametrize(
    ("verdict", "state", "words"),
    [
        pytest.param(outgoing.names([]), OK, "nothing here names a host", id="no host"),
        pytest.param(outgoing.names([Reach(HOST, None, End.THERE)]), OK, "resolved: h.example", id="a name"),
        pytest.param(outgoing.names([Reach(HOST, PROXY, End.NO_RESOLVER)]), FAIL, "p.example", id="the proxy's name"),
        pytest.param(outgoing.names([Reach(HOST, None, End.NO_NAME)]), FAIL, "nobody knows", id="a name of nobody"),
        pytest.param(outgoing.proxy([], []), OK, "none is named", id="no proxy"),
        pytest.param(outgoing.proxy([Reach(HOST, PROXY, End.THERE)], []), OK, "p.example:3128", id="a proxy"),
        pytest.param(outgoing.proxy([Reach(None, PROXY, End.NO_NAME)], []), FAIL, "this name", id="a proxy of no name"),
        pytest.param(outgoing.certificates({}, []), OK, "no bundle", id="no CA named"),
        pytest.param(outgoing.certificates({"A": 144, "B": 144}, []), OK, "144 in the bundle of A, B", id="a bundle"),
        pytest.param(
            outgoing.certificates({"A": "/x: gone"}, []), FAIL, "A names /x: gone", id="a bundle that is gone"
        ),
        pytest.param(
            outgoing.certificates({}, [Reach(HOST, None, End.THERE)]), OK, "trusted: h.e", id="a host trusted"
        ),
        pytest.param(
            outgoing.certificates({}, [Reach(HOST, None, End.NO_TRUST, "self-signed")]),
            FAIL,
            "machine's",
            id="no trust",
        ),
        pytest.param(outgoing.packages([]), OK, "no host is named", id="no packages"),
        pytest.param(outgoing.packages([Reach(HOST, None, End.NO_ANSWER, "x")]), FAIL, "not answer: x", id="no answer"),
    ],
)
def test_a_verdict_follows_from_how_far_hosts_were_reached(verdict: Verdict, state: State, words: str) -> None:
    assert verdict.state is state
    assert words in verdict.seen


def test_packages_that_were_not_reached_rest_on_what_kept_them() -> None:
    verdict = outgoing.packages([Reach(HOST, PROXY, End.NO_PROXY)])
    assert (verdict.state, verdict.rests) == (State.WARN, ("names", "proxy", "certificates"))


@contextmanager
def answering(answer: bytes) -> Iterator[int]:
    """A port on loopback that hears one line and gives an answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            link, _ = server.accept()
            with link:
                link.recv(4096)
                link.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        thread.join(5)


def test_a_login_in_the_address_reaches_the_proxy_and_no_message() -> None:
    found = hosts.proxy("HTTPS_PROXY", "http://ann:p%40ss@127.0.0.1:1")
    assert found
    assert found.login == "ann:p@ss"
    assert "ann" not in repr(found) + found.address


def test_a_proxy_says_itself_why_it_opens_no_way() -> None:
    with answering(b"HTTP/1.1 403 Forbidden\r\n\r\n") as port:
        found = reaching.reach(HOST, Proxy("127.0.0.1", port, "x"), {}, 5)
    assert (found.end, found.words) == (End.NO_PROXY, "403 Forbidden")


def test_what_speaks_no_tls_is_no_answer() -> None:
    with answering(b"220 mail\r\n") as port:
        found = reaching.reach(Host("127.0.0.1", port, True, "x", ()), None, {}, 5)
    assert found.end is End.NO_ANSWER


def test_a_host_without_tls_is_there_once_it_takes_the_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = Host("127.0.0.1", server.getsockname()[1], False, "x", ())
        assert reaching.reach(host, None, {}, 5).end is End.THERE
    assert reaching.reach(host, None, {}, 5).end is End.NO_ANSWER


def test_a_busy_machine_is_given_more_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "LOAD", tmp_path / "loadavg")
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert patience.factor() == 1.0
    for text, factor in (
        ("9.5 1 1 1/200 7\n", 1.0),
        ("0.0 1 1 7/200 7\n", 3.0),
        ("0.0 1 1 3/200 7\n", 1.0),
        ("0.1 1 1 90/200 7\n", patience.MOST),
    ):
        (tmp_path / "loadavg").write_text(text)
        assert patience.factor() == factor
