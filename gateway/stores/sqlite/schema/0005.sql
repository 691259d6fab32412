-- One hash chain per incarnation of the gateway. ``seq`` of its first record is that of the last one before it, plus 1.
CREATE TABLE evidence_chain (
    place INTEGER PRIMARY KEY,
    node TEXT NOT NULL UNIQUE,
    begun_at INTEGER NOT NULL,
    first_seq INTEGER NOT NULL
) STRICT;

-- The records, in the order made: never changed, never deleted. ``salt`` opens what is sealed in the record.
CREATE TABLE evidence (
    seq INTEGER PRIMARY KEY,
    place INTEGER NOT NULL,
    number INTEGER NOT NULL,
    link BLOB NOT NULL,
    record BLOB NOT NULL,
    salt BLOB NOT NULL
) STRICT;
