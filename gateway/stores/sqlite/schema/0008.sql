-- Whether the days until a dossier's due date are counted (``holds``: why not), and when the dossier had ended.
ALTER TABLE dossier ADD COLUMN holds TEXT NOT NULL DEFAULT '';
ALTER TABLE dossier ADD COLUMN paused_at INTEGER;
ALTER TABLE dossier ADD COLUMN closed_at INTEGER;
UPDATE dossier SET closed_at = (
    SELECT max(accepted_at) FROM status
    WHERE status.dossier_id = dossier.id AND json_extract(status.status, '$.status') IN (3, 8, 9, 10)
);
-- What is promised and not ended, the earliest first: read from the front, however long the history is.
CREATE INDEX dossier_due ON dossier (due_at)
    WHERE due_at IS NOT NULL AND closed_at IS NULL AND paused_at IS NULL AND test = 0;
CREATE INDEX dossier_paused ON dossier (due_at)
    WHERE due_at IS NOT NULL AND closed_at IS NULL AND paused_at IS NOT NULL AND test = 0;
