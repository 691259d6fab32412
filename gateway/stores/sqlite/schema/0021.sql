-- A dossier whose age was reached: when what was kept of it was erased, by which rule, and who had taken part, parted by
-- spaces. Its row and its codes stay, so that nobody takes what is said of it later for something new.
ALTER TABLE dossier ADD COLUMN erased_at INTEGER;
ALTER TABLE dossier ADD COLUMN erased_by TEXT NOT NULL DEFAULT '';
ALTER TABLE dossier ADD COLUMN took_part TEXT NOT NULL DEFAULT '';
CREATE INDEX dossier_ended ON dossier (closed_at, id) WHERE closed_at IS NOT NULL AND erased_at IS NULL;

-- The receipts of messages that are erased: what their keys (``dedup``) are answered with.
CREATE TABLE erased_message (
    id TEXT PRIMARY KEY,
    dossier_id TEXT NOT NULL,
    accepted_at INTEGER NOT NULL,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX proposal_dossier ON proposal (dossier_id) WHERE dossier_id IS NOT NULL;

-- Once something is erased, code that knows less than these steps would take what is said of it for new.
INSERT INTO meta (name, value) VALUES ('oldest_once_erased', '21');
