"""`drydock build` on a real engine: what ran, what was cached, what was weighed and kept."""

import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from drydock import command, config
from drydock.engines import engine
from tests.repositories import PROJECT

COMPOSE = """\
services:
  web: {build: {context: web, additional_contexts: {tests: web/tests}}, image: "drydock-engine-test/web:local"}
  api: {build: {context: web, target: builder}, image: "drydock-engine-test/api:local"}
"""
DOCKERFILE = """\
FROM python:3.12-slim AS builder
WORKDIR /app
COPY lock .
RUN --mount=type=cache,target=/cache \\
    --mount=type=secret,id=ca \\
    cat lock > installed && head -c 2000000 /dev/zero > heavy

FROM python:3.12-slim AS app
ENV A=1
COPY --from=builder /app /app
COPY source /app/source

FROM app AS test
COPY --from=tests . /tests

FROM app AS runtime
CMD ["python3"]
"""
LINES = {"WORKDIR": 2, "COPY lock": 3, "RUN": 4, "COPY --from=builder": 10, "COPY source": 11}


@dataclass(frozen=True)
class Repository:
    """A repository of two images from one Dockerfile, and Drydock as a user runs it there."""

    root: Path
    environ: Mapping[str, str]

    def run(self, *words: str, **changes: str) -> "subprocess.CompletedProcess[str]":
        argv = [sys.executable, "-m", "drydock", *words, "--root", str(self.root)]
        return subprocess.run(
            argv, env={**self.environ, **changes}, capture_output=True, text=True, timeout=300, check=False
        )

    def on_terminal(self, *words: str) -> str:
        """What is drawn on a terminal of 110 columns while the words run; they must succeed."""
        ours, theirs = pty.openpty()
        environ = {**self.environ, "TERM": "xterm", "COLUMNS": "110", "CI": ""}
        argv = [sys.executable, "-m", "drydock", *words, "--root", str(self.root)]
        with subprocess.Popen(argv, env=environ, stdout=subprocess.DEVNULL, stderr=theirs) as child:
            os.close(theirs)
            drawn = b""
            with suppress(OSError):  # how Linux says that the other side is closed
                while chunk := os.read(ours, 1 << 16):
                    drawn += chunk
        os.close(ours)
        assert child.returncode == 0, drawn
        return drawn.decode()

    def build(self, *words: str, **changes: str) -> dict[str, Any]:
        """The images of a build by name; it must succeed."""
        ended = self.run("build", "--json", *words, **changes)
        assert ended.returncode == 0, ended.stderr
        return {image["name"]: image for image in json.loads(ended.stdout)["images"]}


@pytest.fixture(scope="module", autouse=True)
def no_images_left() -> Iterator[None]:
    """What these tests build is removed at the end."""
    yield
    environ = engine.find(config.load(PROJECT, os.environ)).environ
    held = command.run(["docker", "image", "ls", "--quiet", "--filter", "reference=drydock-engine-test/*"], env=environ)
    command.run(["docker", "image", "rm", "--force", *held.out.split()], env=environ)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    root = tmp_path / "a repository"
    (root / "web" / "tests").mkdir(parents=True)
    (root / "compose.yaml").write_text(COMPOSE)
    (root / "web" / "Dockerfile").write_text(DOCKERFILE)
    (root / "web" / "lock").write_text(f"{tmp_path}\n")  # never in a cache from before
    (root / "web" / "source").write_text("one\n")
    (root / "web" / "tests" / "test").write_text("one\n")
    return Repository(root, {**os.environ, "PYTHONPATH": str(PROJECT), "NO_COLOR": "1"})


def ran(image: Mapping[str, Any]) -> list[str]:
    return [" ".join(step["instruction"].split()[:2]) for step in image["steps"] if not step["cached"]]


