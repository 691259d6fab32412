-- Why a file that is named by address could not be had last, and when; what its message's source was told of that.
ALTER TABLE pending_file ADD COLUMN reason text COLLATE "C";
ALTER TABLE pending_file ADD COLUMN detail text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE pending_file ADD COLUMN failed_at bigint;
ALTER TABLE pending_file ADD COLUMN told text COLLATE "C";
CREATE INDEX pending_file_reason ON pending_file (reason, seq) WHERE reason IS NOT NULL;
