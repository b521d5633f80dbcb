"""Faults of the repository: its settings, its Dockerfiles and what these copy, its name, its ports, its past."""

import os
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.engine.faults import servers
from tests.engine.faults.engines import NOBODY, relayed
from tests.engine.faults.machine import Fault, Injection, Machine

NODE = "FROM scratch\nCOPY package*.json ./\nRUN npm ci\n"
SCRIPT = 'FROM scratch\nCOPY entry.sh /\nENTRYPOINT ["/entry.sh"]\n'


def written(files: Mapping[str, str | bytes]) -> Injection:
    """These files are in the repository."""

    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        for path, content in files.items():
            machine.write(path, content)
        yield

    return inject


def removed(*paths: str) -> Injection:
    """These files are not in the repository."""

    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        for path in paths:
            (machine.root / path).unlink()
        yield

    return inject


@contextmanager
def no_context(machine: Machine) -> Iterator[None]:
    compose = machine.root / "compose.yaml"
    compose.write_text(compose.read_text().replace("build: app", "build: elsewhere"))
    yield


@contextmanager
def held(machine: Machine) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        publish(machine, server.getsockname()[1])
        yield


def publish(machine: Machine, port: int) -> None:
    """Have the service publish this port."""
    with (machine.root / "compose.yaml").open("a") as stream:
        stream.write(f'    ports: ["127.0.0.1:{port}:80"]\n')


@contextmanager
def held_by_container(machine: Machine) -> Iterator[None]:
    port, name = servers.dead(), f"faults-{uuid.uuid4().hex[:12]}"
    label = "com.docker.compose.project=somebody-else"
    words = ("--label", label, "--publish", f"127.0.0.1:{port}:80", machine.image, "sleep", "60")
    machine.docker("run", "--detach", "--name", name, "--init", *words)
    try:
        publish(machine, port)
        yield
    finally:
        machine.docker("rm", "--force", name)


def namesake(folder: str) -> Injection:
    """Another folder, given below the machine's own, has containers of a project with this repository's name."""

    @contextmanager
    def inject(machine: Machine) -> Iterator[None]:
        project = f"faults{uuid.uuid4().hex[:12]}"
        machine.environ["COMPOSE_PROJECT_NAME"] = project
        label = "com.docker.compose.project"
        labels = ("--label", f"{label}={project}", "--label", f"{label}.working_dir={machine.folder / folder}")
        machine.docker("create", "--name", f"{project}-web-1", *labels, machine.image)
        try:
            yield
        finally:
            subprocess.run(
                ["docker", "rm", "--force", f"{project}-web-1"],
                env={**os.environ, "DOCKER_HOST": machine.socket},
                capture_output=True,
                check=False,
            )

    return inject


@contextmanager
def from_the_future(machine: Machine) -> Iterator[None]:
    tomorrow = f"@{int(time.time()) + 86_400} +0000"
    dates = {"GIT_COMMITTER_DATE": tomorrow, "GIT_AUTHOR_DATE": tomorrow}
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    argv = ["git", "-C", str(machine.root), *identity, "commit", "--quiet", "--allow-empty", "--message", "later"]
    subprocess.run(argv, env={**machine.environ, **dates}, check=True, capture_output=True)
    yield


def skewed(document: dict[str, object]) -> None:
    """An engine whose clock stands at the turn of the millennium."""
    if "SystemTime" in document:
        document["SystemTime"] = "2000-01-01T00:00:00.123456789Z"


@contextmanager
def somebody_elses(machine: Machine) -> Iterator[None]:
    for place in (machine.root, *machine.root.rglob("*")):
        os.chown(place, NOBODY, NOBODY, follow_symlinks=False)
    yield


