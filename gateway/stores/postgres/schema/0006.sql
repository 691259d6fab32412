-- By which proposal a second person agreed to a replay; NULL: one person began it alone, which counts with others of theirs.
ALTER TABLE replay_run ADD COLUMN proposal text COLLATE "C";
CREATE INDEX replay_run_alone ON replay_run (made_at) WHERE proposal IS NULL;
