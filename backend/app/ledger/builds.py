"""Builds and their steps, as they lie in the ledger."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from json import dumps
from operator import itemgetter
from typing import Annotated, Any, Literal

from app.ledger.reading import Ledger, Row, parsed, shaped
from app.veil import hide

Position = tuple[str, int]  # started and id: where a build stands in the order of all

ORDER = "ORDER BY started DESC, id DESC"
SHIPPED = "scenario = 'build' AND outcome = 'done'"  # no test target, no development, no benchmark


@dataclass(frozen=True)
class Base:
    """An image that a Dockerfile takes from outside."""

    name: str
    origin: str
    note: str | None = None
    reference: Annotated[str | None, lambda text: text and hide(text)] = None
    digest: str | None = None


@dataclass(frozen=True)
class Build:
    """One build as it was measured. Sizes are bytes and times are seconds; None is what a failed build has not."""

    id: int
    image: str
    tag: str
    started: str
    commit: str | None
    dirty: bool
    platform: str
    scenario: str
    engine: str
    store: str
    bases: tuple[Base, ...]
    standin: bool
    outcome: Literal["done", "failed"]
    seconds: float
    steps: int
    cached: int
    context_bytes: int
    pull_bytes: int | None
    disk_bytes: int | None
    layers: int | None
    digest: str | None
    export_seconds: float | None

    @property
    def position(self) -> Position:
        return self.started, self.id


@dataclass(frozen=True)
class Point:
    """An ordinary build that was done, in a line of them."""

    build: int
    started: str
    commit: str | None
    dirty: bool
    pull_bytes: int
    disk_bytes: int
    seconds: float


@dataclass(frozen=True)
class Step:
    """One instruction as it ran; `started` is seconds after the build began, `inputs` the steps it waited for."""

    position: int
    stage: str
    instruction: Annotated[str, hide]
    line: int | None
    started: float
    seconds: float
    cached: bool
    bytes: int | None
    error: Annotated[str | None, lambda text: text and hide(text)]
    log: Annotated[str | None, lambda text: text and hide(text)]
    critical: bool
    inputs: tuple[int, ...]


@dataclass(frozen=True)
class Why:
    """The first step that ran although an earlier build had it, in words; `against` is that build."""

    words: Annotated[str, hide]
    line: int | None
    instruction: Annotated[str, hide]
    against: int | None
    after: int
    notes: tuple[str, ...]


COLUMNS = tuple(name for name in Build.__dataclass_fields__ if name != "commit")
STEP = tuple(Step.__dataclass_fields__)
POINT = tuple(Point.__dataclass_fields__)
SIZES = itemgetter(4, 5)  # of a row of a line


def page(
    ledger: Ledger, *, image: str | None, scenario: str | None, outcome: str | None, after: Position | None, limit: int
) -> tuple[Build, ...]:
    """At most `limit` builds that fit, newest first, those that follow `after` in that order."""
    wanted = {"image": image, "scenario": scenario, "outcome": outcome}
    given = {name: value for name, value in wanted.items() if value is not None}
    # Only constants are put together here: what was asked for goes in as values.
    tests = [f"{name} = ?" for name in given] + (["(started, id) < (?, ?)"] if after else [])
    where = f"WHERE {' AND '.join(tests)}" if tests else ""
    sql = f"SELECT {_columns(ledger)} FROM builds {where} {ORDER} LIMIT ?"  # noqa: S608
    return tuple(_build(row) for row in ledger.rows(sql, *given.values(), *(after or ()), limit))


def find(ledger: Ledger, numbers: Iterable[int]) -> dict[int, Build]:
    """Those of the builds that are there, by id."""
    sql = f"SELECT {_columns(ledger)} FROM builds WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608
    return {row["id"]: _build(row) for row in ledger.rows(sql, dumps(list(numbers)))}


def steps(ledger: Ledger, build: Build) -> tuple[Step, ...]:
    """The steps of a build, in their order."""
    sql = f"SELECT {ledger.columns(*STEP)} FROM steps WHERE build_id = ? ORDER BY position"  # noqa: S608
    return tuple(_step(row, build) for row in ledger.rows(sql, build.id))


def why(ledger: Ledger, build: Build) -> Why | None:
    """Why a build ran what it ran; None where that was not recorded."""
    found = ledger.rows("SELECT why FROM grounds WHERE build_id = ?", build.id) if ledger.has("grounds") else []
    if not found or found[0]["why"] is None:
        return None
    return parsed(Why, found[0]["why"], f"the cause of build {build.id}")


def beside(ledger: Ledger, build: Build) -> tuple[int | None, int | None]:
    """The builds of the same image just before and just after a build."""
    before = "SELECT id FROM builds WHERE image = ? AND (started, id) < (?, ?) ORDER BY started DESC, id DESC LIMIT 1"
    after = "SELECT id FROM builds WHERE image = ? AND (started, id) > (?, ?) ORDER BY started, id LIMIT 1"
    found = [ledger.rows(sql, build.image, *build.position) for sql in (before, after)]
    previous, following = (rows[0]["id"] if rows else None for rows in found)
    return previous, following


def line(ledger: Ledger, image: str, limit: int) -> Iterator[tuple[Any, ...]]:
    """The ordinary builds of an image that were done, newest first, at most `limit`; an index has all that is asked."""
    sql = f"""SELECT id, started, commit_id, dirty, pull_bytes, disk_bytes, seconds FROM builds
        WHERE image = ? AND {SHIPPED} AND pull_bytes NOT NULL {ORDER} LIMIT ?"""  # noqa: S608  constants
    return ledger.each(sql, image, limit)


def points(rows: Iterable[tuple[Any, ...]]) -> tuple[Point, ...]:
    """Rows of a line as values."""
    return tuple(shaped(Point, dict(zip(POINT, row, strict=True)), f"build {row[0]}") for row in rows)


def _columns(ledger: Ledger) -> str:
    return f'{ledger.columns(*COLUMNS)}, commit_id AS "commit"'


def _build(row: Row) -> Build:
    what = f"build {row['id']}"
    return shaped(Build, row | {"bases": parsed(tuple[Base, ...], row["bases"], f"the bases of {what}")}, what)


def _step(row: Row, build: Build) -> Step:
    what = f"step {row['position']} of build {build.id}"
    inputs = parsed(tuple[int, ...], "[]" if row["inputs"] is None else row["inputs"], f"the inputs of {what}")
    return shaped(Step, row | {"inputs": inputs, "critical": row["critical"] or 0}, what)
