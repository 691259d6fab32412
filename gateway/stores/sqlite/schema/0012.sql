-- Comparisons of our books with what a system says. ``names``, ``facts`` and ``counts`` are JSON; ``actor`` is NULL where
-- the clock asked.
CREATE TABLE reconciliation (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    system TEXT NOT NULL,
    actor BLOB,
    reason TEXT,
    asked_at INTEGER NOT NULL,
    names BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'finished', 'broken_off')),
    ended_at INTEGER,
    compared INTEGER NOT NULL,
    unanswered INTEGER NOT NULL,
    facts TEXT NOT NULL,
    counts BLOB NOT NULL
) STRICT;
CREATE INDEX reconciliation_system ON reconciliation (system);
CREATE INDEX reconciliation_asked ON reconciliation (seq) WHERE state = 'asked';

-- Where they differ. ``finding`` is JSON.
CREATE TABLE divergence (
    reconciliation_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    finding BLOB NOT NULL,
    PRIMARY KEY (reconciliation_id, place)
) STRICT, WITHOUT ROWID;
