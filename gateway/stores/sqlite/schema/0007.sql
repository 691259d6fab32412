-- Systems that nobody may call until somebody resumes them.
CREATE TABLE pause (
    system TEXT PRIMARY KEY,
    actor BLOB NOT NULL,
    text TEXT NOT NULL,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How a node last saw each system: the next incarnation begins with it.
CREATE TABLE weather (
    system TEXT PRIMARY KEY,
    phase TEXT NOT NULL CHECK (phase IN ('closed', 'open', 'half_open')),
    since INTEGER,
    opened INTEGER NOT NULL,
    reason TEXT,
    answered_at INTEGER,
    failed_at INTEGER,
    failure TEXT
) STRICT, WITHOUT ROWID;

-- Which node may find out whether a system answers again.
CREATE TABLE probe (
    system TEXT PRIMARY KEY,
    node TEXT NOT NULL,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
