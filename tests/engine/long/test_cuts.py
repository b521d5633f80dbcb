"""Registry or engine cut off in the middle: the build goes on without cache or ends with one line, nothing by half."""

import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from drydock import config
from drydock.engines import daemon
from tests.engine.distribution import Distribution
from tests.engine.own import Own, names, repository, started

pytestmark = pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="a private engine needs root")

DOCKERFILE = """\
FROM python:3.12-slim AS builder
COPY lock /lock
RUN head -c 30000000 /dev/urandom > /made && cat /lock

FROM python:3.12-slim
COPY --from=builder /made /made
COPY source /source
"""
STEPS = 4


@pytest.fixture(scope="module")
def mortal() -> Iterator[Own]:
    """An engine with the containerd store that may be killed."""
    with tempfile.TemporaryDirectory(prefix="dd") as folder:
        yield from started(Path(folder), "containerd")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository of one image, never in a cache from before."""
    return repository(tmp_path, DOCKERFILE, "drydock-cut-test/app:one")


def cache(distribution: Distribution) -> str:
    return f"type=registry,ref={distribution.host}/cache/app:main"


def kill(own: Own, root: Path) -> None:
    """End the engine as a lack of memory would."""
    pid = daemon.pid(config.load(root, own.environ))
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def revive(own: Own) -> None:
    ended = own.run(own.home.parent / "r", "engine", "--start", "--yes")  # where its store is said
    assert ended.returncode == 0, ended.stderr


def ran(image: Mapping[str, Any]) -> int:
    return sum(not step["cached"] for step in image["steps"])


def outcomes(own: Own, root: Path) -> list[str]:
    return [one["outcome"] for one in json.loads(own.run(root, "builds", "--json").stdout)["builds"]]


@pytest.mark.parametrize("moment", ["(HEAD|GET) /v2/cache/app/manifests/", "GET /v2/cache/app/blobs/"])
def test_a_registry_that_dies_before_it_told_what_it_keeps_costs_the_cache_alone(
    roomy: Own, plain: Own, root: Path, distribution: Distribution, moment: str
) -> None:
    roomy.build(root, f"--cache-to={cache(distribution)},mode=max")
    distribution.before(moment)
    ended = plain.run(root, "build", "--json", f"--cache-from={cache(distribution)}")
    assert distribution.acted.is_set()
    assert ended.returncode == 0, ended.stderr
    assert f"warning: app: no cache came from {distribution.host}/cache/app:main: " in ended.stderr
    assert ran(json.loads(ended.stdout)["images"][0]) == STEPS


def test_a_registry_that_dies_while_its_layers_are_fetched_costs_the_cache_and_not_the_build(
    roomy: Own, root: Path, distribution: Distribution
) -> None:
    roomy.forget(roomy.build(root, f"--cache-to={cache(distribution)},mode=max,compression=uncompressed"))
    (root / "source").write_text("two\n")
    index = json.loads(distribution.behind.blob(distribution.behind.tags()["cache/app:main"]) or b"")
    layers = [one["digest"] for one in index["manifests"] if "cacheconfig" not in one["mediaType"]]
    distribution.before(f"GET /v2/cache/app/blobs/({'|'.join(layers)})")
    ended = roomy.run(root, "build", "--json", f"--cache-from={cache(distribution)}")
    assert distribution.acted.is_set()
    assert ended.returncode == 0, ended.stderr
    promised = f"what the cache of {distribution.host}/cache/app:main promised cannot be had"
    assert f"warning: app: {promised}: " in ended.stderr
    assert ran(json.loads(ended.stdout)["images"][0]) == STEPS


@pytest.mark.parametrize("moment", ["(PUT|PATCH) /v2/cache/app/blobs/", "PUT /v2/cache/app/manifests/"])
def test_a_cache_that_was_ordered_and_cannot_be_kept_is_one_line_and_the_image_is_there(
    roomy: Own, root: Path, distribution: Distribution, moment: str
) -> None:
    distribution.before(moment)
    said = roomy.fails(root, 4, f"--cache-to={cache(distribution)},mode=max")
    assert distribution.acted.is_set()
    assert said.startswith("error: app: its cache cannot be exported: ")
    assert (distribution.behind.tags(), distribution.lacking()) == ({}, [])
    assert outcomes(roomy, root) == ["done"]
    assert roomy.docker("image", "ls", "--quiet", "drydock-cut-test/app:one").strip()


def test_a_cache_that_was_wished_for_and_cannot_be_kept_is_a_warning(
    roomy: Own, root: Path, distribution: Distribution
) -> None:
    distribution.before("(PUT|PATCH) /v2/cache/app/blobs/")
    ended = roomy.run(root, "build", DRYDOCK_CACHE_TO=f"{cache(distribution)},mode=max")
    assert distribution.acted.is_set()
    assert ended.returncode == 0, ended.stderr
    assert "warning: app: its cache was not exported to registry: " in ended.stderr
    assert (distribution.behind.tags(), distribution.lacking()) == ({}, [])


@pytest.mark.parametrize(
    "moment", ["(PUT|PATCH) /v2/app/blobs/", "PUT /v2/app/manifests/one", "PUT /v2/app/manifests/two"]
)
def test_whenever_a_registry_dies_no_tag_there_lacks_anything(
    roomy: Own, root: Path, distribution: Distribution, moment: str
) -> None:
    names(root, f"{distribution.host}/app:one", tags=[f"{distribution.host}/app:two"])
    distribution.before(moment)
    said = roomy.fails(root, 4, "--push")
    assert distribution.acted.is_set()
    assert " was not pushed: " in said
    assert distribution.lacking() == []
    if "blobs" in moment:
        assert distribution.behind.tags() == {}


@pytest.mark.parametrize("what", ["push", "cache"])
def test_an_engine_killed_while_it_sends_leaves_no_tag_and_builds_again_when_it_is_back(
    mortal: Own, root: Path, distribution: Distribution, what: str
) -> None:
    names(root, f"{distribution.host}/app:one")
    flags = ("--push",) if what == "push" else (f"--cache-to={cache(distribution)},mode=max",)
    distribution.before("(PUT|PATCH) /v2/.*blobs/", lambda: kill(mortal, root))
    assert "the engine stopped in the middle" in mortal.fails(root, 3, *flags)
    assert distribution.acted.is_set()
    assert (distribution.behind.tags(), distribution.lacking()) == ({}, [])
    revive(mortal)
    mortal.build(root, *flags)
    assert len(distribution.behind.tags()) == 1
    assert distribution.lacking() == []


def test_an_engine_killed_while_it_fills_a_folder_leaves_one_that_harms_no_build(mortal: Own, root: Path) -> None:
    kept = root.parent / "kept"
    over = threading.Event()

    def watch() -> None:
        while not over.is_set() and not list(kept.glob("**/*")):
            time.sleep(0.002)
        kill(mortal, root)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        said = mortal.fails(root, 3, f"--cache-to=type=local,dest={kept},mode=max")
    finally:
        over.set()
        watcher.join()
    assert "the engine stopped in the middle" in said
    assert not (kept / "index.json").exists()
    revive(mortal)
    ended = mortal.run(root, "build", f"--cache-from=type=local,src={kept}")
    assert ended.returncode == 0, ended.stderr
    assert "warning: " in ended.stderr
