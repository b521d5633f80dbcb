"""Planted secrets: a token in each place where one may lie, and every byte that is written or said is searched."""

import base64
import gzip
import html
import io
import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import urllib.parse
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.committing import commit
from tests.engine.conftest import PROJECT, Docker
from tests.engine.own import Own

Record = Callable[[str, object], None]
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
        "pyproject.toml": '[tool.drydock.images.web.budget]\ndisk = "1 MB"\n',
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
    *(("up",), ("ps", "--json"), ("logs",), ("down",), ("docs",), ("cache", "--json"), ("size", "--check")),
)
CHANGED = (  # after an argument and a file have other values than in the commit
    *(("build", "--changed", "--since", "HEAD"), ("build", "--changed", "--dry"), ("build", "--changed")),
    *(("summary", "--against", "HEAD"), ("prove", "--runs", "0", "--format", "markdown", "--service", "open")),
)


def test_no_planted_secret_is_written_or_said_anywhere(
    tmp_path: Path, docker: Docker, tokens: Mapping[str, str], record_property: Record
) -> None:
    root, home, adopted = tmp_path / "shop", tmp_path / "home", tmp_path / "adopted"
    plant(root, tokens)
    shutil.copytree(root, adopted)
    (adopted / "pyproject.toml").unlink()
    ours = {path: path.read_bytes() for path in (*root.rglob("*"), *adopted.rglob("*")) if path.is_file()}
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

    def run(*words: str, at: Path = root) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "drydock", *words, "--root", str(at)],
            env=environ,
            cwd=at,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=300,
            check=False,
        )
        line = " ".join(words)
        said[line] = said.get(line, b"") + done.stdout + b"\n" + done.stderr
        codes[line] = done.returncode

    try:
        for words in COMMANDS:
            run(*words)
        run("adopt", at=adopted)
        run("adopt", "--json", at=adopted)
        images = {name: [*saved(docker, f"drydock-secrets/{name}:1")] for name in ("web", "open")}
        history = {name: docker("history", "--no-trunc", f"drydock-secrets/{name}:1") for name in images}
        told = (root / "compose.yaml").read_text().replace(tokens["literal-argument"], tokens["later-argument"])
        (root / "compose.yaml").write_text(told)
        (root / "web/app.py").write_text("A = 2\n")
        for words in CHANGED:
            run(*words)
        (root / "web/Dockerfile").write_text(DOCKERFILE.format(mounted=TELLING))
        run("build", "--service", "web")
        run("build", "--service", "web", "--json", "--verbose")
        run("why")
        run("builds", "--export", str(tmp_path / "builds.json"))
        run("prove", "--runs", "0")
        there = {*(root / ".git").rglob("*")}
        commit(root)
        ours |= dict.fromkeys({*(root / ".git").rglob("*")} - there, b"")
        (root / "web/Dockerfile").write_text(DOCKERFILE.format(mounted=QUIET))
        run("summary", "--against", "HEAD", "--json")
        (root / "open/Dockerfile").write_text("FROM python:3.12-slim\nARG NPM_TOKEN\nRUN echo $NPM_TOKEN && exit 3\n")
        run("build", "--no-buildkit", "--service", "open")
        assert docker("container", "ls", "--all", "--quiet") == before, "a container holds what it was given"
    finally:
        for name in ("web", "open"):
            docker.forget(f"drydock-secrets/{name}")
    well = {0, 1, 3, 4}  # a doctor who finds this machine wanting says 3
    assert set(codes.values()) <= well, {words: code for words, code in codes.items() if code not in well}
    assert codes["build --json"] == codes["up"] == codes["prove --runs 0 --save proof"] == codes["adopt"] == 0, codes
    assert codes["build --changed"] == codes["build --changed --since HEAD"] == 0, codes
    assert codes["size --check"] == codes["summary --against HEAD"] == codes["summary --against HEAD --json"] == 1, (
        codes
    )
    assert b"::notice" in said["summary --against HEAD"]
    assert b"the build argument DEPLOY_PASSWORD changed" in said["summary --against HEAD"]
    assert b"it does not build" in said["summary --against HEAD --json"]
    answers = subprocess.run(
        [sys.executable, "-c", ASK, str(root / ".drydock/ledger.db")],
        cwd=PROJECT / "backend",
        capture_output=True,
        check=True,
    )
    assert answers.stdout.count(b" 200 ") >= 12, answers.stdout[-2000:]
    searched = [Searched(f"said by {words}", data, tokens) for words, data in said.items()]
    searched.append(Searched("answers", answers.stdout + answers.stderr, tokens))
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path not in ours]
    places = [(str(path.relative_to(tmp_path)), path) for path in written if "bases" not in path.parts]
    assert {
        *("shop/docs/measurements/proof.json", "shop/.drydock/ledger.db", "summary.md", "builds.json"),
        *("adopted/pyproject.toml", "adopted/tasks.py", "adopted/open/.dockerignore"),
    } <= {name for name, _ in places}
    assert (adopted / "compose.yaml").read_bytes() == ours[adopted / "compose.yaml"]
    for name, path in places:
        searched += [Searched(what, data, tokens) for what, data in unpacked(name, path.read_bytes())]
    searched += [Searched(what, data, tokens) for what, data in ledger(root / ".drydock/ledger.db")]
    for name, parts in images.items():
        searched += within(parts, tokens, COPIED if name == "open" else set())
        said_of = {place: token for place, token in tokens.items() if place not in ARGUMENTS}
        searched.append(Searched(f"history of {name}", history[name].encode(), said_of))
    assert leaks(searched, record_property) == []
    assert b"secret-in-build" in said["audit --format text"]
    assert b"ignore-" in said["audit --format text"]


