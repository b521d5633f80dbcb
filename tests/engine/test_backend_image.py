"""The backend's image on the real engine: what a change rebuilds, what ships, and that it serves."""

import json
import shlex
import sqlite3
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from drydock.measures import schema

BACKEND = Path(__file__).resolve().parents[2] / "backend"
BASE = "python:3.12-slim"
COPY_SOURCE = "app: COPY --link app /srv/app"
INSTALL = "pip install -r requirements.txt"
MEGABYTE = 1_000_000

# Prints every file of an image with its size, and whether it holds a certificate.
LIST = """
import json, os
files = {}
for folder, names, others in os.walk("/"):
    names[:] = [n for n in names if os.path.join(folder, n) not in ("/proc", "/sys", "/dev")]
    for name in others:
        path = os.path.join(folder, name)
        if not os.path.islink(path) and os.path.isfile(path):
            with open(path, "rb") as file:
                files[path] = [os.path.getsize(path), b"BEGIN " + b"CERTIFICATE" in file.read()]
print(json.dumps(files))
"""


@dataclass(frozen=True)
class File:
    """A file that the image adds to its base."""

    size: int
    certificate: bool


@pytest.fixture(scope="module")
def image(docker: Any, unique: Callable[[str], str]) -> Iterator[str]:
    """The image that ships, under a tag of its own."""
    tag = unique("drydock-test/backend:t")
    docker.build(BACKEND, "--tag", tag)
    yield tag
    docker("image", "rm", "--force", tag)


@pytest.fixture(scope="module")
def added(docker: Any, image: str) -> dict[str, File]:
    """Every file that the image has and its base has not, by path."""

    def files(name: str) -> dict[str, list[Any]]:
        argv = ("run", "--rm", "--user=0", "--network=none", "--entrypoint=python3", name, "-c", LIST)
        return dict(json.loads(docker(*argv)))

    base = files(docker.base(BASE))
    return {path: File(*facts) for path, facts in files(image).items() if base.get(path) != facts}


def edit(path: Path, unique: Callable[[str], str]) -> None:
    """Change a file in a way that was never built before and alters nothing of what it does."""
    with path.open("a", encoding="utf-8") as file:
        file.write(f"# {unique('an edit')}\n")


@pytest.mark.usefixtures("image")
def test_a_source_edit_copies_the_source_and_runs_nothing_else(docker: Any, scratch: Any, unique: Any) -> None:
    copy = scratch(BACKEND)
    edit(copy / "app" / "v1.py", unique)
    assert docker.build(copy).ran == (COPY_SOURCE,)


@pytest.mark.usefixtures("image")
def test_a_requirement_edit_installs_again_and_downloads_nothing(docker: Any, scratch: Any, unique: Any) -> None:
    copy = scratch(BACKEND)
    edit(copy / "requirements.txt", unique)
    docker.build(copy)  # fills the mount, should somebody have emptied it
    docker.build(copy, "--network=none")  # without a network no step is in the cache yet
    edit(copy / "requirements.txt", unique)
    built = docker.build(copy, "--network=none")
    (installed,) = [step for step in built.ran if step.startswith("builder: ")]
    assert INSTALL in installed
    assert COPY_SOURCE in built.cached
    assert "Processing /root/.cache/pip/downloads/" in built.output
    assert "Downloading" not in built.output


def test_a_package_that_the_mount_lacks_is_downloaded_alone(docker: Any, scratch: Any, unique: Any) -> None:
    copy = scratch(BACKEND)
    text = (copy / "Dockerfile").read_text(encoding="utf-8")
    empty = text.replace("--mount=type=cache,", f"--mount=type=cache,id={unique('pip')},")
    (copy / "Dockerfile").write_text(empty, encoding="utf-8")
    edit(copy / "requirements.txt", unique)  # which mount a step has does not make it run
    assert "Saved /root/.cache/pip/downloads/flask-" in docker.build(copy, "--target=builder").output
    (copy / "requirements.txt").write_bytes((copy / "requirements-test.txt").read_bytes())
    edit(copy / "requirements.txt", unique)
    built = docker.build(copy, "--target=builder")
    assert "Saved /root/.cache/pip/downloads/pytest-" in built.output
    assert "Saved /root/.cache/pip/downloads/flask-" not in built.output
    assert "Installing collected packages: " in built.output


@pytest.mark.usefixtures("image")
@pytest.mark.parametrize("name", ["README.md", "tests/test_api.py", "Dockerfile", "requirements-test.txt"])
def test_what_does_not_ship_rebuilds_nothing(docker: Any, scratch: Any, unique: Any, name: str) -> None:
    copy = scratch(BACKEND)
    edit(copy / name, unique)
    assert docker.build(copy).ran == ()


@pytest.mark.usefixtures("image")
def test_a_new_version_changes_metadata_alone(docker: Any, unique: Callable[[str], str]) -> None:
    assert docker.build(BACKEND, f"--build-arg=VERSION={unique('v')}").ran == ()