WANTED = {
    ".env.example": "TOKEN=\n",
    "compose.yaml": 'name: x\nservices:\n  web:\n    image: x\n    command: "${TOKEN:-}"\n',
}
FAULTS = (
    Fault(
        "`.env` has a bad line",
        written({".env": "GOOD=1\nthis is bad\n"}),
        ".env",
        "^line 2 is no assignment",
        "NAME=value",
    ),
    Fault("`.env` is not UTF-8", written({".env": "A=é\n".encode("latin-1")}), ".env", "no plain UTF-8", "as UTF-8"),
    Fault(
        "`.env` lacks what it must set",
        written(WANTED),
        ".env",
        "must set TOKEN",
        "^cp .env.example .env",
        state="warn",
    ),
    Fault(
        "the compose file is broken",
        written({"compose.yaml": "services: [\n"}),
        "compose file",
        "compose.yaml",
        "mend the compose file",
    ),
    Fault(
        "a variable that compose must have is not set",
        written({"compose.yaml": 'services:\n  web:\n    image: "x:${NEEDED:?is needed}"\n'}),
        "compose file",
        "NEEDED",
        r"\.env where a value is missing",
    ),
    Fault(
        "an env_file that is not there",
        written({"compose.yaml": "services:\n  web:\n    image: x\n    env_file: gone.env\n"}),
        "compose file",
        "gone.env",
        "mend the compose file",
    ),
    Fault(
        "a build context that is not there", no_context, "Dockerfiles", "elsewhere is no folder", "build section of web"
    ),
    Fault(
        "the Dockerfile is missing",
        removed("app/Dockerfile"),
        "Dockerfiles",
        "app/Dockerfile cannot be read",
        "write it",
    ),
    Fault(
        "an instruction that nobody knows",
        written({"app/Dockerfile": "FROM scratch\nFETCH x\n"}),
        "Dockerfiles",
        "Dockerfile:2",
        "^mend .*Dockerfile at that line",
    ),
    Fault(
        "a file that is copied is not there",
        written({"app/Dockerfile": "FROM scratch\nCOPY gone.txt /\n"}),
        "Dockerfiles",
        "Dockerfile:2 copies gone.txt",
        "put gone.txt there",
    ),
    Fault(
        "the lock file is missing",
        written({"app/Dockerfile": NODE, "app/package.json": "{}"}),
        "lock files",
        "wants package-lock.json",
        "^cd .*app && npm install --package-lock-only$",
    ),
    Fault(
        "the lock file is copied and missing",
        written({"app/Dockerfile": "FROM scratch\nCOPY package-lock.json /\n"}),
        "lock files",
        "wants package-lock.json",
        "npm install --package-lock-only$",
    ),
    Fault(
        "the lock file is ignored",
        written(
            {
                "app/Dockerfile": NODE,
                "app/package.json": "{}",
                "app/package-lock.json": "{}",
                "app/.dockerignore": "*lock*\n",
            }
        ),
        "lock files",
        "it is ignored",
        "take package-lock.json out of the ignore file",
    ),
    Fault(
        "a script with the line ends of Windows",
        written({"app/Dockerfile": SCRIPT, "app/entry.sh": "#!/bin/sh\r\necho\r\n"}),
        "line ends",
        "entry.sh: lines end as on Windows",
        "^sed -i ",
        mended="remedy",
    ),
    Fault(
        "nothing to build",
        removed("compose.yaml", "app/Dockerfile"),
        "compose file",
        "nothing is built here",
        "give --root",
        state="warn",
    ),
    Fault(
        "a port held by a process", held, "ports", r"\(for web\) is held by \S+ \(process \d+\)", "choose another port"
    ),
    Fault(
        "a port held by another project's container",
        held_by_container,
        "ports",
        "the container faults-.* somebody-else",
        "stop it",
    ),
    Fault(
        "two projects of one name",
        namesake("repository/app"),
        "project",
        "is also the project of .*app",
        "COMPOSE_PROJECT_NAME=",
        mended="remedy",
    ),
    Fault(
        "a folder that moved left its containers",
        namesake("gone"),
        "project",
        "which is gone",
        "^docker rm --force",
        state="warn",
        mended="remedy",
    ),
    Fault(
        "this machine's clock is behind",
        from_the_future,
        "clock",
        "behind what this repository already holds",
        "set the clock",
    ),
    Fault(
        "the engine's clock is another",
        relayed(skewed),
        "clock",
        "ahead of the engine's",
        "set the clock",
        state="warn",
    ),
    Fault(
        "a repository that git does not trust",
        somebody_elses,
        "git",
        "dubious ownership",
        "safe.directory",
        state="warn",
        mended="remedy",
        root=True,
    ),
)
