"""Planted secrets: a token in each place where one may lie, and every byte that is written or said is searched."""

import base64
import gzip
import html
import io
import json
import sqlite3
import subprocess
import sys
import tarfile
import urllib.parse
import uuid
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from tests.committing import commit
from tests.engine.conftest import PROJECT, Docker

PLACES = (  # where a token is planted; each is another one
    *("environment", "dotenv", "argument", "literal-argument", "address", "mounted-file", "mounted-variable"),
    *("npmrc", "env-file", "key-file", "compose-environment", "compose-literal", "label"),
)
BY_DOCKER = {"argument", "literal-argument", "address"}  # of which docker itself writes the values into the history
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
ASK = """
import json, sys
from app import create_app
client = create_app({"DRYDOCK_LEDGER": sys.argv[1]}).test_client()
paths = ["/api/health", "/api/v1/images", "/api/v1/builds", "/api/v1/scenarios", "/api/v1/findings", "/api/v1/proofs",
         "/api/v1/doctor", "/api/v1/running", "/api/v1/compare?before=1&after=2"]
paths += [f"/api/v1/builds/{number}" for number in range(1, 9)] + ["/api/v1/images/web", "/api/v1/images/open"]
for path in paths:
    answer = client.get(path)
    print(path, answer.status_code, dict(answer.headers), answer.get_data(as_text=True))
"""


@pytest.fixture
def tokens() -> Mapping[str, str]:
    """A token for each place, with signs that URLs, JSON and HTML write otherwise."""
    return {place: f"tk{number}Z{uuid.uuid4().hex[:20]}+/&q" for number, place in enumerate(PLACES)}


def forms(token: str) -> dict[str, bytes]:
    """A token as it may be written: as it is, in an address, in JSON, in HTML, and within base64 wherever it begins."""
    core = token.partition("+")[0]
    found = {
        "as it is": token,
        "its beginning": core,
        "in an address": urllib.parse.quote(token, safe=""),
        "in JSON": json.dumps(token)[1:-1],
        "in HTML": html.escape(token),
    }
    inside = {
        f"in base64, from {at}": base64.b64encode(b"x" * at + core.encode())[4 if at else 0 : -4] for at in range(3)
    }
    return {how: text.encode() for how, text in found.items()} | inside


def found_in(data: bytes, tokens: Mapping[str, str]) -> list[str]:
    return [f"{place}, {how}" for place, token in tokens.items() for how, form in forms(token).items() if form in data]


