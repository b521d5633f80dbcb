"""What unsafe fixes make of a service is built by the real engine, starts, and says what it said."""

import json

import pytest

from tests.engine.conftest import CA, Docker, Mend

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
    kind: str, docker: Docker, mended: Mend
) -> None:
    files, codes, who = SERVICES[kind]
    image, report = mended(files, unsafe=True)
    assert codes <= {one.code for one in report.mended}
    assert docker("run", "--rm", f"{image}:after") == docker("run", "--rm", f"{image}:before")
    assert docker("run", "--rm", f"{image}:before", *who).strip() == "0"
    assert docker("run", "--rm", f"{image}:after", *who).strip() != "0"
    assert "isarray" not in docker("run", "--rm", f"{image}:after", "find", "/srv")


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


def test_owners_given_by_copy_are_those_that_chown_gave(docker: Docker, mended: Mend) -> None:
    files = {"Dockerfile": OWNERS, "app.js": "console.log(1)\n", "package.json": "{}\n", "lib/deep/x.js": "1\n"}
    image, report = mended(files)
    assert {"chown-doubles-layer", "add-over-copy", "link-missing"} <= {one.code for one in report.mended}
    listing = ("find", "/srv", "/opt", "-maxdepth", "4", "-printf", "%p %y %m %U:%G\n")
    before, after = (docker("run", "--rm", f"{image}:{which}", *listing) for which in ("before", "after"))
    assert sorted(after.splitlines()) == sorted(before.splitlines())


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
    docker: Docker, mended: Mend
) -> None:
    files = {"Dockerfile": TOOLED, "requirements.txt": "pyflakes==3.4.0\n", "app.py": "import os\n"}
    image, report = mended(files, unsafe=True, select=("single-stage",))
    assert [one.code for one in report.mended] == ["single-stage"]
    library = ("python", "-c", "import ctypes; print(ctypes.CDLL('libpq.so.5').PQlibVersion() > 0)")
    tool = ("python", "-c", "import shutil; print(shutil.which('make'))")
    says = ("sh", "-c", "pyflakes app.py; echo $?")
    before, after = (
        [docker("run", "--rm", f"{image}:{which}", *words) for words in (says, library, tool)]
        for which in ("before", "after")
    )
    assert after[:2] == before[:2]
    assert "imported but unused" in after[0]
    assert (before[2].strip(), after[2].strip()) == ("/usr/bin/make", "None")
