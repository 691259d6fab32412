-- Dossiers that a result of another one began. ``step`` is the id of the chained route.
CREATE TABLE chain (
    seq INTEGER PRIMARY KEY,
    parent TEXT NOT NULL,
    step TEXT NOT NULL,
    dossier_id TEXT NOT NULL UNIQUE,
    begun_by TEXT NOT NULL,
    message_id TEXT NOT NULL,
    UNIQUE (parent, step)
) STRICT;