def test_each_step_has_its_line_and_an_edit_runs_only_what_follows_from_it(repository: Repository) -> None:
    web = repository.build()["web"]
    assert [step["line"] for step in web["steps"]] == sorted(LINES.values())
    assert [step["stage"] for step in web["steps"]] == ["builder"] * 3 + ["app"] * 2
    assert web["own_bytes"] == 2_000_000 + 2 * len((repository.root / "web" / "lock").read_text()) + 4
    assert web["disk_bytes"] == web["base_bytes"] + web["own_bytes"]
    assert 0 < web["pull_bytes"] < web["disk_bytes"]
    again = repository.build()["web"]
    assert ran(again) == []
    assert again["digest"] == web["digest"] == again["previous"]["digest"]
    assert (again["disk_bytes"], again["pull_bytes"]) == (web["disk_bytes"], web["pull_bytes"])
    (repository.root / "web" / "source").write_text("three\n")
    edited = repository.build()["web"]
    assert ran(edited) == ["COPY source"]
    assert edited["disk_bytes"] == web["disk_bytes"] + 2
    assert edited["context_bytes"] > 0


def test_a_build_is_recorded_with_its_critical_path_and_its_export(repository: Repository) -> None:
    web = repository.build("--service", "web")["web"]
    lines = [step["line"] for step in web["steps"]]
    waits = {step["line"]: [lines[at] for at in step["inputs"]] for step in web["steps"]}
    assert waits == {
        LINES["WORKDIR"]: [],
        LINES["COPY lock"]: [LINES["WORKDIR"]],
        LINES["RUN"]: [LINES["COPY lock"]],
        LINES["COPY --from=builder"]: [LINES["RUN"]],
        LINES["COPY source"]: [LINES["COPY --from=builder"]],
    }
    assert all(step["critical"] for step in web["steps"] if not step["cached"])  # one chain: each waits for the last
    assert 0 < web["export_seconds"] < web["seconds"]
    repository.build("--service", "web")
    listed = json.loads(repository.run("builds", "--json").stdout)["builds"]
    assert [one["id"] for one in listed] == [2, 1]
    assert listed[1]["export_seconds"] == pytest.approx(web["export_seconds"], abs=0.001)
    assert [step["critical"] for step in listed[1]["steps"]] == [step["critical"] for step in web["steps"]]
    assert not any(step["critical"] for step in listed[0]["steps"])  # nothing took time
    compared = json.loads(repository.run("builds", "--compare", "1..2", "--json").stdout)
    told = {step["instruction"].split(" ")[0] + str(step["before"]["line"]): step for step in compared["steps"]}
    assert told[f"RUN{LINES['RUN']}"]["difference"] == "from the cache"
    assert told[f"RUN{LINES['RUN']}"]["before"]["critical"]


def test_of_steps_side_by_side_the_longer_is_critical(repository: Repository) -> None:
    (repository.root / "web" / "Dockerfile").write_text(
        "FROM python:3.12-slim AS slow\nCOPY lock .\nRUN sleep 1.5\n"
        "FROM python:3.12-slim AS quick\nCOPY lock .\nRUN true\n"
        "FROM python:3.12-slim\nCOPY --from=quick lock quick\nCOPY --from=slow lock slow\n"
    )
    (repository.root / "compose.yaml").write_text(COMPOSE.replace(", target: builder", ""))
    web = repository.build("--service", "web")["web"]
    critical = {step["line"]: step["critical"] for step in web["steps"]}
    assert (critical[3], critical[6], critical[9]) == (True, False, True)


