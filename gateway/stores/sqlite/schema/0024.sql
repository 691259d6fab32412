-- Why a file that is named by address could not be had last, and when; what its message's source was told of that.
ALTER TABLE pending_file ADD COLUMN reason TEXT;
ALTER TABLE pending_file ADD COLUMN detail TEXT NOT NULL DEFAULT '';
ALTER TABLE pending_file ADD COLUMN failed_at INTEGER;
ALTER TABLE pending_file ADD COLUMN told TEXT;
CREATE INDEX pending_file_reason ON pending_file (reason) WHERE reason IS NOT NULL;
