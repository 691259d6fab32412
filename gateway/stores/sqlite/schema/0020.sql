-- How many codes of its dossier a delivery knew when it was claimed; NULL: all there are.
ALTER TABLE delivery ADD COLUMN knows INTEGER;
-- Versions were not kept before, so nothing goes on by one of them.
UPDATE delivery SET pinned = NULL WHERE state NOT IN ('delivered', 'cancelled');
