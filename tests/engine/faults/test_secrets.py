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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.engine.conftest import Docker
from tests.engine.faults.shop import ARGUMENTS, COPIED, DOCKERFILE, IMAGES, PLACES, QUIET, TELLING, Shop, opened, plant
from tests.engine.own import Own
from tests.repositories import PROJECT

Record = Callable[[str, object], None]
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


FORMATS = ("text", "json", "sarif", "github")
COMMANDS = (
    *(("build", "--json"), ("build", "--verbose"), ("build", "--dry"), ("why",), ("why", "--json")),
    *(("size",), ("size", "--json", "--top", "20"), ("size", "--save", "sizes"), ("context",), ("context", "--json")),
    *(("audit", "--format", kind) for kind in FORMATS),
    *(("audit", "--diff", "--unsafe"), ("doctor",), ("doctor", "--json"), ("builds", "--json")),
    *(("bench", "--scenario", "no-op", "--runs", "1", "--save", "timed"), ("prove", "--runs", "0", "--save", "proof")),
    *(("up",), ("ps", "--json"), ("logs",), ("down",), ("docs",), ("cache", "--json"), ("size", "--check")),
)
CHANGED = (  # after an argument and a file have other values than in the commit
    *(("build", "--changed", "--since", "HEAD"), ("build", "--changed", "--dry"), ("build", "--changed")),
    *(("summary", "--against", "HEAD"), ("prove", "--runs", "0", "--format", "markdown", "--service", "open")),
)
SAID = (
    ("summary --against HEAD", b"::notice"),
    ("summary --against HEAD", b"the build argument DEPLOY_PASSWORD changed"),
    ("summary --against HEAD --json", b"it does not build"),
    ("audit --format text", b"secret-in-build"),
    ("audit --format text", b"ignore-"),
)
WRITTEN = {
    *("shop/docs/measurements/proof.json", "shop/docs/measurements/timed.json", "shop/docs/measurements/sizes.json"),
    *("shop/.drydock/ledger.db", "summary.md", "builds.json"),
    *("adopted/pyproject.toml", "adopted/tasks.py", "adopted/open/.dockerignore"),
}
CODES: Mapping[str, set[int]] = {  # of what does not end with 0
    **{f"audit {words}": {1} for words in (*(f"--format {kind}" for kind in FORMATS), "--diff --unsafe")},
    **{words: {0, 3} for words in ("doctor", "doctor --json")},  # whether this machine is well is not asked here
    **{words: {1} for words in ("size --check", "summary --against HEAD", "summary --against HEAD --json")},
    **{f"build {words}": {4} for words in ("--service web", "--service web --json --verbose")},
    "build --no-buildkit --service open": {4},
}


def test_no_planted_secret_is_written_or_said_anywhere(
    tmp_path: Path, docker: Docker, tokens: Mapping[str, str], record_property: Record
) -> None:
    made = opened(tmp_path, docker, tokens)
    before = docker("container", "ls", "--all", "--quiet")
    try:
        images = [*traded(made, docker, tokens)]
        edited(made, tokens)
        broken(made)
        assert docker("container", "ls", "--all", "--quiet") == before, "a container holds what it was given"
    finally:
        for name in IMAGES:
            docker.forget(f"drydock-secrets/{name}")
    odd = [(line, code) for line, code in made.codes if code not in CODES.get(line, {0})]
    assert odd == [], odd
    assert {what for line, what in SAID if what not in made.said[line]} == set()
    assert made.written().keys() >= WRITTEN
    assert (made.adopted / "compose.yaml").read_bytes() == made.given[made.adopted / "compose.yaml"]
    assert leaks([*images, *outside(made, tokens)], record_property) == []


def traded(made: Shop, docker: Docker, tokens: Mapping[str, str]) -> Iterator[Searched]:
    """Every command once, on what was committed; gives the images and what docker tells of how they came about."""
    for words in COMMANDS:
        made.run(*words)
    made.run("adopt", at=made.adopted)
    made.run("adopt", "--json", at=made.adopted)
    told_elsewhere = {place: token for place, token in tokens.items() if place not in ARGUMENTS}
    for name in IMAGES:
        tag = f"drydock-secrets/{name}:1"
        yield from within(saved(docker, tag), tokens, COPIED if name == "open" else set())
        yield Searched(f"history of {name}", docker("history", "--no-trunc", tag).encode(), told_elsewhere)


def edited(made: Shop, tokens: Mapping[str, str]) -> None:
    """What looks at changes, after an argument and a file have other values than in the commit."""
    file = made.root / "compose.yaml"
    file.write_text(file.read_text().replace(tokens["literal-argument"], tokens["later-argument"]))
    (made.root / "web/app.py").write_text("A = 2\n")
    for words in CHANGED:
        made.run(*words)


def broken(made: Shop) -> None:
    """Builds that fail, with and without BuildKit, that say what they were given; and what is told of them."""
    dockerfile = made.root / "web/Dockerfile"
    dockerfile.write_text(DOCKERFILE.format(mounted=TELLING))
    made.run("build", "--service", "web")
    made.run("build", "--service", "web", "--json", "--verbose")
    made.run("why")
    made.run("builds", "--export", str(made.folder / "builds.json"))
    made.run("prove", "--runs", "0")
    made.commit()
    dockerfile.write_text(DOCKERFILE.format(mounted=QUIET))
    made.run("summary", "--against", "HEAD", "--json")
    telling = "FROM python:3.12-slim\nARG NPM_TOKEN\nRUN echo $NPM_TOKEN && exit 3\n"
    (made.root / "open/Dockerfile").write_text(telling)
    made.run("build", "--no-buildkit", "--service", "open")


def outside(made: Shop, tokens: Mapping[str, str]) -> Iterator[Searched]:
    """What was said, what was written, and what the dashboard's API answers from it."""
    records = made.root / ".drydock/ledger.db"
    argv = [sys.executable, "-c", ASK, str(records)]
    answers = subprocess.run(argv, cwd=PROJECT / "backend", capture_output=True, check=True)
    assert answers.stdout.count(b" 200 ") >= 12, answers.stdout[-2000:]
    yield Searched("answers", answers.stdout + answers.stderr, tokens)
    for words, data in made.said.items():
        yield Searched(f"said by {words}", data, tokens)
    for name, path in made.written().items():
        yield from (Searched(what, data, tokens) for what, data in unpacked(name, path.read_bytes()))
    yield from (Searched(what, data, tokens) for what, data in ledger(records))


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
