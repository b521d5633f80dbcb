"""What was built, weighed and kept."""

import json
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drydock import config, dockerfile
from drydock.bases.bases import Base, Origin
from drydock.builds import recording
from drydock.builds.built import Built
from drydock.builds.meanwhile import Found
from drydock.config import Config, Image
from drydock.events import silent
from drydock.measures import anatomies, contents, ledger
from drydock.measures.anatomy import Anatomy, Kind, Part, Share
from drydock.measures.build import Build, Step
from drydock.measures.contents import Contents, Entry, Sort
from drydock.measures.layers import Layer
from drydock.measures.oci import Present
from drydock.measures.revision import Revision
from tests.test_oci import engine

BASE = Base("python:3", "stand/in:3", Origin.STANDIN, "sha256:b")
HELD = {
    "web:local": Present("web:local", "sha256:w", "linux/amd64", ("sha256:1", "sha256:2"), 30),
    "stand/in:3": Present("stand/in:3", "sha256:b", "linux/amd64", ("sha256:1",), 20),
}
FILES = {"web": dockerfile.parse("FROM python:3 AS app\n\nRUN make\n")}
STEP = Step("web", "app", "RUN make", 3, 0.0, 1.0, True)


@pytest.fixture
def repository(tmp_path: Path, docker: Any) -> Config:
    (tmp_path / "repo").mkdir()
    found = config.load(tmp_path / "repo", docker.environ)
    ledger.append(found, [], [Layer("sha256:1", 20, 8), Layer("sha256:2", 10, 4)])
    return found


def built(repository: Config, **words: Any) -> Built:
    image = Image("web", repository.root, repository.root / "Dockerfile", "web:local")
    values = {"done": True, "seconds": 1.5, "steps": (STEP,), "context_bytes": 9, "digest": "sha256:w", **words}
    return Built(image=image, bases=(BASE,), **values)


HISTORY = [{"CreatedBy": "RUN /bin/sh -c make # buildkit", "Size": "10"}, {"CreatedBy": "", "Size": "20"}]


def record(repository: Config, one: Built, held: Mapping[str, Present] = HELD, **words: Any) -> Build:
    found = Found(Revision("abc", True), held)
    by = replace(engine(repository.environ), **words)
    (result,) = recording.record(repository, by, [one], FILES, found, 2.0, "build", silent)
    assert result.base_bytes == (20 if one.done else None)
    return result.build


def test_an_image_that_came_out_as_it_was_starts_no_process(repository: Config, docker: Any) -> None:
    docker.says("image", "history", out="".join(json.dumps(line) + "\n" for line in HISTORY))
    kept = record(repository, built(repository))
    assert (kept.disk_bytes, kept.pull_bytes, kept.layers, kept.platform) == (30, 12, 2, "linux/amd64")
    assert (kept.commit, kept.dirty, kept.standin, kept.cached) == ("abc", True, True, 1)
    assert [call[:2] for call in docker.calls] == [["image", "history"]]  # once for each digest
    again = record(repository, built(repository))
    assert len(docker.calls) == 1
    assert again.detail == kept.detail == (replace(STEP, bytes=10),)
    found = ledger.latest(repository, "web")
    assert found is not None
    assert ledger.steps(repository, found) == kept.detail


def test_what_an_image_is_made_of_is_kept_by_its_digest(repository: Config, docker: Any) -> None:
    docker.says("image", "history", out="".join(json.dumps(line) + "\n" for line in HISTORY))
    record(repository, built(repository))
    unread = anatomies.find(repository, "sha256:w")
    assert unread == Anatomy(
        (Share("sha256:1", "", "", 20, 8, base=True), Share("sha256:2", "RUN make", "app", 10, 4, base=False, line=3))
    )
    file = Entry("srv/data", Sort.FILE, 10)
    contents.remember(repository, [Contents("sha256:1", ()), Contents("sha256:2", (file,))])
    held = HELD | {"web:local": replace(HELD["web:local"], digest="sha256:x")}
    record(repository, built(repository, digest="sha256:x"), held)
    read = anatomies.find(repository, "sha256:x")
    assert read == replace(unread, parts=(Part(Kind.REST, "other files", "", 10, base=False),), wasted_bytes=0)
    assert anatomies.find(repository, "sha256:other") is None


def test_a_new_image_is_asked_for(repository: Config, docker: Any) -> None:
    entry = {"Id": "sha256:new", "Os": "linux", "Architecture": "amd64", "Size": 20, "RootFS": {"Layers": ["sha256:1"]}}
    docker.says("image", "history", out=json.dumps(HISTORY[1]))
    docker.says("image", "inspect", out=json.dumps([entry, {**entry, "Id": "sha256:b"}]))
    kept = record(repository, built(repository, digest="sha256:new"))
    assert (kept.disk_bytes, kept.layers) == (20, 1)
    assert docker.calls[0] == ["image", "inspect", "web:local", "stand/in:3"]


def test_a_failed_build_is_kept_without_the_size_of_the_image_before_it(repository: Config) -> None:
    kept = record(repository, built(repository, done=False, digest=None))
    assert (kept.outcome, kept.disk_bytes, kept.pull_bytes, kept.layers, kept.digest) == (
        "failed",
        None,
        None,
        None,
        None,
    )
    assert ledger.latest(repository, "web") is None
    assert [one.outcome for one in ledger.recent(repository)] == ["failed"]


def test_the_start_is_a_time_that_can_be_read_back(repository: Config, docker: Any) -> None:
    docker.says("image", "history")
    from datetime import datetime

    kept = record(repository, built(repository))
    assert datetime.fromisoformat(kept.started).tzinfo is not None


BUILDER = Step("web", "builder", "RUN prepare", 9, 0.0, 1.0, False)
PREPARED = {
    "ID": "x",
    "Type": "regular",
    "Description": "mount / from exec /bin/sh -c prepare",
    "Shared": False,
    "Size": 77,
    "CreatedAt": "2026-01-01T00:00:01Z",
}
MIDNIGHT = 1_767_225_600.0  # of that day


@contextmanager
def answering(path: Path) -> Iterator[list[str]]:
    """An engine's socket, behind which one record is in the build cache; gives what is asked there."""
    asked = list[str]()

    class Api(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked.append(self.rfile.readline().decode().split()[1])
            self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\n" + json.dumps({"BuildCache": [PREPARED]}).encode())

    with socketserver.ThreadingUnixStreamServer(str(path), Api) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield asked
        server.shutdown()


@pytest.mark.parametrize(
    ("steps", "words", "bytes", "questions"),
    [
        pytest.param((STEP, BUILDER), {}, [10, 77], 1, id="a stage that is not in the image"),
        pytest.param((STEP, replace(BUILDER, cached=True)), {}, [10, None], 0, id="nothing ran"),
        pytest.param((replace(STEP, cached=False),), {}, [10], 0, id="what ran has its layer in the image"),
        pytest.param((STEP, BUILDER), {"driver": "docker-container"}, [10, None], 0, id="a cache of another driver"),
    ],
)
def test_the_cache_is_asked_only_for_what_ran_and_no_layer_tells(
    repository: Config,
    docker: Any,
    short: Path,
    steps: tuple[Step, ...],
    words: dict[str, Any],
    bytes: list[int | None],
    questions: int,
) -> None:
    docker.says("image", "history")
    with answering(short / "api.sock") as asked:
        host = f"unix://{short}/api.sock"
        kept = record(repository, built(repository, steps=steps, began=MIDNIGHT), host=host, **words)
    assert [one.bytes for one in kept.detail] == bytes
    assert asked == ["/system/df?type=build-cache"] * questions
