-- What the attention list reads, each from the front of an index of its own: most deliveries are never in one of these.
CREATE INDEX delivery_stopped ON delivery (state, destination, ifnull(reason, ''), settled_at)
    WHERE state IN ('held', 'dead');
CREATE INDEX delivery_failing ON delivery (destination, ifnull(reason, ''), tries)
    WHERE is_retry = 1 AND state IN ('delayed', 'ready', 'leased');

-- Who owes a first word about which dossier; ``since`` it was taken. Only for systems that are expected to say one.
CREATE TABLE silence (
    system TEXT NOT NULL,
    dossier_id TEXT NOT NULL,
    since INTEGER,
    PRIMARY KEY (system, dossier_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX silence_since ON silence (system, since) WHERE since IS NOT NULL;

-- Causes that were told and are not over.
CREATE TABLE episode (
    matter TEXT NOT NULL,
    system TEXT NOT NULL,
    why TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    peak INTEGER NOT NULL,
    gone_at INTEGER,
    PRIMARY KEY (matter, system, why)
) STRICT, WITHOUT ROWID;
