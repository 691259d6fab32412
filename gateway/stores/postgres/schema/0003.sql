-- The order in which rows are read ends each index, as SQLite has it by itself: whatever waits, nothing is sorted.
DROP INDEX delivery_ready;
CREATE INDEX delivery_ready ON delivery (destination, is_retry, priority_at, seq) WHERE state = 'ready' AND feed = 0;
DROP INDEX delivery_open;
CREATE INDEX delivery_open ON delivery (destination, state, seq) WHERE state NOT IN ('delivered', 'cancelled');
DROP INDEX delivery_waiting;
CREATE INDEX delivery_waiting ON delivery (dossier_id, destination, lane_seq) WHERE state = 'waiting' AND awaits = 0;
DROP INDEX delivery_expires;
CREATE INDEX delivery_expires ON delivery (expires_at, id)
    WHERE expires_at IS NOT NULL AND state IN ('waiting', 'delayed', 'ready');
DROP INDEX delivery_doubt;
CREATE INDEX delivery_doubt ON delivery (destination, in_doubt_since, id) WHERE in_doubt_since IS NOT NULL;
DROP INDEX message_dossier;
CREATE INDEX message_dossier ON message (dossier_id, seq);
DROP INDEX dossier_due;
CREATE INDEX dossier_due ON dossier (due_at, id)
    WHERE due_at IS NOT NULL AND closed_at IS NULL AND paused_at IS NULL AND test = 0;
DROP INDEX dossier_paused;
CREATE INDEX dossier_paused ON dossier (due_at, id)
    WHERE due_at IS NOT NULL AND closed_at IS NULL AND paused_at IS NOT NULL AND test = 0;
-- What has stopped, in the order accepted: a replay's choice.
CREATE INDEX delivery_halted ON delivery (seq) WHERE state IN ('held', 'dead');
-- A system has a share of all deliveries that no parameter tells: where the planner takes it for a large one, it looks
-- for the first of a system in the order of all that ever were. It is to take each system for a small one.
ALTER TABLE delivery ALTER COLUMN destination SET (n_distinct = -0.01);
