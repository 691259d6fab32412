-- Questions put to registers, kept before they are sent. ``actor`` and ``officer`` are JSON; ``subject`` and ``answer``
-- are commitments under ``salt``: what was asked about and what was answered is not here.
CREATE TABLE query (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    asked_at INTEGER NOT NULL,
    system TEXT NOT NULL,
    operation TEXT NOT NULL,
    actor BLOB NOT NULL,
    officer BLOB NOT NULL,
    purpose TEXT NOT NULL,
    salt TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'answered', 'none', 'refused', 'failed', 'timed_out')),
    ended_at INTEGER,
    reason TEXT,
    http_status INTEGER,
    duration_us INTEGER,
    answer TEXT
) STRICT;
CREATE INDEX query_system ON query (system, seq);
