"""The tables of the ledger."""

SCHEMA_VERSION = 1

SCHEMA = """
CREATE TABLE builds (
    id            INTEGER PRIMARY KEY,
    started       TEXT    NOT NULL,            -- RFC 3339, UTC
    image         TEXT    NOT NULL,
    tag           TEXT    NOT NULL,
    commit_id     TEXT,                        -- null outside git
    dirty         INTEGER NOT NULL,            -- 1 when the work tree differs from the commit
    platform      TEXT    NOT NULL,            -- linux/amd64
    scenario      TEXT    NOT NULL,            -- 'build' for an ordinary one
    engine        TEXT    NOT NULL,            -- engine version
    store         TEXT    NOT NULL,            -- overlay2 | containerd
    bases         TEXT    NOT NULL,            -- JSON list of {name, reference, origin, digest}
    standin       INTEGER NOT NULL,            -- 1 when any base is a stand-in
    outcome       TEXT    NOT NULL,            -- done | failed
    seconds       REAL    NOT NULL,
    steps         INTEGER NOT NULL,
    cached        INTEGER NOT NULL,
    context_bytes INTEGER NOT NULL,
    pull_bytes    INTEGER,                     -- compressed; null when nothing was produced
    disk_bytes    INTEGER,                     -- unpacked
    layers        INTEGER,
    digest        TEXT
);
CREATE INDEX builds_by_image ON builds (image, id);
CREATE TABLE steps (
    build_id    INTEGER NOT NULL REFERENCES builds (id) ON DELETE CASCADE,
    position    INTEGER NOT NULL,
    stage       TEXT    NOT NULL,
    instruction TEXT    NOT NULL,
    line        INTEGER,
    started     REAL    NOT NULL,              -- seconds after the build began
    seconds     REAL    NOT NULL,
    cached      INTEGER NOT NULL,
    bytes       INTEGER,
    error       TEXT,
    PRIMARY KEY (build_id, position)
) WITHOUT ROWID;
CREATE TABLE layers (                          -- what a layer weighs never changes: measured once
    diff_id    TEXT PRIMARY KEY,
    disk_bytes INTEGER NOT NULL,
    pull_bytes INTEGER NOT NULL
) WITHOUT ROWID;
"""
