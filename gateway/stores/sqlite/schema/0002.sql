-- What people did, and why: never changed, never deleted. ``actor`` and ``facts`` are JSON.
CREATE TABLE act (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at INTEGER NOT NULL,
    actor BLOB NOT NULL,
    reason TEXT NOT NULL,
    verb TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target TEXT NOT NULL,
    dossier_id TEXT,
    facts TEXT NOT NULL
) STRICT;
CREATE INDEX act_target ON act (target_kind, target);
CREATE INDEX act_dossier ON act (dossier_id) WHERE dossier_id IS NOT NULL;
