"""Builders beside the engine in use: an engine behind TLS on loopback, for real, and those that do not answer."""

import json
import os
import socket
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.engine.elsewhere import Authority, secured
from tests.engine.own import Own, repository

pytestmark = pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="a private engine needs root")

TAG = "drydock-builders-test/app:one"
DOCKERFILE = """\
FROM python:3.12-slim
COPY lock /lock
RUN --network=none python3 -c "print(open('/lock').read())" > /made
COPY source /source
"""
CLUSTER = {  # where nobody answers
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:1"}}],
    "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    "current-context": "c",
    "users": [{"name": "u", "user": {}}],
}


@dataclass(frozen=True)
class Far:
    """An engine behind TLS, the authority that it trusts, and the keys of one whom it lets in."""

    address: str
    authority: Authority
    keys: Path
    folder: Path


@pytest.fixture(scope="module")
def far() -> Iterator[Far]:
    with tempfile.TemporaryDirectory(prefix="dd") as folder:
        authority = Authority.made(Path(folder, "authority"))
        keys = authority.sign("client", Path(folder, "client"))
        with secured(Path(folder, "engine"), authority.sign("server", Path(folder, "server"))) as address:
            yield Far(address, authority, keys, Path(folder))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository of one image, never in a cache from before; what is built needs no network."""
    return repository(tmp_path, DOCKERFILE, TAG)


def context(own: Own, name: str, far: Far, keys: Path | None) -> str:
    """A Docker context of these settings that leads to the engine behind TLS."""
    words = ",".join(f"{what}={keys}/{what}.pem" for what in ("ca", "cert", "key")) if keys else ""
    own.docker("context", "create", name, "--docker", ",".join(filter(None, (f"host={far.address}", words))))
    return name


def recorded(root: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(root / ".drydock" / "ledger.db") as ledger:
        return ledger.execute("SELECT engine, outcome FROM builds ORDER BY id").fetchall()


def held(own: Own, **changes: str) -> str:
    there = replace(own, environ={**own.environ, **changes})
    return there.docker("image", "ls", "--quiet", TAG).strip()


def verdict(own: Own, root: Path, **changes: str) -> tuple[dict[str, Any], float]:
    """What the doctor says of the chosen builder, and how long all his checks took."""
    began = time.monotonic()
    told = json.loads(own.run(root, "doctor", "--json", **changes).stdout)
    seconds = time.monotonic() - began
    (found,) = [one for one in told["checks"] if one["check"] == "builder"]
    return found, seconds


def test_an_engine_behind_tls_builds_for_itself_on_a_stand_in_of_its_own(plain: Own, root: Path, far: Far) -> None:
    name = context(plain, "far", far, far.keys)
    (root / "pyproject.toml").write_text(f'[tool.drydock]\nbuilder = "{name}"\n')
    built = plain.build(root)
    assert [step["cached"] for step in built["steps"]] == [False] * 3
    assert built["disk_bytes"] > built["own_bytes"] > 0
    assert recorded(root)[0][0].endswith(", context far")
    own_keys = {"DOCKER_HOST": far.address, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(far.keys)}
    assert held(plain, **own_keys)
    assert not held(plain)
    found, _ = verdict(plain, root)
    assert found["state"] == "ok"
    assert found["seen"].startswith(f"{name} (docker), ")
    assert "exports caches inline;" in found["seen"]
    (root / "pyproject.toml").unlink()
    again = plain.build(root, **own_keys)  # the same engine, as the environment names it
    assert all(step["cached"] for step in again["steps"])
    assert f"{recorded(root)[1][0]}, context far" == recorded(root)[0][0]


@pytest.mark.parametrize(
    ("days", "ours", "said"),
    [
        pytest.param(2, "other", "its certificate is not signed by the CA of the context", id="a wrong CA"),
        pytest.param(-1, "own", "certificate expired", id="a client's certificate that has expired"),
        pytest.param(2, "none", "it speaks TLS alone, and no keys are named", id="no keys at all"),
    ],
)
def test_keys_that_do_not_fit_are_one_line_with_what_mends_them(
    plain: Own, root: Path, far: Far, tmp_path: Path, days: int, ours: str, said: str
) -> None:
    authority = Authority.made(tmp_path / "authority") if ours == "other" else far.authority
    keys = authority.sign("client", tmp_path / "keys", days=days)
    name = context(plain, f"{ours}{abs(days)}", far, None if ours == "none" else keys)
    ended = plain.fails(root, 3, f"--builder={name}")
    assert f"the engine at {far.address} refuses: " in ended
    assert said in ended
    found, _ = verdict(plain, root, BUILDX_BUILDER=name)
    assert (found["state"], said in found["seen"], bool(found["remedy"])) == ("fail", True, True)


def test_a_server_whose_certificate_has_expired_is_one_line(plain: Own, root: Path, far: Far, tmp_path: Path) -> None:
    expired = far.authority.sign("server", tmp_path / "server", days=-1)
    with secured(tmp_path / "engine", expired) as address:
        keys = {"DOCKER_HOST": address, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(far.keys)}
        assert "its certificate has expired" in plain.fails(root, 3, **keys)
        gone = {**keys, "DOCKER_CERT_PATH": str(tmp_path / "nowhere")}
        assert f"there is no {tmp_path}/nowhere/ca.pem" in plain.fails(root, 3, **gone)


def test_the_doctor_waits_for_no_builder_that_keeps_silent(plain: Own, root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # buildx itself would wait for twenty seconds, also to make it: so nobody listens yet
    plain.docker("buildx", "create", "--name=silent", "--driver=remote", f"tcp://127.0.0.1:{port}")
    (root / "pyproject.toml").write_text('[tool.drydock]\nbuilder = "silent"\n')
    with socket.create_server(("127.0.0.1", port)):
        for changes in ({"BUILDX_BUILDER": "silent"}, {}):
            found, seconds = verdict(plain, root, **changes)
            assert found["state"] == "fail"
            assert found["seen"].startswith("the builder silent does not answer within ")
            assert seconds < 15  # a busy machine is given more time; a quiet one is done in two seconds


def test_a_cluster_is_asked_for_as_buildx_made_it_and_one_that_is_away_is_the_machine_s_fault(
    plain: Own, root: Path
) -> None:
    (root / "kubeconfig").write_text(json.dumps(CLUSTER))
    cluster = {"KUBECONFIG": str(root / "kubeconfig")}
    create = ("buildx", "create", "--name=cluster", "--driver=kubernetes", "--driver-opt=replicas=2,namespace=builds")
    replace(plain, environ={**plain.environ, **cluster}).docker(*create)
    shown = plain.run(root, "--dry", "build", "--builder=cluster")
    assert "--builder=cluster" in shown.stderr
    assert '"python:3.12-slim": "oci-layout://' in shown.stderr
    said = plain.fails(root, 3, "--builder=cluster")
    assert said.startswith("error: the builder does not start: ")
    assert "/namespaces/builds/deployments/" in said
    found, _ = verdict(plain, root, BUILDX_BUILDER="cluster")
    assert (found["state"], found["remedy"]) == ("warn", "docker buildx inspect --bootstrap cluster")
    many = plain.fails(root, 2, "--builder=cluster", "--platform=linux/amd64", "--platform=linux/arm64")
    assert "what kubernetes builds for several platforms can only be pushed" in many


def test_a_builder_whose_image_cannot_be_had_is_the_machine_s_fault(plain: Own, root: Path) -> None:
    plain.docker("buildx", "create", "--name=boxed", "--driver=docker-container", "--driver-opt=image=r.invalid/none:1")
    said = plain.fails(root, 3, "--builder=boxed")
    assert said.startswith("error: the builder does not start: ")
    found, _ = verdict(plain, root, BUILDX_BUILDER="boxed")
    assert (found["state"], found["remedy"]) == ("warn", "docker buildx inspect --bootstrap boxed")
