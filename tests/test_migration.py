"""Ledgers of older versions: read as they are, brought up by the first write, and never left between two versions."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from drydock import config
from drydock.config import Config
from drydock.errors import Misuse
from drydock.measures import anatomies, ledger, reports, schema
from drydock.measures.anatomy import Anatomy, Kind, Part, Share
from drydock.measures.layers import Layer
from drydock.measures.reports import Kind as ReportKind
from tests.test_ledger import MAKE, build

PROJECT = Path(__file__).resolve().parents[1]
FIRST = """
CREATE TABLE builds (
    id INTEGER PRIMARY KEY, started TEXT NOT NULL, image TEXT NOT NULL, tag TEXT NOT NULL, commit_id TEXT,
    dirty INTEGER NOT NULL, platform TEXT NOT NULL, scenario TEXT NOT NULL, engine TEXT NOT NULL, store TEXT NOT NULL,
    bases TEXT NOT NULL, standin INTEGER NOT NULL, outcome TEXT NOT NULL, seconds REAL NOT NULL, steps INTEGER NOT NULL,
    cached INTEGER NOT NULL, context_bytes INTEGER NOT NULL, pull_bytes INTEGER, disk_bytes INTEGER, layers INTEGER,
    digest TEXT
);
CREATE INDEX builds_by_image ON builds (image, id);
CREATE TABLE steps (
    build_id INTEGER NOT NULL REFERENCES builds (id) ON DELETE CASCADE, position INTEGER NOT NULL, stage TEXT NOT NULL,
    instruction TEXT NOT NULL, line INTEGER, started REAL NOT NULL, seconds REAL NOT NULL, cached INTEGER NOT NULL,
    bytes INTEGER, error TEXT, PRIMARY KEY (build_id, position)
) WITHOUT ROWID;
CREATE TABLE layers (
    diff_id TEXT PRIMARY KEY, disk_bytes INTEGER NOT NULL, pull_bytes INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO builds VALUES (7, '2026-01-01T00:00:00.000+00:00', 'web', 'web:local', 'abc', 1, 'linux/amd64', 'build',
    '26.1.5', 'overlay2', '[]', 0, 'done', 2.5, 1, 0, 10, 1, 2, 3, 'sha256:x');
INSERT INTO steps VALUES (7, 0, 'app', 'RUN make', 3, 0.5, 2.0, 0, NULL, NULL);
INSERT INTO layers VALUES ('sha256:1', 10, 5);
PRAGMA user_version = 1;
"""


@pytest.fixture
def older(tmp_path: Path) -> Config:
    """A repository whose ledger the first version wrote."""
    (tmp_path / "repo" / ".drydock").mkdir(parents=True)
    found = config.load(tmp_path / "repo", os.environ)
    with closing(sqlite3.connect(found.ledger)) as base:
        base.executescript(FIRST)
    return found


def shape(path: Path) -> tuple[int, dict[str, list[tuple[object, ...]]], set[str]]:
    """The version of a ledger, the columns of its tables, and its indexes."""
    with closing(sqlite3.connect(path)) as base:
        (version,) = base.execute("PRAGMA user_version").fetchone()
        tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {name: [row[1:] for row in base.execute(f"PRAGMA table_info({name})")] for name in tables}
        indexes = {sql for (sql,) in base.execute("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql != ''")}
        return version, columns, indexes


def test_an_older_ledger_is_read_and_not_changed_by_it(older: Config) -> None:
    before = older.ledger.read_bytes()
    found = ledger.find(older, 7)
    assert found is not None
    assert (found.seconds, found.export_seconds, found.steps) == (2.5, None, 1)
    assert [(step.seconds, step.critical, step.inputs) for step in found.detail] == [(2.0, False, ())]
    assert ledger.expected(older, ["web"]) == {MAKE: 2.0}
    assert ledger.layers(older, ["sha256:1"]) == {}  # another compressor weighed it
    assert anatomies.find(older, None) is None
    ledger.check(older)
    assert older.ledger.read_bytes() == before


def test_the_first_write_brings_it_to_the_tables_of_a_new_one(older: Config, tmp_path: Path) -> None:
    ledger.append(older, [build(export_seconds=0.5)])
    (tmp_path / "new").mkdir()
    new = config.load(tmp_path / "new", os.environ)
    ledger.append(new, [build()])
    assert shape(older.ledger) == shape(new.ledger)
    assert [one.export_seconds for one in ledger.recent(older)] == [None, 0.5]
    assert ledger.recent(older)[0].id == 7  # begun later, so newer, whatever the order of writing


def test_every_version_has_a_way_to_the_next() -> None:
    assert set(schema.MIGRATIONS) == set(range(1, schema.SCHEMA_VERSION))


DYING = """
import os, sqlite3, sys
from pathlib import Path
from drydock import config
from drydock.measures import ledger
from tests.test_ledger import build
left = int(sys.argv[2])
class Dying(sqlite3.Connection):
    def execute(self, *words):
        global left
        left -= 1
        if not left:
            os.kill(os.getpid(), 9)
        return super().execute(*words)
connect = sqlite3.connect
def only_the_ledger(where, **more):  # what counts the lines of this process keeps a base of its own
    return connect(where, **more, **({"factory": Dying} if "ledger.db" in str(where) else {}))
sqlite3.connect = only_the_ledger
ledger.append(config.load(Path(sys.argv[1]), os.environ), [build("api")])
"""


def test_a_kill_before_any_statement_of_a_migration_leaves_the_old_ledger_whole(older: Config) -> None:
    environ = {**os.environ, "PYTHONPATH": str(PROJECT)}
    before, kills, code = shape(older.ledger), 0, -signal.SIGKILL
    while code == -signal.SIGKILL:
        kills += 1
        argv = [sys.executable, "-c", DYING, str(older.root), str(kills)]
        code = subprocess.run(argv, env=environ, cwd=PROJECT, check=False).returncode
        with closing(sqlite3.connect(older.ledger)) as base:
            assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if code:
            assert shape(older.ledger) == before
            assert [one.image for one in ledger.recent(older)] == ["web"]
    assert code == 0
    assert kills > len(schema.MIGRATIONS[1].split(";"))
    assert sorted(one.image for one in ledger.recent(older)) == ["api", "web"]


def spoil(statement: str) -> Callable[[sqlite3.Connection], object]:
    return lambda base: base.execute(statement)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(spoil("PRAGMA user_version = 99"), "newer", id="newer"),
        pytest.param(spoil("PRAGMA user_version = -1"), "no ledger", id="no version"),
        pytest.param(spoil("PRAGMA user_version = 0"), "no ledger", id="somebody else's"),
        pytest.param(spoil("UPDATE builds SET bases = '['"), "damaged", id="a list cut off"),
        pytest.param(spoil("UPDATE builds SET bases = '3'"), "damaged", id="no list"),
        pytest.param(spoil("UPDATE builds SET tag = CAST(x'ff' AS TEXT)"), "damaged", id="no text"),
        pytest.param(spoil("DROP TABLE builds"), "no ledger", id="a table is gone"),
    ],
)
def test_a_ledger_that_cannot_be_read_is_one_line_with_a_remedy(
    older: Config, change: Callable[[sqlite3.Connection], object], words: str
) -> None:
    with closing(sqlite3.connect(older.ledger, isolation_level=None)) as base:
        change(base)
    before = older.ledger.read_bytes()
    with pytest.raises(Misuse, match=words) as caught:
        ledger.recent(older)
    assert caught.value.remedy
    assert "\n" not in caught.value.message
    assert older.ledger.read_bytes() == before


def test_what_an_image_is_made_of_is_replaced_as_a_whole_and_refused_where_it_is_spoilt(older: Config) -> None:
    layer = Share("sha256:1", "RUN make", "app", 10, 5, base=False, line=3)
    parts = tuple(Part(Kind.PIP, name, "1", 5, base=True) for name in "ab")
    for anatomy in (Anatomy((layer, layer)), Anatomy((layer,), parts, 0)):
        ledger.append(older, [], taken_apart={"sha256:i": anatomy, "sha256:other": anatomy})
        assert anatomies.find(older, "sha256:i") == anatomy
    assert anatomies.weights(older, ["sha256:i", "sha256:none"]) == {"sha256:i": {"sha256:1": Layer("sha256:1", 10, 5)}}
    with closing(sqlite3.connect(older.ledger)) as base, base:
        base.execute("UPDATE image_parts SET kind = 'nonsense' WHERE digest = 'sha256:i'")
    with pytest.raises(Misuse, match="is damaged"):
        anatomies.find(older, "sha256:i")
    assert anatomies.find(older, "sha256:other") == anatomy


def test_reports_and_logs_came_later_and_an_older_ledger_has_none(older: Config) -> None:
    assert reports.get(older, ReportKind.AUDIT) is None
    assert reports.dates(older) == {}
    found = ledger.find(older, 7)
    assert found is not None
    assert found.detail[0].log is None
    reports.put(older, ReportKind.AUDIT, {"findings": []})
    assert set(reports.dates(older)) == {("audit", "")}
    assert ledger.find(older, 7) == found
