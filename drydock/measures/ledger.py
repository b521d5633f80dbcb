"""Measurements in SQLite: append, read, compare. Rollback journal, so a read-only mount can be read."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from statistics import median
from typing import Any

from drydock.config import Config
from drydock.measures import anatomies, bodies, storage
from drydock.measures.anatomy import Anatomy
from drydock.measures.bodies import Kept
from drydock.measures.build import Build, Step
from drydock.measures.layers import Layer, recall, remember
from drydock.measures.schema import WEIGHTS_SINCE
from drydock.measures.storage import damaged, reading, writing

RECENT = 20  # builds of an image in which something ran say what its next one will take

COLUMNS = tuple(field.name for field in fields(Build) if field.name not in ("detail", "id"))
STORED = tuple("commit_id" if name == "commit" else name for name in COLUMNS)
STEP = tuple(field.name for field in fields(Step) if field.name != "image")
NONE: Mapping[str, Anatomy] = {}
ADDED = {"export_seconds", "critical", "inputs", "log"}  # since the first version


def check(config: Config) -> None:
    """Raise now what a write would raise later: a damaged ledger, a newer one, a folder that takes no writes."""
    storage.check(config.ledger, config.root)


def append(
    config: Config,
    builds: Sequence[Build],
    weighed: Iterable[Layer] = (),
    taken_apart: Mapping[str, Anatomy] = NONE,
    grounds: Mapping[str, Kept] | None = None,
) -> None:
    """Write builds with their steps, layers that were weighed, and what images of these digests are made of.

    `grounds` hold by image what the builds rested on. It is one transaction: all of it is kept or nothing.
    """
    fresh = tuple(weighed)
    with writing(config.ledger) as base:
        for build in builds:
            number = _insert(base, build)
            if grounds and build.image in grounds:
                bodies.insert(base, number, grounds[build.image])
        base.executemany(
            "INSERT OR REPLACE INTO layers VALUES (?, ?, ?)",
            [(layer.diff_id, layer.disk_bytes, layer.pull_bytes) for layer in fresh],
        )
        for digest, anatomy in taken_apart.items():
            anatomies.insert(base, digest, anatomy)
    remember(config, fresh)


def latest(config: Config, image: str, *, scenario: str = "build") -> Build | None:
    """The last build of an image that was done, without its steps."""
    rows = _select(config, "image = ? AND scenario = ? AND outcome = 'done'", (image, scenario), 1)
    return rows[0] if rows else None


def recent(config: Config, *, image: str = "", limit: int | None = 20) -> tuple[Build, ...]:
    """The last builds, newest first, done or failed, of one image or of all, without their steps; None: every one."""
    return _select(config, "image = ?", (image,), limit) if image else _select(config, "1", (), limit)


def images(config: Config) -> tuple[str, ...]:
    """The names of all images of which a build is recorded."""
    with reading(config.ledger) as base:
        return () if base is None else tuple(name for (name,) in base.execute("SELECT DISTINCT image FROM builds"))


def shipped(
    config: Config, image: str, *, other_than: str = "", commit: str | None = None, limit: int = 1
) -> tuple[Build, ...]:
    """The newest builds that made an image as it ships, one for each digest, the newest first.

    Not the one of the digest `other_than`; with `commit` only of that one, the work tree unchanged.
    """
    where = "image = ? AND scenario = 'build' AND outcome = 'done' AND digest NOT IN ('', ?)"
    where += "" if commit is None else " AND commit_id = ? AND dirty = 0"
    newest = f"id IN (SELECT id FROM (SELECT id, max(started) FROM builds WHERE {where} GROUP BY digest))"  # noqa: S608
    return _select(config, newest, (image, other_than, *(() if commit is None else (commit,))), limit)


def find(config: Config, number: int) -> Build | None:
    """The build of this id with its steps, or None."""
    found = _select(config, "id = ?", (number,), 1)
    return detailed(config, found)[0] if found else None


def steps(config: Config, build: Build) -> tuple[Step, ...]:
    """The steps of a build read from the ledger."""
    return detailed(config, (build,))[0].detail


def detailed(config: Config, builds: Sequence[Build]) -> tuple[Build, ...]:
    """Builds read from the ledger, with their steps."""
    if not builds:
        return ()
    with reading(config.ledger) as base:
        if base is None:
            return tuple(builds)
        kept = _kept(base, "steps", STEP)
        return tuple(replace(build, detail=_steps(base, build, kept, config)) for build in builds)


def merge(config: Config, builds: Sequence[Build]) -> int:
    """Add those of the builds that are not there yet, in one transaction; how many these were."""
    added = list[Build]()
    with writing(config.ledger) as base:
        there = set(base.execute(f"SELECT {', '.join(STORED)} FROM builds"))  # noqa: S608  names only
        for build in builds:
            if (row := _row(build)) not in there:
                there.add(row)
                _insert(base, build)
                added.append(build)
    return len(added)


def expected(config: Config, images: Iterable[str], *, scenario: str = "build") -> dict[tuple[str, str, str], float]:
    """Median seconds of each step that ran in the last builds, by image, stage and instruction.

    Ordinary builds count beside those of the scenario: what both build takes both as long.
    """
    query = (
        "SELECT stage, instruction, seconds FROM steps WHERE cached = 0 AND error IS NULL AND build_id IN"
        " (SELECT id FROM builds WHERE image = ? AND scenario IN ('build', ?) AND cached < steps"
        " ORDER BY started DESC, id DESC LIMIT ?)"
    )
    seen: dict[tuple[str, str, str], list[float]] = {}
    with reading(config.ledger) as base:
        if base is None:
            return {}
        for image in images:
            for stage, instruction, seconds in base.execute(query, (image, scenario, RECENT)):
                seen.setdefault((image, stage, instruction), []).append(seconds)
    return {key: median(values) for key, values in seen.items()}


def layers(config: Config, diff_ids: Iterable[str]) -> dict[str, Layer]:
    """Those of the layers that were weighed before, here or in another repository, by diff id."""
    wanted = sorted(set(diff_ids))
    marks = ", ".join("?" * len(wanted))
    with reading(config.ledger) as base:
        query = f"SELECT diff_id, disk_bytes, pull_bytes FROM layers WHERE diff_id IN ({marks})"  # noqa: S608  marks only
        is_alike = base is not None and storage.version(base, config.ledger) >= WEIGHTS_SINCE
        rows = base.execute(query, wanted).fetchall() if base is not None and is_alike else []
    found = {row[0]: Layer(*row) for row in rows}
    if len(found) == len(wanted):
        return found
    shared = recall(config)
    return found | {diff_id: shared[diff_id] for diff_id in wanted if diff_id not in found and diff_id in shared}


def _row(build: Build) -> tuple[Any, ...]:
    values: list[Any] = [getattr(build, name) for name in COLUMNS]
    values[COLUMNS.index("bases")] = json.dumps([dict(entry) for entry in build.bases])
    return tuple(values)


def _insert(base: sqlite3.Connection, build: Build) -> int:
    marks = ", ".join("?" * len(COLUMNS))
    query = f"INSERT INTO builds ({', '.join(STORED)}) VALUES ({marks})"  # noqa: S608  names only
    number = base.execute(query, _row(build)).lastrowid
    marks = ", ".join("?" * (len(STEP) + 2))
    base.executemany(
        f"INSERT INTO steps (build_id, position, {', '.join(STEP)}) VALUES ({marks})",  # noqa: S608  names only
        [
            (number, i, *(json.dumps(step.inputs) if name == "inputs" else getattr(step, name) for name in STEP))
            for i, step in enumerate(build.detail)
        ],
    )
    return int(number or 0)


def _select(config: Config, where: str, values: tuple[str | int, ...], limit: int | None) -> tuple[Build, ...]:
    with reading(config.ledger) as base:
        if base is None:
            return ()
        kept = _kept(base, "builds", STORED)
        query = f"SELECT id, {kept} FROM builds WHERE {where} ORDER BY started DESC, id DESC LIMIT ?"  # noqa: S608
        rows = base.execute(query, (*values, -1 if limit is None else limit)).fetchall()
        return tuple(_build(row, config) for row in rows)


def _kept(base: sqlite3.Connection, table: str, wanted: Iterable[str]) -> str:
    """The wanted columns of a table, NULL in the place of one that an older version has not."""
    there = {row[1] for row in base.execute(f"PRAGMA table_info({table})")}
    return ", ".join(name if name not in ADDED or name in there else f"NULL AS {name}" for name in wanted)


def _build(row: tuple[Any, ...], config: Config) -> Build:
    values = dict(zip(COLUMNS, row[1:], strict=True))
    flags = {name: bool(values[name]) for name in ("dirty", "standin")}
    bases = _list(values["bases"], config)
    return Build(**{**values, **flags, "bases": bases, "id": row[0]})


def _steps(base: sqlite3.Connection, build: Build, kept: str, config: Config) -> tuple[Step, ...]:
    query = f"SELECT {kept} FROM steps WHERE build_id = ? ORDER BY position"  # noqa: S608
    found = [dict(zip(STEP, row, strict=True)) for row in base.execute(query, (build.id,))]
    for values in found:
        values |= {"cached": bool(values["cached"]), "critical": bool(values["critical"])}
        values["inputs"] = _list(values["inputs"] or "[]", config)
    return tuple(Step(build.image, **values) for values in found)


def _list(text: str, config: Config) -> tuple[Any, ...]:
    try:
        return tuple(json.loads(text))
    except (TypeError, ValueError) as error:
        raise damaged(config.ledger, error) from error
