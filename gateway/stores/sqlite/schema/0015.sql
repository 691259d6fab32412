-- When the machine started, by its clock as the last transaction saw it: it moves only where the clock is set.
CREATE TABLE boot (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    id TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
