"""The tables of the ledger, and what makes those of an older version into them."""

SCHEMA_VERSION = 4
WEIGHTS_SINCE = 3  # what layers weigh to pull came from another compressor before
REPORTS_SINCE = 4

IMAGES = """
CREATE TABLE images (                          -- what an image is made of: stored once for each digest
    digest       TEXT PRIMARY KEY,
    wasted_bytes INTEGER                       -- overwritten or deleted above; null: not all layers were read
) WITHOUT ROWID;
CREATE TABLE image_layers (
    digest      TEXT    NOT NULL REFERENCES images (digest) ON DELETE CASCADE,
    position    INTEGER NOT NULL,              -- from the bottom
    diff_id     TEXT    NOT NULL,
    instruction TEXT    NOT NULL,              -- empty where nobody knows it
    stage       TEXT    NOT NULL,              -- where its bytes come from; empty for the base's
    disk_bytes  INTEGER NOT NULL,
    pull_bytes  INTEGER NOT NULL,
    base        INTEGER NOT NULL,              -- 1 for a layer of the base
    line        INTEGER,
    PRIMARY KEY (digest, position)
) WITHOUT ROWID;
CREATE TABLE image_parts (                     -- with wasted_bytes they sum to what the image takes on disk
    digest     TEXT    NOT NULL REFERENCES images (digest) ON DELETE CASCADE,
    position   INTEGER NOT NULL,               -- from the largest
    kind       TEXT    NOT NULL,               -- pip | npm | apt | file | rest
    name       TEXT    NOT NULL,
    version    TEXT    NOT NULL,
    disk_bytes INTEGER NOT NULL,
    base       INTEGER NOT NULL,
    PRIMARY KEY (digest, position)
) WITHOUT ROWID;
"""

GROUNDS = """
CREATE TABLE grounds (                         -- what decided which steps of a build had to run
    build_id INTEGER PRIMARY KEY REFERENCES builds (id) ON DELETE CASCADE,
    digest   TEXT,                             -- of the body; null once it was dropped
    why      TEXT                              -- JSON: the first step that ran again, and its cause
);
CREATE TABLE bodies (                          -- each once, however many builds rest on it
    digest TEXT PRIMARY KEY,
    body   BLOB NOT NULL                       -- compressed: the grounds of a build, or a manifest of files
) WITHOUT ROWID;
CREATE TABLE manifests (                       -- which manifests the grounds of a build name
    grounds  TEXT NOT NULL,
    manifest TEXT NOT NULL,
    PRIMARY KEY (grounds, manifest)
) WITHOUT ROWID;
"""

REPORTS = """
CREATE TABLE reports (                         -- the newest of each kind and name; decision 0032
    kind TEXT NOT NULL,                        -- audit | doctor | budgets | main | scenarios | proof
    name TEXT NOT NULL,                        -- of a capture; empty where there is one only
    made TEXT NOT NULL,                        -- RFC 3339, UTC
    body TEXT NOT NULL,                        -- JSON
    PRIMARY KEY (kind, name)
) WITHOUT ROWID;
"""

ORDERS = """
CREATE INDEX builds_by_time ON builds (started, id, scenario, outcome);
CREATE INDEX builds_alike ON builds
    (image, scenario, outcome, started, id, disk_bytes, pull_bytes, commit_id, dirty, seconds); -- all that a trend asks
"""

SCHEMA = (
    """
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
    digest        TEXT,
    export_seconds REAL                        -- writing the image; null where the builder does not tell
);
CREATE INDEX builds_in_order ON builds (image, started, id);
CREATE INDEX builds_of_commits ON builds (commit_id, image);
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
    critical    INTEGER NOT NULL DEFAULT 0,    -- 1 on the chain of steps that took longest
    inputs      TEXT    NOT NULL DEFAULT '[]', -- JSON list: positions of the steps it waited for
    log         TEXT,                          -- what a failed step printed last; secrets veiled
    PRIMARY KEY (build_id, position)
) WITHOUT ROWID;
CREATE TABLE layers (                          -- what a layer weighs never changes: measured once
    diff_id    TEXT PRIMARY KEY,
    disk_bytes INTEGER NOT NULL,
    pull_bytes INTEGER NOT NULL
) WITHOUT ROWID;
"""
    + IMAGES
    + GROUNDS
    + REPORTS
    + ORDERS
)

MIGRATIONS = {  # from the version that is the key to the next; columns are added where SCHEMA has them
    1: """
ALTER TABLE builds ADD COLUMN export_seconds REAL;
ALTER TABLE steps ADD COLUMN critical INTEGER NOT NULL DEFAULT 0;
ALTER TABLE steps ADD COLUMN inputs TEXT NOT NULL DEFAULT '[]';
DROP INDEX IF EXISTS builds_by_image;
CREATE INDEX builds_in_order ON builds (image, started, id);
""",
    2: f"DELETE FROM layers;\n{IMAGES}{GROUNDS}",  # noqa: S608  nothing but ours
    3: f"""
ALTER TABLE steps ADD COLUMN log TEXT;
CREATE INDEX builds_of_commits ON builds (commit_id, image);
{REPORTS}{ORDERS}""",
}
