-- The systems that have a dossier from before the gateway, parted by spaces.
ALTER TABLE dossier ADD COLUMN adopted TEXT NOT NULL DEFAULT '';