def test_no_planted_secret_is_in_an_archive_and_what_attests_it(
    tmp_path: Path, roomy: Own, tokens: Mapping[str, str], record_property: Record
) -> None:
    root = tmp_path / "shop"
    plant(root, tokens)
    given = {"DEPLOY_TOKEN": tokens["environment"], "API_KEY": tokens["mounted-variable"]}
    given["SESSION_SECRET"] = tokens["compose-environment"]
    ended = roomy.run(root, "build", "--service", "web", "--oci", str(tmp_path / "out"), "--provenance", **given)
    assert ended.returncode == 0, ended.stderr
    parts = [*parted("archive", (tmp_path / "out/web.tar").read_bytes(), set())]
    assert any(b"slsa.dev/provenance" in part.data for part in parts)
    said = Searched("said", (ended.stdout + ended.stderr).encode(), tokens)
    assert leaks([said, *within(parts, tokens, set())], record_property) == []


@dataclass(frozen=True)
class Part:
    """Something in an image: `docker` writes of it what it was built with, if that is a configuration."""

    name: str
    data: bytes
    is_config: bool


@dataclass(frozen=True)
class Searched:
    """Bytes that are searched, and the tokens that must not be there."""

    name: str
    data: bytes
    tokens: Mapping[str, str]


def within(parts: Iterable[Part], tokens: Mapping[str, str], copied: set[str]) -> Iterator[Searched]:
    """An image, searched for all but what the repository itself copies, and arguments in what docker itself writes.

    Of both the audit speaks.
    """
    for part in parts:
        known = copied | (ARGUMENTS if part.is_config else set())
        yield Searched(part.name, part.data, {place: token for place, token in tokens.items() if place not in known})


def leaks(searched: Sequence[Searched], record: Record) -> list[str]:
    """What was found, each once; recorded is how much was searched for how much."""
    found = sorted({f"{one.name}: {leak}" for one in searched for leak in found_in(one.data, one.tokens)})
    record("planted", len(PLACES))
    record("spellings of each", len(forms("")))
    record("searched", len(searched))
    record("searched, unpacked [bytes]", sum(len(one.data) for one in searched))
    record("found", len(found))
    return found


def saved(docker: Docker, tag: str) -> Iterator[Part]:
    """The parts of an image that its base does not have, by `docker save`."""
    base = docker("image", "inspect", "--format={{json .RootFS.Layers}}", docker.base("python:3.12-slim"))
    environ = dict(docker.found.environ)
    done = subprocess.run(["docker", "image", "save", tag], env=environ, capture_output=True, check=True)
    yield from parted(tag, done.stdout, {one.partition(":")[2] for one in json.loads(base)})


def parted(name: str, data: bytes, known: set[str]) -> Iterator[Part]:
    """The parts of an archive of an image, unpacked, but for layers whose digests are known."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        members = {one.name: held.read() for one in archive if one.isfile() and (held := archive.extractfile(one))}
    for path, data in members.items():
        is_config = data[:1] == b"{" and {"rootfs", "history"} <= json.loads(data).keys()
        if path.rpartition("/")[2] not in known:
            yield from (Part(what, inner, is_config) for what, inner in unpacked(f"{name}: {path}", data))


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
