-- A dossier that began as a test stays one, whatever is said about it later.
ALTER TABLE dossier ADD COLUMN test INTEGER NOT NULL DEFAULT 0;
UPDATE dossier SET test = 1 WHERE EXISTS (
    SELECT 1 FROM message
    WHERE message.dossier_id = dossier.id AND message.source = dossier.source
        AND json_extract(CAST(message.head AS TEXT), '$.kind') = 'dossier.submitted'
        AND json_extract(CAST(message.head AS TEXT), '$.test')
);
