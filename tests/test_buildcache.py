"""BuildKit's list of its cache, and whose each record is."""

from drydock import dockerfile
from drydock.builds import buildcache
from drydock.builds.buildcache import Kind

LISTING = """\
ID:\t\tm1
Created at:\t2026-01-01 00:00:00 +0000 UTC
Mutable:\ttrue
Reclaimable:\ttrue
Shared:\t\tfalse
Size:\t\t98.34MB
Description:\tcached mount /root/.npm from exec /bin/sh -c npm ci     --no-audit with id "//root/.npm"
Usage count:\t2
Last used:\t2 seconds ago
Type:\t\texec.cachemount

ID:\t\tm2
Size:\t\t5kB
Description:\tcached mount /root/.cache from exec /bin/sh -c pip install with id "/pip"
Type:\t\texec.cachemount

ID:\t\tl1*
Parent:\t\tp
Size:\t\t3MB
Shared:\t\ttrue
Description:\tmount / from exec /bin/sh -c npm ci     --no-audit
Type:\t\tregular

ID:\t\tl2
Size:\t\t1.5kB
Description:\t[app 2/4] COPY --link app /srv/app
Type:\t\tregular

ID:\t\tl3
Size:\t\t0B
Description:\tmount / from exec /bin/sh -c echo one
echo two
Type:\t\tregular

ID:\t\tc1
Size:\t\t7B
Description:\tlocal source for context
Type:\t\tsource.local

ID:\t\tb1
Size:\t\t10MB
Description:\tpulled from somewhere
Type:\t\tregular

Shared:\t\t3MB
Total:\t\t111MB
"""
FRONTEND = dockerfile.parse(
    "FROM node:20-alpine AS builder\nRUN --mount=type=cache,target=/root/.npm npm ci \\\n    --no-audit\n"
    "RUN <<EOF\necho one\necho two\nEOF\n"
)
BACKEND = dockerfile.parse(
    "FROM python:3.12-slim AS app\nRUN --mount=type=cache,id=pip,target=/root/.cache pip install\n"
    "COPY --link app /srv/app\n"
)


def test_records_are_read_with_kind_size_and_whether_an_image_shares_them() -> None:
    found = {one.id: one for one in buildcache.parse(LISTING)}
    assert {name: one.kind for name, one in found.items()} == {
        "m1": Kind.MOUNT,
        "m2": Kind.MOUNT,
        "l1": Kind.LAYER,
        "l2": Kind.LAYER,
        "l3": Kind.LAYER,
        "c1": Kind.CONTEXT,
        "b1": Kind.BASE,
    }
    assert (found["m1"].size, found["m1"].what, found["m1"].last_used) == (98_340_000, "/root/.npm", "2 seconds ago")
    assert found["l1"].shared
    assert not found["m1"].shared


def test_each_record_belongs_to_the_images_whose_dockerfiles_lead_to_it() -> None:
    records = buildcache.parse(LISTING)
    owners = buildcache.owners(records, {"backend": BACKEND, "frontend": FRONTEND})
    assert owners == {
        "m1": ("frontend",),
        "m2": ("backend",),
        "l1": ("frontend",),
        "l2": ("backend",),
        "l3": ("frontend",),
    }


def test_a_mount_that_two_images_share_belongs_to_both() -> None:
    owners = buildcache.owners(buildcache.parse(LISTING), {"one": FRONTEND, "two": FRONTEND})
    assert owners["m1"] == ("one", "two")


def test_an_empty_cache_has_no_records() -> None:
    assert buildcache.parse("Reclaimable:\t0B\nTotal:\t\t0B\n") == ()
