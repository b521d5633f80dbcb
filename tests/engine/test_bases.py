"""Stand-ins on the real engine: what they hold, whom they trust, and that they are made once."""

from __future__ import annotations

import io
import json
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from drydock import authorities, command, events
from drydock.bases import bases, standins
from drydock.bases.bases import Base, Origin

if TYPE_CHECKING:
    from tests.engine.conftest import Docker

CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----\s+(.+?)\s+-----END CERTIFICATE-----", re.DOTALL)
ADDED = (Path("/usr/local/share/ca-certificates"), Path("/etc/pki/ca-trust/source/anchors"))
OWN_IMAGES = ("python:3.12-slim", "node:20-alpine")


def standin(docker: Docker, name: str, *, trusting: bool = False) -> Base:
    (base,) = bases.resolve(docker.settings, docker.found, (name,), events.silent, trusting=trusting)
    if base.origin is not Origin.STANDIN:
        pytest.skip(f"a registry answers here: {name} is the real image")
    return base


def inside(docker: Docker, base: Base, *words: str, user: str = "nobody") -> str:
    argv = ["run", "--rm", "--user", user, "--entrypoint", words[0], base.reference, *words[1:]]
    return docker(*argv).strip()


def files(docker: Docker, base: Base) -> Iterator[tuple[str, bytes]]:
    """Every file of every layer, as the image is saved."""
    saved = command.start(["docker", "save", base.reference], env=docker.found.environ)
    with saved as child, tarfile.open(fileobj=child.stdout, mode="r|") as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is None:
                continue
            data = content.read()
            try:
                with tarfile.open(fileobj=io.BytesIO(data)) as layer:
                    for inner in layer:
                        if inner.isreg() and (held := layer.extractfile(inner)):
                            yield inner.name, held.read()
            except tarfile.TarError:
                yield member.name, data


def own_authorities() -> set[str]:
    """The authorities that were added to this machine, where its distribution wants them put."""
    return {cert for folder in ADDED for path in folder.rglob("*") if path.is_file() for cert in certificates(path)}


def certificates(path: Path) -> set[str]:
    return {"".join(match.split()) for match in CERTIFICATE.findall(path.read_text(errors="replace"))}


@pytest.mark.parametrize("name", OWN_IMAGES)
def test_a_plain_standin_holds_no_certificate_of_this_machine(docker: Docker, name: str) -> None:
    own = own_authorities()
    if not own:
        pytest.skip("this machine trusts no authority of its own")
    base, looked = standin(docker, name), 0
    needles = [cert[-100:].encode() for cert in own]
    for path, data in files(docker, base):
        looked += 1
        folded = data.replace(b"\n", b"").replace(b"\r", b"") if b"CERTIFICATE" in data else b""
        assert not any(needle in folded for needle in needles), path
    assert looked > 1000


def test_a_python_standin_holds_pip_and_nothing_that_was_installed_here(docker: Docker) -> None:
    base = standin(docker, "python:3.12-slim")
    listed = json.loads(inside(docker, base, "pip", "list", "--disable-pip-version-check", "--format=json"))
    # Debian's wheel, where it stands in, brings packaging
    assert {one["name"] for one in listed} <= {"pip", "setuptools", "wheel", "packaging"}
    assert inside(docker, base, "find", "/usr/local", "-name", "*.pth", "-o", "-name", "*.pyc") == ""
    assert inside(docker, base, "find", "/usr/bin", "/usr/local/bin", "-name", "*gcc*") == ""


def test_a_python_standin_is_of_the_minor_version_or_says_that_it_is_not(docker: Docker) -> None:
    base = standin(docker, "python:3.12-slim")
    version = inside(docker, base, "python", "--version")
    assert version.startswith("Python 3.12.") or "asked for 3.12" in base.note
    assert (
        inside(docker, base, "python", "-c", "import ssl, sqlite3, ctypes, lzma, zlib, venv; print('whole')") == "whole"
    )


def test_a_node_standin_has_the_user_and_the_npm_of_the_official_image(docker: Docker) -> None:
    base = standin(docker, "node:20-alpine")
    assert inside(docker, base, "node", "--version").startswith("v20.")
    assert inside(docker, base, "npm", "--version").startswith("10.")
    assert inside(docker, base, "id", "node", user="root") == "uid=1000(node) gid=1000(node) groups=1000(node)"
    assert inside(docker, base, "sh", "-c", "echo $HOME && touch ~/mine", user="node") == "/home/node"
    assert "not Alpine" in base.note


def test_words_that_are_no_program_go_to_node(docker: Docker) -> None:
    base = standin(docker, "node:20-alpine")
    assert docker("run", "--rm", base.reference, "-p", "6 * 7").strip() == "42"
    assert docker("run", "--rm", base.reference, "echo", "hello").strip() == "hello"


def test_every_standin_says_what_it_is(docker: Docker) -> None:
    for name in OWN_IMAGES:
        base = standin(docker, name)
        (image,) = json.loads(docker("image", "inspect", base.reference))
        assert image["Config"]["Labels"]["dev.drydock.standin"] in base.note
        assert base.digest


def test_the_trusting_flavour_installs_behind_this_machines_authority(docker: Docker) -> None:
    base = standin(docker, "python:3.12-slim", trusting=True)
    fetch = "cd $(mktemp -d) && pip download --quiet --no-deps colorama"
    assert inside(docker, base, "sh", "-c", fetch) == ""
    (image,) = json.loads(docker("image", "inspect", base.reference))
    if authorities.bundle(docker.settings.environ):
        assert {one.partition("=")[0] for one in image["Config"]["Env"]} >= set(standins.TRUSTING_NAMES)


def test_apt_works_in_a_standin(docker: Docker) -> None:
    base = standin(docker, "node:20-alpine")
    assert "Reading package lists" in inside(docker, base, "apt-get", "update", user="root")


def test_a_standin_that_the_engine_lost_is_loaded_and_not_made_again(docker: Docker) -> None:
    base = standin(docker, "node:20-slim")
    told: list[str] = []
    docker("image", "rm", base.reference)
    bases.resolve(docker.settings, docker.found, ("node:20-slim",), lambda event: told.append(str(event)))
    assert any("loaded" in line for line in told)
    assert not any("making" in line for line in told)
    assert standin(docker, "node:20-slim").digest == base.digest