def unpacked(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Bytes, and what they hold where they are packed: gzip, zlib, a tar, a ledger."""
    yield name, data
    if data[:2] == b"\x1f\x8b":
        yield from unpacked(f"{name}, unpacked", gzip.decompress(data))
    elif data[:1] == b"\x78":
        try:
            yield f"{name}, inflated", zlib.decompress(data)
        except zlib.error:
            return
    elif len(data) > 262 and data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for one in archive:
                if one.isfile() and (held := archive.extractfile(one)):
                    yield from unpacked(f"{name}: {one.name}", held.read())


def ledger(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every value of every row, unpacked."""
    with closing(sqlite3.connect(path)) as base:
        for (table,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in base.execute(f"SELECT * FROM {table}"):  # noqa: S608  names only
                for value in row:
                    data = value if isinstance(value, bytes) else str(value).encode()
                    yield from unpacked(f"ledger, {table}", data)


def plant(root: Path, tokens: Mapping[str, str]) -> None:
    """A repository with a token in each place; of its two images one leaves secret files out, and one does not."""
    quoted = urllib.parse.quote(tokens["address"], safe="")
    web = {
        "build": {
            "context": "web",
            "args": {
                "NPM_TOKEN": "${NPM_TOKEN}",
                "DEPLOY_PASSWORD": tokens["literal-argument"],
                "PIP_INDEX_URL": f"https://joe:{quoted}@packages.invalid/simple",
            },
            "secrets": ["netrc", "api"],
        },
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
    files = {
        "compose.yaml": json.dumps({"services": {"web": web, "open": opened}, "secrets": secrets}),
        "netrc.txt": f"machine packages.invalid password {tokens['mounted-file']}\n",
        ".env": f"NPM_TOKEN={tokens['argument']}\nSIGNING_KEY={tokens['dotenv']}\n",
        ".gitignore": ".env\n.drydock\n",
        "web/Dockerfile": DOCKERFILE.format(mounted=QUIET),
        "web/.dockerignore": ".npmrc\n.env\nid_rsa\n",
        "web/app.py": "A = 1\n",
        "open/Dockerfile": "FROM python:3.12-slim\nCOPY . /srv\n",
    }
    for folder in ("web", "open"):
        files |= {
            f"{folder}/.npmrc": f"//packages.invalid/:_authToken={tokens['npmrc']}\n",
            f"{folder}/.env": f"PASSWORD={tokens['env-file']}\n",
            f"{folder}/id_rsa": f"-----BEGIN PRIVATE KEY-----\n{tokens['key-file']}\n-----END PRIVATE KEY-----\n",
        }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    commit(root)


COMMANDS = (
    *(("build", "--json"), ("build", "--verbose"), ("build", "--dry"), ("why",), ("why", "--json")),
    *(("size",), ("size", "--json", "--top", "20"), ("size", "--save", "sizes"), ("context",), ("context", "--json")),
    *(("audit", "--format", kind) for kind in ("text", "json", "sarif", "github")),
    *(("audit", "--diff", "--unsafe"), ("doctor",), ("doctor", "--json"), ("builds", "--json")),
    *(("bench", "--scenario", "no-op", "--runs", "1", "--save", "timed"), ("prove", "--runs", "0", "--save", "proof")),
    *(("up",), ("ps", "--json"), ("logs",), ("down",), ("docs",)),
)


def test_no_planted_secret_is_written_or_said_anywhere(
    tmp_path: Path, docker: Docker, tokens: Mapping[str, str]
) -> None:
    root, home = tmp_path / "shop", tmp_path / "home"
    plant(root, tokens)
    environ = {
        **{name: value for name, value in docker.found.environ.items() if not name.startswith("DRYDOCK_RUN")},
        **{"DEPLOY_TOKEN": tokens["environment"], "API_KEY": tokens["mounted-variable"], "PYTHONPATH": str(PROJECT)},
        **{"SESSION_SECRET": tokens["compose-environment"], "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")},
        **{"GITHUB_ACTIONS": "true", "DRYDOCK_HOME": str(home)},
    }
    home.mkdir()
    if (bases := docker.settings.home / "bases").exists():
        (home / "bases").symlink_to(bases)
    before = docker("container", "ls", "--all", "--quiet")
    said = dict[str, bytes]()
    codes = dict[str, int]()

    def run(*words: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "drydock", *words, "--root", str(root)],
            env=environ,
            cwd=root,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=300,
            check=False,
        )
        said[" ".join(words)] = done.stdout + b"\n" + done.stderr
        codes[" ".join(words)] = done.returncode

    try:
        for words in COMMANDS:
            run(*words)
        images = {name: b"".join(saved(docker, f"drydock-secrets/{name}:1")) for name in ("web", "open")}
        history = {name: docker("history", "--no-trunc", f"drydock-secrets/{name}:1") for name in images}
        (root / "web/Dockerfile").write_text(DOCKERFILE.format(mounted=TELLING))
        run("build", "--service", "web")
        run("build", "--service", "web", "--json", "--verbose")
        run("why")
        run("builds", "--export", str(tmp_path / "builds.json"))
        run("prove", "--runs", "0")
        (root / "open/Dockerfile").write_text("FROM python:3.12-slim\nARG NPM_TOKEN\nRUN echo $NPM_TOKEN && exit 3\n")
        run("build", "--no-buildkit", "--service", "open")
        assert docker("container", "ls", "--all", "--quiet") == before, "a container holds what it was given"
    finally:
        for name in ("web", "open"):
            docker.forget(f"drydock-secrets/{name}")
    well = {0, 1, 3, 4}  # a doctor who finds this machine wanting says 3
    assert set(codes.values()) <= well, {words: code for words, code in codes.items() if code not in well}
    assert codes["build --json"] == codes["up"] == codes["prove --runs 0 --save proof"] == 0, codes
    answers = subprocess.run(
        [sys.executable, "-c", ASK, str(root / ".drydock/ledger.db")],
        cwd=PROJECT / "backend",
        capture_output=True,
        check=True,
    )
    assert answers.stdout.count(b" 200 ") >= 12, answers.stdout[-2000:]
    leaks = [f"said by {words}: {one}" for words, data in said.items() for one in found_in(data, tokens)]
    leaks += [f"answers: {one}" for one in found_in(answers.stdout + answers.stderr, tokens)]
    written = [*(root / ".drydock").rglob("*"), *(root / "docs").rglob("*"), *home.rglob("*")]
    written += [tmp_path / "summary.md", tmp_path / "builds.json"]
    places = [
        (str(path.relative_to(tmp_path)), path) for path in written if path.is_file() and "bases" not in path.parts
    ]
    assert {"shop/docs/measurements/proof.json", "shop/.drydock/ledger.db", "summary.md"} <= {
        name for name, _ in places
    }
    for name, path in places:
        for what, data in unpacked(name, path.read_bytes()):
            leaks += [f"{what}: {one}" for one in found_in(data, tokens)]
    for what, data in ledger(root / ".drydock/ledger.db"):
        leaks += [f"{what}: {one}" for one in found_in(data, tokens)]
    # What the repository itself copies is in the image, and docker's history has the arguments: the audit says so.
    ours = {place: token for place, token in tokens.items() if place not in BY_DOCKER}
    copied = {place: token for place, token in ours.items() if place not in ("npmrc", "env-file", "key-file")}
    for name, kept in (("web", ours), ("open", copied)):
        leaks += [f"image {name}: {one}" for one in found_in(images[name] + history[name].encode(), kept)]
    assert not leaks, "\n".join(sorted(set(leaks)))
    assert b"secret-in-build" in said["audit --format text"]
    assert b"ignore-" in said["audit --format text"]


def saved(docker: Docker, tag: str) -> Iterator[bytes]:
    """All that `docker save` gives of an image, its layers and what is in them unpacked."""
    done = subprocess.run(
        ["docker", "image", "save", tag], env=dict(docker.found.environ), capture_output=True, check=True
    )
    for _, data in unpacked(tag, done.stdout):
        yield data


def test_the_search_finds_what_is_there(tokens: Mapping[str, str]) -> None:
    token = tokens["dotenv"]
    for data in (
        token.encode(),
        urllib.parse.quote(token).encode(),
        json.dumps({"a": token}).encode(),
        *(base64.b64encode(b"x" * at + token.encode() + b"more") for at in range(3)),
    ):
        assert found_in(data, tokens), data
    packed = gzip.compress(zlib.compress(token.encode()))
    assert any(found_in(data, tokens) for _, data in unpacked("packed", packed))
    assert found_in(b"nothing of it", tokens) == []