def test_two_builds_at_once_and_a_killed_one_leave_every_record_whole(repository: Repository) -> None:
    argv = [sys.executable, "-m", "drydock", "build", "--root", str(repository.root)]

    def start() -> "subprocess.Popen[bytes]":
        return subprocess.Popen(argv, env=dict(repository.environ), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    both = [start(), start()]
    assert [child.communicate() and child.returncode for child in both] == [0, 0]
    text = DOCKERFILE.replace("cat lock > installed", "sleep 1")
    (repository.root / "web" / "Dockerfile").write_text(text)
    doomed = start()
    assert doomed.stdout is not None
    assert doomed.stdout.read(1)
    doomed.kill()
    doomed.wait()
    doomed.stdout.close()  # buildx may outlive it for a moment, and holds the other end
    listed = json.loads(repository.run("builds", "--json").stdout)["builds"]
    assert sorted(one["image"] for one in listed) == ["api", "api", "web", "web"]
    assert {(one["image"], len(one["steps"])) for one in listed} == {("api", 3), ("web", 5)}
    with sqlite3.connect(repository.root / ".drydock" / "ledger.db") as base:
        assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_terminal_shows_the_step_and_the_time_that_earlier_builds_took(repository: Repository) -> None:
    written = repository.root / "web" / "Dockerfile"
    written.write_text(written.read_text().replace("> heavy", "> heavy && sleep 1"))
    first = repository.on_terminal("build")
    assert "builder: RUN" in first
    assert "of about" not in first
    (repository.root / "web" / "lock").write_text(f"{repository.root} again\n")
    expected = [float(found) for found in re.findall(r"of about (\d+\.\d+) s", repository.on_terminal("build"))]
    assert max(expected) >= 1


def test_sizes_are_those_of_the_archive_the_engine_gives_out(repository: Repository, tmp_path: Path) -> None:
    import tarfile

    web = repository.build("--service", "web")["web"]
    docker = command.run(
        ["docker", "image", "save", "-o", str(tmp_path / "saved.tar"), web["tag"]],
        env=engine.find(config.load(repository.root, repository.environ)).environ,
    )
    assert docker.ok, docker.err
    total = 0
    with tarfile.open(tmp_path / "saved.tar") as archive:
        manifest = json.load(archive.extractfile("manifest.json"))  # type: ignore[arg-type]
        for name in manifest[0]["Layers"]:
            with tarfile.open(fileobj=archive.extractfile(name)) as layer:
                total += sum(member.size for member in layer if member.isreg())
    assert total == web["disk_bytes"]


def test_one_service_alone_and_another_stage_leave_the_rest_as_it_was(repository: Repository) -> None:
    shipped = repository.build("--service", "web")
    assert list(shipped) == ["web"]
    tested = repository.build("--service", "web", "--target", "test")["web"]
    assert tested["tag"] == "drydock-engine-test/web:local-test"
    assert ran(tested) == ["COPY --from=tests"]
    assert repository.build("--service", "web")["web"]["digest"] == shipped["web"]["digest"]
    with sqlite3.connect(repository.root / ".drydock" / "ledger.db") as base:
        scenarios = base.execute("SELECT scenario FROM builds ORDER BY id").fetchall()
    assert scenarios == [("build",), ("target test",), ("build",)]


def test_what_rests_on_a_stand_in_is_not_pushed(repository: Repository) -> None:
    if not repository.build("--service", "web")["web"]["standin"]:
        pytest.skip("a registry gave the real base")
    ended = repository.run("build", "--push")
    assert ended.returncode == 2
    assert "stand-in" in ended.stderr


def test_an_unknown_stage_is_answered_with_those_there_are(repository: Repository) -> None:
    ended = repository.run("build", "--service", "web", "--target", "nowhere")
    assert ended.returncode == 2
    assert "builder, app, test, runtime" in ended.stderr


def test_dry_shows_the_bake_and_builds_nothing(repository: Repository) -> None:
    argv = [sys.executable, "-m", "drydock", "--dry", "build", "--root", str(repository.root)]
    ended = subprocess.run(argv, env=dict(repository.environ), capture_output=True, text=True, check=True)
    shown = ended.stderr[ended.stderr.index("$ docker buildx bake") :]
    document = json.loads(shown.partition("\n")[2])
    assert set(document["target"]) == {"web", "api"}
    assert not (repository.root / ".drydock" / "ledger.db").exists()


def test_secrets_proxies_and_odd_arguments_leave_no_trace(repository: Repository) -> None:
    text = DOCKERFILE.replace("ENV A=1", 'ARG ODD\nRUN test "$ODD" = \'${x} %{y}\' && test -n "$HTTP_PROXY"')
    (repository.root / "web" / "Dockerfile").write_text(text)
    (repository.root / "compose.yaml").write_text(
        "services:\n  web:\n    image: drydock-engine-test/web:local\n    build:\n      context: web\n"
        "      additional_contexts: {tests: web/tests}\n      args: {ODD: '$${x} %{y}'}\n"
    )
    proxy = "http://user:hidden-word@proxy.invalid:1"
    web = repository.build(HTTP_PROXY=proxy)["web"]
    docker = engine.find(config.load(repository.root, repository.environ)).environ
    for words in (["history", "--no-trunc"], ["inspect"]):
        told = command.run(["docker", "image", *words, web["tag"]], env=docker).out
        assert told
        assert "hidden-word" not in told
    assert b"hidden-word" not in b"".join(p.read_bytes() for p in (repository.root / ".drydock").rglob("*"))


def test_without_buildkit_these_dockerfiles_are_refused_and_plain_ones_built(repository: Repository) -> None:
    refused = repository.run("build", "--no-buildkit")
    assert refused.returncode == 2
    assert "web/Dockerfile:4: RUN with --mount" in refused.stderr
    (repository.root / "web" / "Dockerfile").write_text(
        "FROM python:3.12-slim AS builder\nCOPY lock /lock\nRUN cat /lock\n"
    )
    (repository.root / "compose.yaml").write_text(
        "services: {web: {build: web, image: 'drydock-engine-test/plain:local'}}\n"
    )
    web = repository.build("--no-buildkit")["web"]
    assert [(step["line"], step["cached"]) for step in web["steps"]] == [(2, False), (3, False)]
    assert ran(repository.build("--no-buildkit")["web"]) == []


def test_a_failed_image_is_kept_as_failed_and_what_was_done_as_done(repository: Repository) -> None:
    text = DOCKERFILE + "RUN sleep 2; echo last-words; exit 3\n"
    (repository.root / "web" / "Dockerfile").write_text(text)
    ended = repository.run("build", "--json")
    assert ended.returncode == 4
    document = json.loads(ended.stdout)
    images = {image["name"]: image for image in document["images"]}
    assert document["outcome"] == "failed"
    assert images["web"]["log"] == ["last-words"]
    assert images["web"]["steps"][-1]["line"] == len(text.splitlines())
    assert images["api"]["outcome"] == "done"
    assert images["web"]["disk_bytes"] is None


@pytest.fixture
def slow(repository: Repository) -> Iterator["subprocess.Popen[str]"]:
    """A build in which a step has begun that takes a minute."""
    (repository.root / "web" / "Dockerfile").write_text(
        DOCKERFILE.replace("cat lock", "echo began; sleep 60; cat lock")
    )
    argv = [sys.executable, "-m", "drydock", "build", "--verbose", "--root", str(repository.root)]
    child = subprocess.Popen(
        argv, env=dict(repository.environ), stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert child.stderr is not None
    assert any(line.endswith("| began\n") for line in child.stderr)
    yield child
    if child.poll() is None:
        child.kill()
    child.wait()
    child.stderr.close()


def test_an_interrupt_to_drydock_alone_ends_buildx_too(slow: "subprocess.Popen[str]", repository: Repository) -> None:
    slow.send_signal(signal.SIGINT)
    assert slow.wait(timeout=30) == 130
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and _is_anyone_left(slow.pid):
        time.sleep(0.1)
    assert not _is_anyone_left(slow.pid)
    assert not (repository.root / ".drydock" / "ledger.db").exists()


def _is_anyone_left(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
