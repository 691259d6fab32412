-- How many codes of its dossier a delivery knew when it was claimed; NULL: all there are.
ALTER TABLE delivery ADD COLUMN knows bigint;
