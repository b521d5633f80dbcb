-- The ledger as the builder writes it (schema 4). A test of the repository compares it with the builder's own.
PRAGMA user_version = 4;
CREATE TABLE builds (
    id            INTEGER PRIMARY KEY,
    started       TEXT    NOT NULL,
    image         TEXT    NOT NULL,
    tag           TEXT    NOT NULL,
    commit_id     TEXT,
    dirty         INTEGER NOT NULL,
    platform      TEXT    NOT NULL,
    scenario      TEXT    NOT NULL,
    engine        TEXT    NOT NULL,
    store         TEXT    NOT NULL,
    bases         TEXT    NOT NULL,
    standin       INTEGER NOT NULL,
    outcome       TEXT    NOT NULL,
    seconds       REAL    NOT NULL,
    steps         INTEGER NOT NULL,
    cached        INTEGER NOT NULL,
    context_bytes INTEGER NOT NULL,
    pull_bytes    INTEGER,
    disk_bytes    INTEGER,
    layers        INTEGER,
    digest        TEXT,
    export_seconds REAL
);
CREATE INDEX builds_in_order ON builds (image, started, id);
CREATE INDEX builds_of_commits ON builds (commit_id, image);
CREATE TABLE steps (
    build_id    INTEGER NOT NULL REFERENCES builds (id) ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    stage       TEXT    NOT NULL,
    instruction TEXT    NOT NULL,
    line        INTEGER,
    started     REAL    NOT NULL,
    seconds     REAL    NOT NULL,
    cached      INTEGER NOT NULL,
    bytes       INTEGER,
    error       TEXT,
    critical    INTEGER NOT NULL DEFAULT 0,
    inputs      TEXT    NOT NULL DEFAULT '[]',
    log         TEXT,
    PRIMARY KEY (build_id, position)
) WITHOUT ROWID;
CREATE TABLE layers (
    diff_id    TEXT PRIMARY KEY,
    disk_bytes INTEGER NOT NULL,
    pull_bytes INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE images (
    digest       TEXT PRIMARY KEY,
    wasted_bytes INTEGER
) WITHOUT ROWID;
CREATE TABLE image_layers (
    digest      TEXT    NOT NULL REFERENCES images (digest) ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    diff_id     TEXT    NOT NULL,
    instruction TEXT    NOT NULL,
    stage       TEXT    NOT NULL,
    disk_bytes  INTEGER NOT NULL,
    pull_bytes  INTEGER NOT NULL,
    base        INTEGER NOT NULL,
    line        INTEGER,
    PRIMARY KEY (digest, position)
) WITHOUT ROWID;
CREATE TABLE image_parts (
    digest     TEXT    NOT NULL REFERENCES images (digest) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    kind       TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    version    TEXT    NOT NULL,
    disk_bytes INTEGER NOT NULL,
    base       INTEGER NOT NULL,
    PRIMARY KEY (digest, position)
) WITHOUT ROWID;
CREATE TABLE grounds (
    build_id INTEGER PRIMARY KEY REFERENCES builds (id) ON DELETE CASCADE,
    digest   TEXT,
    why      TEXT
);
CREATE TABLE bodies (
    digest TEXT PRIMARY KEY,
    body   BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE manifests (
    grounds  TEXT NOT NULL,
    manifest TEXT NOT NULL,
    PRIMARY KEY (grounds, manifest)
) WITHOUT ROWID;
CREATE TABLE reports (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    made TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
CREATE INDEX builds_by_time ON builds (started, id, scenario, outcome);
CREATE INDEX builds_alike ON builds
    (image, scenario, outcome, started, id, disk_bytes, pull_bytes, commit_id, dirty, seconds);
