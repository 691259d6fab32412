-- Replays. ``words``, ``plan`` and ``forgiven`` are JSON: what was asked for, how carefully, and what was counted before
-- a person let it go on.
CREATE TABLE replay_run (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    actor BLOB NOT NULL,
    reason TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    words TEXT NOT NULL,
    plan BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'paused', 'stopped', 'finished', 'cancelled')),
    released INTEGER NOT NULL,
    forgiven BLOB NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX replay_run_open ON replay_run (seq) WHERE state IN ('running', 'paused', 'stopped');

-- Their deliveries, in the order of release: each at the stop that it was chosen for.
CREATE TABLE replay_item (
    run_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    delivery_id TEXT NOT NULL,
    stopped_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('chosen', 'sent', 'done', 'failed', 'skipped')),
    why TEXT,
    sent_at INTEGER,
    ended_at INTEGER,
    PRIMARY KEY (run_id, place)
) STRICT, WITHOUT ROWID;
-- No delivery is in two runs that may still send it, or have.
CREATE UNIQUE INDEX replay_item_open ON replay_item (delivery_id) WHERE state IN ('chosen', 'sent');
CREATE INDEX replay_item_state ON replay_item (run_id, state, place);
CREATE INDEX replay_item_sent ON replay_item (run_id, sent_at) WHERE sent_at IS NOT NULL;
