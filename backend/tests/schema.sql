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
