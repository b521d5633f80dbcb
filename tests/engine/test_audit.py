"""What the audit mends is built by the real engine, ships the same configuration, and installs from the mount."""

import json
import os
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from drydock import config
from drydock.commands import audit
from tests.engine.conftest import CA, Docker, Mend

PYTHON = f"""\
FROM python:3.12-slim
ENV PIP_NO_CACHE_DIR=1
WORKDIR /srv
COPY . /srv
RUN --mount=type=secret,id=ca \\
    {CA}; \\
    pip install --no-cache-dir -r requirements.txt \\
    # smaller
    && rm -rf /root/.cache
RUN useradd --create-home --uid 1234 app
USER app
RUN --mount=type=secret,id=ca,mode=0444 {CA}; pip install --user --no-cache-dir idna
EXPOSE 8000
CMD ["python", "app.py"]
"""
NODE = f"""\
FROM node:20-alpine
WORKDIR /srv
COPY . .
RUN --mount=type=secret,id=ca {CA}; npm install --omit=dev && npm cache clean --force
USER 1000:1000
EXPOSE 3000
CMD ["node", "app.js"]
"""
MANIFEST: dict[str, Any] = {"name": "app", "version": "1.0.0", "dependencies": {"ms": "2.1.3"}}
LOCK = {
    "name": "app",
    "version": "1.0.0",
    "lockfileVersion": 3,
    "packages": {"": MANIFEST, "node_modules/ms": {"version": "2.1.3"}},
}
FILES = {
    "python": {"Dockerfile": PYTHON, "requirements.txt": "six==1.17.0\n", "app.py": "import six, idna\n"},
    "node": {
        "Dockerfile": NODE,
        "package.json": json.dumps(MANIFEST),
        "package-lock.json": json.dumps(LOCK),
        "app.js": "console.log(require('ms')('1h'))\n",
    },
}
ADDED = {"PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1"}


def shipped(docker: Docker, image: str) -> dict[str, Any]:
    (found,) = json.loads(docker("image", "inspect", image))
    settings: dict[str, Any] = found["Config"]
    settings["Env"] = sorted(set(settings["Env"]) - ADDED)
    return settings


@pytest.mark.parametrize("kind", FILES)
def test_safe_fixes_build_and_ship_the_same(kind: str, docker: Docker, tmp_path: Path, mended: Mend) -> None:
    image, report = mended(FILES[kind])
    assert not [one for one in report.findings if one.fix and one.fix.safe]
    assert {"install-without-cache-mount", "manifest-after-source", "ignore-missing"} <= {
        one.code for one in report.mended
    }
    assert shipped(docker, f"{image}:after") == shipped(docker, f"{image}:before")
    assert docker("run", "--rm", f"{image}:after") == docker("run", "--rm", f"{image}:before")
    for source in tmp_path.glob("app.*"):
        source.write_text(f"{source.read_text()}{'#' if kind == 'python' else '//'} {image}\n")
    again = docker.build(tmp_path)
    assert any("COPY " in step and " . " in step for step in again.ran)
    assert not [step for step in again.ran if "requirements.txt" in step or "npm ci" in step]


CLEANS = """\
FROM python:3.12-slim
RUN printf '%s\\n' \\
    'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };' \\
    'Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";' > /etc/apt/apt.conf.d/docker-clean
"""  # what the stand-in lacks: official images delete each package behind its install
APT = """\
FROM {base}:1
ARG AGAIN
RUN apt-get update \\
    && apt-get install -y --no-install-recommends tree \\
    && apt install -y --no-install-recommends sl \\
    && rm -rf /var/lib/apt/lists/*
CMD ["tree", "--version"]
"""


def test_packages_of_apt_are_downloaded_once_although_the_base_deletes_them(
    docker: Docker, tmp_path: Path, unique: Callable[[str], str]
) -> None:
    base, file = unique("cleans"), tmp_path / "Dockerfile"
    file.write_text(CLEANS)
    docker.build(tmp_path, "--load", f"--tag={base}:1")
    try:
        file.write_text(APT.format(base=base))
        request = audit.Request(fix=True, force=True, select=("install-without-cache-mount",))
        report = audit.run(config.load(tmp_path, os.environ), request, tell=lambda _: None, today=date(2026, 6, 1))
        assert report.mended
        docker.build(tmp_path, "--load", f"--tag={base}:2")
        assert docker("run", "--rm", f"{base}:2").startswith("tree v")
        again = docker.build(tmp_path, f"--build-arg=AGAIN={base}")
        assert [step for step in again.ran if "apt-get install" in step]
        fetched = [line for line in again.output.splitlines() if "Get:" in line and "InRelease" not in line]
        assert (fetched, "Setting up tree" in again.output, "Setting up sl" in again.output) == ([], True, True)
    finally:
        docker.forget(base)
