"""What unsafe fixes make of a service is built by the real engine, starts, and says what it said."""

import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from drydock import config
from drydock.commands import audit
from tests.engine.conftest import Docker

CA = "if [ -f /run/secrets/ca ]; then export PIP_CERT=/run/secrets/ca NODE_EXTRA_CA_CERTS=/run/secrets/ca; fi"
PYTHON = f"""\
FROM python:3.12-slim
WORKDIR /srv
COPY requirements.txt ./
RUN --mount=type=secret,id=ca {CA}; pip install --no-cache-dir -r requirements.txt
COPY app.py ./
CMD ["python", "app.py"]
"""
NODE = f"""\
FROM node:20-alpine
WORKDIR /srv
COPY package.json package-lock.json ./
RUN --mount=type=secret,id=ca {CA}; npm ci
COPY app.js ./
CMD ["node", "app.js"]
"""
MANIFEST = {
    "name": "app",
    "version": "1.0.0",
    "dependencies": {"ms": "2.1.3"},
    "devDependencies": {"isarray": "2.0.5"},
}
LOCK = {
    "name": "app",
    "version": "1.0.0",
    "lockfileVersion": 3,
    "packages": {
        "": MANIFEST,
        "node_modules/isarray": {"version": "2.0.5", "dev": True},
        "node_modules/ms": {"version": "2.1.3"},
    },
}
SERVICES = {
    "python": (
        {"Dockerfile": PYTHON, "requirements.txt": "six==1.17.0\n", "app.py": "import six\nprint(six.__name__)\n"},
        {"root-user"},
        ("python", "-c", "import os; print(os.getuid())"),
    ),
    "node": (
        {
            "Dockerfile": NODE,
            "package.json": json.dumps(MANIFEST),
            "package-lock.json": json.dumps(LOCK),
            "app.js": "console.log(require('ms')('1h'))\n",
        },
        {"root-user", "dev-dependencies-in-image"},
        ("node", "-p", "process.getuid()"),
    ),
}


@pytest.mark.parametrize("kind", SERVICES)
def test_an_ordinary_user_without_packages_of_development_does_the_same(
    kind: str, docker: Docker, tmp_path: Path, unique: Callable[[str], str]
) -> None:
    files, codes, who = SERVICES[kind]
    for path, text in files.items():
        (tmp_path / path).write_text(text)
    image = unique(f"unsafe-{kind}")
    docker.build(tmp_path, "--load", f"--tag={image}:before")
    request = audit.Request(fix=True, unsafe=True, force=True)
    report = audit.run(config.load(tmp_path, os.environ), request, tell=lambda _: None, today=date(2026, 6, 1))
    assert codes <= {one.code for one in report.mended}
    docker.build(tmp_path, "--load", f"--tag={image}:after")
    try:
        assert docker("run", "--rm", f"{image}:after") == docker("run", "--rm", f"{image}:before")
        assert docker("run", "--rm", f"{image}:before", *who).strip() == "0"
        assert docker("run", "--rm", f"{image}:after", *who).strip() != "0"
        assert "isarray" not in docker("run", "--rm", f"{image}:after", "find", "/srv")
    finally:
        docker("image", "rm", f"{image}:before", f"{image}:after")


OWNERS = """\
FROM node:20-alpine AS builder
WORKDIR /srv
RUN mkdir -p node_modules/ms data && echo 1 > node_modules/ms/index.js && chmod 0640 node_modules/ms/index.js

FROM node:20-alpine
WORKDIR /srv
COPY --from=builder /srv/node_modules ./node_modules
COPY --from=builder /srv/data ./
ADD app.js package.json ./
COPY lib ./lib
RUN chown -R 1000:1000 /srv
USER 1000:1000
CMD ["node", "app.js"]
"""


def test_owners_given_by_copy_are_those_that_chown_gave(
    docker: Docker, tmp_path: Path, unique: Callable[[str], str]
) -> None:
    (tmp_path / "lib" / "deep").mkdir(parents=True)
    files = {"Dockerfile": OWNERS, "app.js": "console.log(1)\n", "package.json": "{}\n", "lib/deep/x.js": "1\n"}
    for path, text in files.items():
        (tmp_path / path).write_text(text)
    image = unique("owners")
    docker.build(tmp_path, "--load", f"--tag={image}:before")
    request = audit.Request(fix=True, force=True)
    report = audit.run(config.load(tmp_path, os.environ), request, tell=lambda _: None, today=date(2026, 6, 1))
    codes = {"chown-doubles-layer", "add-over-copy", "link-missing"}
    assert codes <= {one.code for one in report.mended}
    docker.build(tmp_path, "--load", f"--tag={image}:after")
    listing = ("find", "/srv", "/opt", "-maxdepth", "4", "-printf", "%p %y %m %U:%G\n")
    try:
        before, after = (docker("run", "--rm", f"{image}:{which}", *listing) for which in ("before", "after"))
        assert sorted(after.splitlines()) == sorted(before.splitlines())
    finally:
        docker("image", "rm", f"{image}:before", f"{image}:after")


TOOLED = f"""\
FROM python:3.12-slim
RUN apt-get update \\
    && apt-get install -y --no-install-recommends make libpq-dev \\
    && rm -rf /var/lib/apt/lists/*
WORKDIR /srv
COPY requirements.txt ./
RUN --mount=type=secret,id=ca {CA}; pip install --no-cache-dir -r requirements.txt
COPY app.py ./
CMD ["pyflakes", "app.py"]
"""


def test_two_stages_start_the_same_program_with_its_libraries_and_without_the_tools(
    docker: Docker, tmp_path: Path, unique: Callable[[str], str]
) -> None:
    files = {"Dockerfile": TOOLED, "requirements.txt": "pyflakes==3.4.0\n", "app.py": "import os\n"}
    for path, text in files.items():
        (tmp_path / path).write_text(text)
    image = unique("stages")
    docker.build(tmp_path, "--load", f"--tag={image}:before")
    request = audit.Request(fix=True, unsafe=True, force=True, select=("single-stage",))
    report = audit.run(config.load(tmp_path, os.environ), request, tell=lambda _: None, today=date(2026, 6, 1))
    assert [one.code for one in report.mended] == ["single-stage"]
    docker.build(tmp_path, "--load", f"--tag={image}:after")
    library = ("python", "-c", "import ctypes; print(ctypes.CDLL('libpq.so.5').PQlibVersion() > 0)")
    tool = ("python", "-c", "import shutil; print(shutil.which('make'))")
    says = ("sh", "-c", "pyflakes app.py; echo $?")
    try:
        before, after = (
            [docker("run", "--rm", f"{image}:{which}", *words) for words in (says, library, tool)]
            for which in ("before", "after")
        )
        assert after[:2] == before[:2]
        assert "imported but unused" in after[0]
        assert (before[2].strip(), after[2].strip()) == ("/usr/bin/make", "None")
    finally:
        docker("image", "rm", f"{image}:before", f"{image}:after")