def test_the_development_server_is_the_command_of_an_ordinary_user(shipped: dict[str, Any]) -> None:
    server = shlex.split("python -m flask --app app run --host 0.0.0.0 --port 5000")
    assert shipped["Cmd"] == server
    assert not shipped.get("Entrypoint")
    assert list(shipped["ExposedPorts"]) == ["5000/tcp"]
    assert shipped["User"] == "10001:10001"
    assert {"PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1"} <= set(shipped["Env"])
    assert not [variable for variable in shipped["Env"] if variable.startswith(("PIP_", "SSL_"))]
    assert shipped["Healthcheck"]["Test"][:2] == ["CMD", "python"]
    labels = {name.removeprefix("org.opencontainers.image.") for name in shipped["Labels"]}
    assert {"title", "description", "licenses", "version"} <= labels


def test_only_packages_and_source_ship(added: dict[str, File]) -> None:
    strange = [path for path in added if not path.startswith(("/opt/venv/", "/srv/app/"))]
    # The engine writes these three into every container.
    assert set(strange) <= {"/etc/hostname", "/etc/hosts", "/etc/resolv.conf"}
    source = {path.removeprefix("/srv/app/") for path in added if path.startswith("/srv/app/")}
    ours = [file for file in (BACKEND / "app").rglob("*") if file.suffix in (".py", ".json")]
    assert source == {file.relative_to(BACKEND / "app").as_posix() for file in ours}


def test_beside_packages_and_source_there_are_at_most_two_megabytes(added: dict[str, File]) -> None:
    needed = ("/srv/app/", "/opt/venv/lib/")
    assert sum(file.size for path, file in added.items() if not path.startswith(needed)) <= 2 * MEGABYTE


PARTS = ["/pip/", "/pip-", "/setuptools", "/wheel", "/.cache/", "pytest", "/gcc", "/cc1", ".crt", ".pem", "/secrets/"]


@pytest.mark.parametrize("part", PARTS)
def test_nothing_of_the_build_ships(added: dict[str, File], part: str) -> None:
    assert [path for path in added if part in path] == []


def test_there_is_no_compiler_in_the_whole_image(docker: Any, image: str) -> None:
    ask = "import shutil; print(*filter(shutil.which, ('cc', 'gcc', 'g++', 'c++', 'clang', 'make', 'ld')))"
    assert docker("run", "--rm", "--network=none", image, "python", "-c", ask).split() == []


def test_no_certificate_ships(added: dict[str, File], docker: Any, image: str) -> None:
    assert [path for path, file in added.items() if file.certificate] == []
    assert "CERTIFICATE" not in docker("image", "history", "--no-trunc", image)


def test_the_bytecode_of_the_packages_is_there_once(added: dict[str, File]) -> None:
    sources = {path for path in added if path.startswith("/opt/venv/lib/") and path.endswith(".py")}
    compiled = {path for path in added if path.startswith("/opt/venv/lib/") and path.endswith(".pyc")}
    assert len(sources) == len(compiled) > 100


def test_the_backends_own_tests_pass_in_its_test_image(docker: Any, unique: Callable[[str], str]) -> None:
    tag = unique("drydock-test/backend-test:t")
    docker.build(BACKEND, "--target=test", f"--build-context=tests={BACKEND / 'tests'}", "--tag", tag)
    try:
        said = docker("run", "--rm", "--read-only", "--tmpfs=/tmp", "--network=none", tag)
    finally:
        docker("image", "rm", "--force", tag)
    assert " passed" in said


def test_it_serves_a_ledger_that_the_builder_made(docker: Any, image: str, tmp_path: Path, unique: Any) -> None:
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as db:
        db.executescript(schema.SCHEMA)
        db.execute(f"PRAGMA user_version = {schema.SCHEMA_VERSION}")
    tmp_path.chmod(0o755)
    name = unique("drydock-test-backend")
    hardened = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges")
    docker("run", "--detach", "--name", name, *hardened, f"--volume={tmp_path}:/data:ro", "-p127.0.0.1::5000", image)
    try:
        address = docker("port", name, "5000").split()[0]
        probe = json.loads(docker("image", "inspect", image))[0]["Config"]["Healthcheck"]["Test"][1:]
        wait_until_it_listens(docker, name)
        docker("exec", name, *probe)
        with urllib.request.urlopen(f"http://{address}/api/health", timeout=5) as answer:
            assert json.load(answer) == {"status": "ok", "ledger": "empty"}
        docker("stop", name)
        assert docker("inspect", "--format={{.State.ExitCode}}", name).strip() == "0", "it must end by itself"
    finally:
        docker("rm", "--force", name)


def wait_until_it_listens(docker: Any, name: str) -> None:
    """Ask from inside for up to ten seconds whether the port is open."""
    ask = (
        "import socket, time\n"
        "for _ in range(100):\n"
        "    with socket.socket() as s:\n"
        "        if s.connect_ex(('127.0.0.1', 5000)) == 0: break\n"
        "    time.sleep(0.1)\n"
        "else: raise SystemExit('nothing listens')"
    )
    docker("exec", name, "python", "-c", ask)
