"""A shop with a token in each place where one may lie, and Drydock's commands on it: what they say, how they end."""

import json
import shutil
import subprocess
import sys
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.committing import commit
from tests.engine.conftest import Docker
from tests.repositories import PROJECT

PLACES = (  # where a token is planted; each is another one
    *("environment", "dotenv", "argument", "literal-argument", "address", "mounted-file", "mounted-variable"),
    *("npmrc", "env-file", "key-file", "compose-environment", "compose-literal", "label"),
    "later-argument",
)
ARGUMENTS = {"argument", "literal-argument", "later-argument", "address"}  # docker writes their values into the history
COPIED = {"npmrc", "env-file", "key-file"}  # by a Dockerfile whose context leaves nothing out
DOCKERFILE = """\
FROM python:3.12-slim
ARG NPM_TOKEN
ARG DEPLOY_PASSWORD
ARG PIP_INDEX_URL
WORKDIR /srv
RUN test -n "$NPM_TOKEN" && test -n "$DEPLOY_PASSWORD" && test -n "$PIP_INDEX_URL"
RUN --mount=type=secret,id=netrc --mount=type=secret,id=api {mounted}
COPY . /srv
CMD ["sleep", "600"]
"""
QUIET = "test -s /run/secrets/netrc && test -s /run/secrets/api"
TELLING = (
    'echo "args $NPM_TOKEN $DEPLOY_PASSWORD $PIP_INDEX_URL" && cat /run/secrets/netrc /run/secrets/api '
    "&& cat /run/secrets/netrc >&2 && exit 9"
)
IMAGES = ("web", "open")


@dataclass(frozen=True)
class Shop:
    """A repository in a folder, another that adopts Drydock, and what commands said and ended with, in their order."""

    folder: Path
    environ: Mapping[str, str]
    given: dict[Path, bytes]  # the files that nobody but the test wrote
    said: dict[str, bytes] = field(default_factory=dict)
    codes: list[tuple[str, int]] = field(default_factory=list)

    @property
    def root(self) -> Path:
        return self.folder / "shop"

    @property
    def adopted(self) -> Path:
        return self.folder / "adopted"

    def run(self, *words: str, at: Path | None = None) -> None:
        """A command, as a user starts it."""
        place = at or self.root
        argv = [sys.executable, "-m", "drydock", *words, "--root", str(place)]
        done = subprocess.run(
            argv,
            env=self.environ,
            cwd=place,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=300,
            check=False,
        )
        line = " ".join(words).replace(str(self.folder), "FOLDER")
        self.said[line] = self.said.get(line, b"") + done.stdout + b"\n" + done.stderr
        self.codes.append((line, done.returncode))

    def commit(self) -> None:
        """Commit what is there; what git writes of it is given too."""
        before = {*(self.root / ".git").rglob("*")}
        commit(self.root)
        self.given.update(dict.fromkeys({*(self.root / ".git").rglob("*")} - before, b""))

    def written(self) -> dict[str, Path]:
        """The files that Drydock wrote, by their names in the folder."""
        found = (path for path in self.folder.rglob("*") if path.is_file() and path not in self.given)
        names = {path.relative_to(self.folder).as_posix(): path for path in found}
        return {name: path for name, path in names.items() if "bases" not in path.parts}


def opened(folder: Path, docker: Docker, tokens: Mapping[str, str]) -> Shop:
    """The shop with its tokens in place, and a home of Drydock's own beside it that knows the bases."""
    root, home, adopted = folder / "shop", folder / "home", folder / "adopted"
    plant(root, tokens)
    shutil.copytree(root, adopted)
    (adopted / "pyproject.toml").unlink()
    home.mkdir()
    if (bases := docker.settings.home / "bases").exists():
        (home / "bases").symlink_to(bases)
    environ = {
        **{name: value for name, value in docker.found.environ.items() if not name.startswith("DRYDOCK_RUN")},
        **{"DEPLOY_TOKEN": tokens["environment"], "API_KEY": tokens["mounted-variable"], "PYTHONPATH": str(PROJECT)},
        **{"SESSION_SECRET": tokens["compose-environment"], "GITHUB_STEP_SUMMARY": str(folder / "summary.md")},
        **{"GITHUB_ACTIONS": "true", "DRYDOCK_HOME": str(home)},
    }
    given = {path: path.read_bytes() for path in (*root.rglob("*"), *adopted.rglob("*")) if path.is_file()}
    return Shop(folder, environ, given)


def plant(root: Path, tokens: Mapping[str, str]) -> None:
    """A repository with a token in each place; of its two images one leaves secret files out, and one does not."""
    files = {
        "compose.yaml": json.dumps(compose(tokens)),
        "netrc.txt": f"machine packages.invalid password {tokens['mounted-file']}\n",
        ".env": f"NPM_TOKEN={tokens['argument']}\nSIGNING_KEY={tokens['dotenv']}\n",
        ".gitignore": ".env\n.drydock\n",
        "web/Dockerfile": DOCKERFILE.format(mounted=QUIET),
        "web/.dockerignore": ".npmrc\n.env\nid_rsa\n",
        "web/app.py": "A = 1\n",
        "open/Dockerfile": "FROM python:3.12-slim\nCOPY . /srv\n",
        "pyproject.toml": '[tool.drydock.images.web.budget]\ndisk = "1 MB"\n',
    }
    for folder in IMAGES:
        files |= {
            f"{folder}/.npmrc": f"//packages.invalid/:_authToken={tokens['npmrc']}\n",
            f"{folder}/.env": f"PASSWORD={tokens['env-file']}\n",
            f"{folder}/id_rsa": f"-----BEGIN PRIVATE KEY-----\n{tokens['key-file']}\n-----END PRIVATE KEY-----\n",
        }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    commit(root)


def compose(tokens: Mapping[str, str]) -> dict[str, Any]:
    """Its compose file."""
    quoted = urllib.parse.quote(tokens["address"], safe="")
    args = {
        "NPM_TOKEN": "${NPM_TOKEN}",
        "DEPLOY_PASSWORD": tokens["literal-argument"],
        "PIP_INDEX_URL": f"https://joe:{quoted}@packages.invalid/simple",
    }
    web = {
        "build": {"context": "web", "args": args, "secrets": ["netrc", "api"]},
        "image": "drydock-secrets/web:1",
        "environment": {"SESSION_SECRET": "${SESSION_SECRET}", "DB_PASSWORD": tokens["compose-literal"]},
        "labels": {"org.example.api-key": tokens["label"]},
    }
    opened = {
        "build": {"context": "open", "args": {"NPM_TOKEN": "${NPM_TOKEN}"}},
        "image": "drydock-secrets/open:1",
        "command": ["sleep", "600"],
    }
    secrets = {"netrc": {"file": "./netrc.txt"}, "api": {"environment": "API_KEY"}}
    return {"services": {"web": web, "open": opened}, "secrets": secrets}
