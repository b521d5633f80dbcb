"""Images by name: how many builds, the newest of them, how their size changed, what they are made of."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from json import dumps
from typing import Any, Literal

from app.ledger import builds
from app.ledger.builds import ORDER, SHIPPED, Build, Point
from app.ledger.reading import Ledger, shaped

TURNS = 20  # points of a trend
LOOKED = 250  # of the newest ordinary builds that a trend is read from: what is older counts as forgotten
HISTORY = 500

Kind = Literal["pip", "npm", "apt", "file", "rest"]


@dataclass(frozen=True)
class Image:
    """One image: its name, how many of its builds were measured, and what the ordinary ones among them came to.

    `latest` is the newest ordinary build that was done; `failed` the newest of all ordinary ones, if that failed. At
    least one of them is there. Ordinary is neither a test target nor development nor a benchmark.
    """

    name: str
    builds: int
    latest: Build | None
    failed: Build | None


@dataclass(frozen=True)
class Layer:
    """One layer from the bottom; `instruction` is empty where nobody knows it, `stage` for the base's."""

    position: int
    instruction: str
    stage: str
    line: int | None
    disk_bytes: int
    pull_bytes: int
    base: bool
    diff_id: str


@dataclass(frozen=True)
class Part:
    """A package, one file of none, or all smaller files."""

    kind: Kind
    name: str
    version: str
    disk_bytes: int
    base: bool


@dataclass(frozen=True)
class Anatomy:
    """What an image is made of; `parts` and `wasted_bytes` are None where not all of its layers were read."""

    layers: tuple[Layer, ...]
    parts: tuple[Part, ...] | None
    wasted_bytes: int | None


def page(ledger: Ledger, *, after: str, limit: int) -> tuple[Image, ...]:
    """At most `limit` images by name, those that follow `after`; each had an ordinary build.

    Each name, and each of its newest builds, is one step down an index: how many builds there are hardly matters.
    """
    sql = """WITH RECURSIVE names (image) AS (
            SELECT min(image) FROM builds WHERE image > ?
            UNION ALL SELECT (SELECT min(image) FROM builds WHERE image > names.image) FROM names WHERE image NOT NULL)
        SELECT image FROM names WHERE image NOT NULL
            AND EXISTS (SELECT 1 FROM builds WHERE builds.image = names.image AND scenario = 'build') LIMIT ?"""
    return _known(ledger, [row["image"] for row in ledger.rows(sql, after, limit)])


def find(ledger: Ledger, name: str) -> Image | None:
    """One image, or None where it had no ordinary build."""
    found = _known(ledger, [name])
    return found[0] if found else None


def trend(ledger: Ledger, name: str) -> tuple[Point, ...]:
    """The newest ordinary build and those before that changed the size, at most TURNS in all, oldest first."""
    turns = list[tuple[Any, ...]]()
    for _, alike in groupby(builds.line(ledger, name, LOOKED), key=builds.SIZES):
        same = list(alike)
        # The oldest of those of one size is the one that changed it; of the newest size, the newest is wanted as well.
        turns += same[-1:] if turns or len(same) == 1 else (same[0], same[-1])
        if len(turns) >= TURNS:
            break
    return builds.points(turns[:TURNS][::-1])


def history(ledger: Ledger, name: str) -> tuple[Point, ...]:
    """The last HISTORY ordinary builds that were done, oldest first."""
    return builds.points([*builds.line(ledger, name, HISTORY)][::-1])


def anatomy(ledger: Ledger, digest: str | None) -> Anatomy | None:
    """What the image of a digest is made of, or None where that was never stored."""
    head = ledger.rows("SELECT wasted_bytes FROM images WHERE digest = ?", digest) if ledger.has("images") else []
    if not head:
        return None
    what = f"the image {digest}"
    wasted = head[0]["wasted_bytes"]
    layers = ledger.rows("SELECT * FROM image_layers WHERE digest = ? ORDER BY position", digest)
    parts = ledger.rows("SELECT * FROM image_parts WHERE digest = ? ORDER BY position", digest)
    plain = {"layers": layers, "parts": None if wasted is None else parts, "wasted_bytes": wasted}
    return shaped(Anatomy, plain, what)


def own(ledger: Ledger, digests: Iterable[str]) -> dict[str, int]:
    """Bytes over the base, by digest, of those of the images that were taken apart."""
    if not ledger.has("images"):
        return {}
    sql = """SELECT digest, sum(disk_bytes * (base = 0)) AS own FROM image_layers
        WHERE digest IN (SELECT value FROM json_each(?)) GROUP BY digest"""
    return {row["digest"]: row["own"] for row in ledger.rows(sql, dumps([*digests]))}


def before(ledger: Ledger, build: Build) -> Build | None:
    """The newest ordinary build that made another image than this one did."""
    sql = f"SELECT id FROM builds WHERE image = ? AND {SHIPPED} AND digest != ? {ORDER} LIMIT 1"  # noqa: S608
    numbers = [row["id"] for row in ledger.rows(sql, build.image, build.digest)]
    return next(iter(builds.find(ledger, numbers).values()), None)


def _known(ledger: Ledger, names: list[str]) -> tuple[Image, ...]:
    newest = "(SELECT id FROM builds WHERE image = names.value AND scenario = 'build' AND outcome = '{}' {} LIMIT 1)"
    sql = f"""SELECT value AS name, (SELECT count(*) FROM builds WHERE image = names.value) AS builds,
        {newest.format("done", ORDER)} AS done, {newest.format("failed", ORDER)} AS failed
        FROM json_each(?) AS names"""  # noqa: S608  constants
    rows = ledger.rows(sql, dumps(names))
    held = builds.find(ledger, [row[key] for row in rows for key in ("done", "failed") if row[key]])
    made = []
    for row in rows:
        latest, failed = held.get(row["done"]), held.get(row["failed"])
        if failed and latest and failed.position < latest.position:
            failed = None
        if latest or failed:
            made.append(Image(row["name"], row["builds"], latest, failed))
    return tuple(made)
