-- What somebody proposed to do, and what a second person decided. ``parameters`` says exactly what would be done.
CREATE TABLE proposal (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    verb TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target TEXT NOT NULL,
    parameters BLOB NOT NULL,
    facts TEXT NOT NULL,
    dossier_id TEXT,
    digest TEXT NOT NULL,
    actor BLOB NOT NULL,
    reason TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'approved', 'rejected')),
    decided_actor BLOB,
    decided_reason TEXT,
    decided_at INTEGER,
    outcome TEXT NOT NULL
) STRICT;
