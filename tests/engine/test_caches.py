"""Build caches by store and driver, builders by name, and other platforms: on engines of both stores."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.engine.own import Own, names, repository
from tests.engine.registry import serving

pytestmark = pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="a private engine needs root")

DOCKERFILE = """\
FROM python:3.12-slim AS builder
COPY lock /lock
RUN head -c 100000 /dev/urandom > /made && cat /lock

FROM python:3.12-slim
COPY --from=builder /made /made
COPY source /source
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository of one image, never in a cache from before."""
    return repository(tmp_path, DOCKERFILE, "drydock-cache-test/app:one")


def ran(image: Mapping[str, Any]) -> list[str]:
    return [step["instruction"] for step in image["steps"] if not step["cached"]]


def test_a_registry_keeps_a_cache_by_itself_or_within_the_image(roomy: Own, plain: Own, root: Path) -> None:
    with serving() as registry:
        names(root, f"{registry.host}/drydock-cache-test/app:one")
        first = roomy.build(root, "--push", f"--cache-to=type=registry,ref={registry.host}/cache/app:main,mode=max")
        assert ("cache/app", "main") in registry.manifests
        assert registry.config("drydock-cache-test/app", "one")["rootfs"]["diff_ids"]
        inline = roomy.build(root, "--push", "--cache-to=type=inline")
        assert ran(inline) == []
        assert "moby.buildkit.cache.v0" in registry.config("drydock-cache-test/app", "one")
        assert len(first["steps"]) == 4
        (root / "source").write_text("two\n")
        elsewhere = plain.build(root, f"--cache-from={registry.host}/drydock-cache-test/app:one")
        assert ran(elsewhere) == ["COPY source /source"]


def test_a_cache_that_is_not_there_is_told_and_everything_runs(plain: Own, root: Path, tmp_path: Path) -> None:
    with serving() as registry:
        gone = plain.run(root, "build", f"--cache-from={registry.host}/nothing/here:1")
    assert gone.returncode == 0, gone.stderr
    assert "warning: app: no cache came from " in gone.stderr
    gone = plain.run(root, "build", f"--cache-from=type=local,src={tmp_path}/nowhere")
    assert gone.returncode == 0, gone.stderr
    assert "warning: local cache import at " in gone.stderr


def test_a_step_that_fails_is_the_reason_even_where_a_cache_was_missing(plain: Own, root: Path) -> None:
    (root / "Dockerfile").write_text("FROM python:3.12-slim\nCOPY lock /lock\nRUN cat /lock && exit 3\n")
    with serving() as registry:
        ended = plain.run(root, "build", f"--cache-from={registry.host}/nothing/here:1")
    assert ended.returncode == 4
    assert "error: app: Dockerfile:3: " in ended.stderr


@pytest.mark.parametrize("entry", ["type=local,dest=x", "type=registry,ref=127.0.0.1:1/x", "type=gha"])
def test_a_cache_flag_that_the_store_cannot_follow_is_refused(plain: Own, root: Path, entry: str) -> None:
    said = plain.refuses(root, f"--cache-to={entry}")
    assert "cache, only inline" in said


def test_a_cache_wish_in_the_compose_file_is_left_out_where_it_cannot_be(plain: Own, root: Path) -> None:
    names(root, "drydock-cache-test/app:one", cache_to=["type=local,dest=kept"], cache_from=["type=gha"])
    ended = plain.run(root, "build")
    assert ended.returncode == 0, ended.stderr
    assert "warning: app leaves out the cache type=local,dest=kept: this builder exports no local" in ended.stderr
    assert "warning: app leaves out the cache type=gha: this builder imports no gha" in ended.stderr
    assert not (root / "kept").exists()


def test_a_cache_wish_in_the_compose_file_is_followed_where_it_can_be(roomy: Own, root: Path) -> None:
    names(root, "drydock-cache-test/app:one", cache_to=["type=local,dest=kept"])
    assert "leaves out" not in roomy.run(root, "build").stderr
    assert (root / "kept" / "index.json").exists()


def test_two_images_do_not_share_one_place_for_their_caches(roomy: Own, root: Path) -> None:
    service = {"build": ".", "image": "drydock-cache-test/app:one"}
    both = {"services": {"app": service, "twin": {**service, "image": "drydock-cache-test/twin:one"}}}
    (root / "compose.yaml").write_text(json.dumps(both))
    assert "{image}" in roomy.refuses(root, "--cache-to=type=local,dest=kept")


def test_a_cache_of_layers_on_a_stand_in_goes_to_no_other_machine(roomy: Own, root: Path) -> None:
    said = roomy.refuses(root, "--cache-to=type=registry,ref=registry.invalid/cache:1")
    assert "stand-in for python:3.12-slim" in said


def test_a_context_as_builder_builds_and_weighs_in_its_own_engine(roomy: Own, plain: Own, root: Path) -> None:
    names(root, "drydock-cache-test/context:one")
    # The context drydock in these settings is the plain engine; the environment names the other one.
    built = plain.build(root, "--builder=drydock", DOCKER_HOST=roomy.environ["DOCKER_HOST"])
    assert built["disk_bytes"] > built["own_bytes"] > 0
    held = ["docker", "image", "ls", "--quiet", "--no-trunc", built["tag"]]
    for own, here in ((plain, True), (roomy, False)):
        told = subprocess.run(held, env=dict(own.environ), capture_output=True, text=True, check=True).stdout
        assert bool(told.strip()) is here


def test_a_builder_that_nobody_made_is_answered_with_those_there_are(plain: Own, root: Path) -> None:
    said, _, known = plain.refuses(root, "--builder=nobody").partition(", only ")
    assert said == "error: --builder nobody: there is no such builder"
    assert {"default", "drydock"} <= set(known.split(", "))


def test_one_platform_at_a_time_is_said_before_anything_is_built(plain: Own, root: Path) -> None:
    said = plain.refuses(root, "--platform=linux/amd64", "--platform=linux/arm64")
    assert "one platform at a time" in said


def test_the_containerd_store_builds_for_several_platforms_at_once(roomy: Own, root: Path) -> None:
    (root / "Dockerfile").write_text("FROM scratch\nCOPY source /source\n")
    with serving() as registry:
        names(root, f"{registry.host}/drydock-cache-test/app:one")
        roomy.build(root, "--platform=linux/amd64", "--platform=linux/arm64", "--push")
        index = json.loads(registry.manifests["drydock-cache-test/app", "one"][1])
    built = {entry["platform"]["architecture"] for entry in index["manifests"]}
    assert {"amd64", "arm64"} <= built


def test_a_stand_in_serves_for_no_other_platform(roomy: Own, root: Path) -> None:
    foreign = "linux/riscv64"
    said = roomy.refuses(root, f"--platform={foreign}")
    assert f"not for {foreign}" in said


def test_what_is_attested_of_a_pushed_image_holds_no_word_of_the_proxy(roomy: Own, root: Path) -> None:
    (root / "Dockerfile").write_text("FROM scratch\nCOPY source /source\n")
    with serving() as registry:
        names(root, f"{registry.host}/drydock-cache-test/app:one")
        roomy.build(
            root, "--push", "--provenance", HTTP_PROXY="http://user:hidden-word@proxy.invalid:1", NO_PROXY="127.0.0.1"
        )
        held = [*registry.blobs.values(), *(content for _, content in registry.manifests.values())]
    assert [one for one in held if b"slsa.dev/provenance" in one]
    assert not [one for one in held if b"hidden-word" in one]


SLOW = DOCKERFILE.replace("RUN ", "RUN sleep 5 && ")


def lines(own: Own, root: Path, *words: str, **hints: str) -> tuple[list[str], str]:
    """What a build says of its caches, in its result and beside it."""
    ended = own.run(root, "build", *words, **hints)
    assert ended.returncode == 0, ended.stderr
    told = [line for line in ended.stdout.splitlines() if line.startswith("the cache ")]
    return told, ended.stderr


def test_a_cache_that_saves_more_than_it_takes_is_said_to_pay(
    roomy: Own, plain: Own, root: Path, tmp_path: Path
) -> None:
    (root / "Dockerfile").write_text(SLOW)
    kept = f"type=local,dest={tmp_path}/kept/{{image}},mode=max"
    (first,), _ = lines(roomy, root, DRYDOCK_CACHE_TO=kept)
    assert first.startswith(f"the cache {kept} of app took ")
    assert first.endswith("judged once it is known what it saved in 3 builds")
    (second,), _ = lines(plain, root, DRYDOCK_CACHE_FROM=f"type=local,src={tmp_path}/kept/{{image}}")
    assert second.endswith(" in one build: it pays")
    (account,) = json.loads(plain.run(root, "cache", "--json").stdout)["outside"].values()
    (use,) = account["uses"]
    assert use["saved_seconds"] == use["most_seconds"] > 5 > use["import_seconds"] > 0


def test_a_cache_that_takes_longer_than_all_steps_is_left_out_until_it_is_tried_again(
    roomy: Own, root: Path, tmp_path: Path
) -> None:
    (root / "Dockerfile").write_text("FROM python:3.12-slim\nCOPY lock /lock\nCOPY source /source\n")
    kept = f"type=local,dest={tmp_path}/kept/{{image}},mode=max"  # all of the base, for two small files
    (first,), _ = lines(roomy, root, DRYDOCK_CACHE_TO=kept)
    assert first.endswith(" in each at most: it does not pay; the next builds leave it out")
    shutil.rmtree(tmp_path / "kept")
    none, said = lines(roomy, root, DRYDOCK_CACHE_TO=kept)
    assert none == []
    assert "it does not pay, and is left out; drydock cache --root" in said
    assert not (tmp_path / "kept").exists()
    (ordered,), _ = lines(roomy, root, f"--cache-to={kept}")
    assert ordered.endswith("it does not pay; --cache-to and --cache-from ask for it all the same")
    assert roomy.run(root, "cache", "--retry").returncode == 0
    (again,), _ = lines(roomy, root, DRYDOCK_CACHE_TO=kept)
    assert "in one build" in again
