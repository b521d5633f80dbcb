"""What is asked of a build and cannot be done: refused where it was ordered, left out where it was wished."""

from dataclasses import replace
from pathlib import Path

import pytest

from drydock.bases.bases import Base, Origin
from drydock.builds import caches, refusals
from drydock.builds.buildx import Options
from drydock.config import Image
from drydock.engines.engine import Engine
from drydock.errors import Misuse
from tests.test_oci import engine

STANDIN = (Base("node:20", "drydock-standin/node:20", Origin.STANDIN, "sha256:1"),)
REAL = (Base("node:20", "node:20", Origin.PRESENT, "sha256:1"),)


def image(name: str = "web", **fields: object) -> Image:
    made = Image(name=name, context=Path("/r"), dockerfile=Path("/r/Dockerfile"), tag=f"127.0.0.1:5000/{name}:1")
    return replace(made, **fields)  # type: ignore[arg-type]


def able(driver: str = "docker", store: str = "overlay2") -> Engine:
    return replace(engine({}), driver=driver, store=store, platforms=("linux/amd64", "linux/386"))


PLAIN, ROOMY, CONTAINER = able(), able(store="containerd"), able(driver="docker-container")


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ("type=local,dest=x", "local"),
        ("mode=max,type=gha", "gha"),
        ("user/app:cache", "registry"),
        ("ref=a/b,mode=max", "registry"),
    ],
)
def test_an_entry_without_a_type_is_a_registry_s(entry: str, kind: str) -> None:
    assert caches.kind(entry) == kind


@pytest.mark.parametrize(
    ("entry", "leaves"),
    [
        ("type=inline", False),
        ("type=local,dest=x", False),
        ("type=registry,ref=127.0.0.1:5000/x", False),
        ("localhost:5000/x", False),
        ("type=registry,ref=registry.invalid/x", True),
        ("user/app:cache", True),
        ("type=gha", True),
    ],
)
def test_a_cache_stays_here_in_a_folder_in_its_image_or_on_loopback(entry: str, leaves: bool) -> None:
    assert caches.leaves(entry) is leaves


@pytest.mark.parametrize(
    ("options", "where", "said"),
    [
        (Options(platforms=("linux/amd64", "linux/arm64")), PLAIN, "one platform at a time"),
        (Options(platforms=("linux/amd64", "linux/arm64")), CONTAINER, "can only be pushed"),
        (Options(cache_to=("type=local,dest=x",)), PLAIN, "exports no local cache, only inline"),
        (Options(cache_to=("type=s3,bucket=x",)), ROOMY, "exports no s3 cache"),
        (Options(cache_from=("type=gha",)), PLAIN, "imports no gha cache, only local, registry"),
    ],
)
def test_an_order_that_cannot_be_followed_is_refused(options: Options, where: Engine, said: str) -> None:
    with pytest.raises(Misuse, match=said):
        refusals.check(options, [image()], {"web": REAL}, where)


@pytest.mark.parametrize(
    ("options", "where"),
    [
        (Options(platforms=("linux/amd64", "linux/arm64")), ROOMY),
        (Options(platforms=("linux/amd64", "linux/arm64"), push=True), CONTAINER),
        (Options(cache_to=("type=inline",), cache_from=("type=local,src=x", "a/b:c")), PLAIN),
        (Options(cache_to=("type=s3,bucket=x",)), CONTAINER),
        (Options(push=True), PLAIN),
    ],
)
def test_what_can_be_done_on_real_bases_is_not_refused(options: Options, where: Engine) -> None:
    refusals.check(options, [image(tags=("registry.invalid/web:1",))], {"web": REAL}, where)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (Options(push=True), "registry.invalid/web:1 rests on a stand-in"),
        (Options(cache_to=("type=registry,ref=registry.invalid/x",)), "rests on a stand-in for node:20"),
        (Options(platforms=("linux/arm64",)), "for linux/amd64 only, not for linux/arm64"),
    ],
)
def test_what_rests_on_a_stand_in_stays_here_and_is_for_this_machine(options: Options, said: str) -> None:
    with pytest.raises(Misuse, match=said):
        refusals.check(options, [image(tags=("registry.invalid/web:1",))], {"web": STANDIN}, ROOMY)


@pytest.mark.parametrize(("entry", "fits"), [("type=local,dest=x", False), ("type=local,dest=x/{image}", True)])
def test_caches_of_two_images_need_two_places(entry: str, fits: bool) -> None:
    had = {"web": REAL, "api": REAL}
    assert bool(refusals.no_export(entry, [image(), image("api")], had, ROOMY)) is not fits


def test_a_wish_that_cannot_be_followed_is_left_out_and_the_others_kept() -> None:
    wishes = image(cache_from=("type=gha", "a/b:c"), cache_to=("type=inline", "type=local,dest=x"))
    kept, said = refusals.without(wishes, {"web": REAL}, PLAIN)
    assert (kept.cache_from, kept.cache_to) == (("a/b:c",), ("type=inline",))
    assert said == (
        "web leaves out the cache type=gha: this builder imports no gha cache, only local, registry",
        "web leaves out the cache type=local,dest=x: this builder exports no local cache, only inline",
    )
