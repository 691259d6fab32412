-- The first schema. Times are microseconds since 1970 in UTC; ids are text; rowids keep the order of acceptance.

-- What the store knows about itself: the epoch of its feeds.
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A dossier and what its current revision says of it.
CREATE TABLE dossier (
    id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    digest TEXT NOT NULL,
    stated_by TEXT,
    procedure TEXT NOT NULL,
    agency TEXT NOT NULL,
    due_at INTEGER
) STRICT, WITHOUT ROWID;

-- Every partner's code of a dossier.
CREATE TABLE code (
    seq INTEGER PRIMARY KEY,
    value TEXT NOT NULL,
    scheme TEXT NOT NULL,
    dossier_id TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX code_value ON code (value, scheme);
CREATE INDEX code_dossier ON code (dossier_id);

-- Which message states a revision; the document is in that message.
CREATE TABLE snapshot (
    dossier_id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    PRIMARY KEY (dossier_id, revision)
) STRICT, WITHOUT ROWID;
CREATE INDEX snapshot_message ON snapshot (message_id);

-- A system's own ids for a dossier.
CREATE TABLE fact (
    dossier_id TEXT NOT NULL,
    system TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (dossier_id, system, name)
) STRICT, WITHOUT ROWID;

-- The last status that each system stated about a dossier.
CREATE TABLE status (
    dossier_id TEXT NOT NULL,
    system TEXT NOT NULL,
    status TEXT NOT NULL,
    occurred_at INTEGER,
    accepted_at INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    PRIMARY KEY (dossier_id, system)
) STRICT, WITHOUT ROWID;

-- An accepted event, immutable but for the dossier of one that was parked. ``head`` is JSON: the draft's small fields.
CREATE TABLE message (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    dossier_id TEXT NOT NULL,
    source TEXT NOT NULL,
    digest TEXT NOT NULL,
    accepted_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    has_files INTEGER NOT NULL,
    head BLOB NOT NULL,
    payload BLOB NOT NULL,
    payload_type TEXT NOT NULL,
    document BLOB,
    document_type TEXT,
    raw BLOB,
    raw_type TEXT
) STRICT;
CREATE INDEX message_dossier ON message (dossier_id, source);

-- Files of a message that are here.
CREATE TABLE message_blob (
    seq INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL,
    file_id TEXT NOT NULL,
    key TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    name TEXT NOT NULL
) STRICT;
CREATE INDEX message_blob_message ON message_blob (message_id);
CREATE INDEX message_blob_file ON message_blob (file_id);
CREATE INDEX message_blob_key ON message_blob (key);

-- Files of a message that are still to be fetched.
CREATE TABLE pending_file (
    seq INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL,
    file_id TEXT NOT NULL,
    url TEXT NOT NULL,
    sha256 TEXT,
    name TEXT NOT NULL,
    tried_at INTEGER NOT NULL DEFAULT 0,
    UNIQUE (message_id, file_id)
) STRICT;
CREATE INDEX pending_file_tried ON pending_file (tried_at);

-- Uploads, kept until nobody refers to them.
CREATE TABLE file (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    key TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    content_type TEXT NOT NULL,
    name TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX file_key ON file (key);
CREATE INDEX file_created ON file (created_at);

-- What a source's own ids were used for.
CREATE TABLE dedup (
    source TEXT NOT NULL,
    operation TEXT NOT NULL,
    key TEXT NOT NULL,
    message_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (source, operation, key)
) STRICT, WITHOUT ROWID;

-- Which codes a message waits for that nobody has bound yet.
CREATE TABLE parked (
    value TEXT NOT NULL,
    scheme TEXT NOT NULL,
    message_seq INTEGER NOT NULL,
    message_id TEXT NOT NULL,
    PRIMARY KEY (value, scheme, message_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX parked_message ON parked (message_id);

-- One message to one system. ``stands``: the lane has not passed it; ``awaits``: outstanding conditions.
CREATE TABLE delivery (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    message_id TEXT NOT NULL,
    dossier_id TEXT NOT NULL,
    source TEXT NOT NULL,
    kind TEXT NOT NULL,
    destination TEXT NOT NULL,
    lane_seq INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN ('waiting', 'delayed', 'ready', 'leased', 'delivered', 'held', 'dead', 'cancelled')
    ),
    step TEXT NOT NULL CHECK (step IN ('send', 'lookup')),
    awaits INTEGER NOT NULL CHECK (awaits >= 0),
    blocks INTEGER NOT NULL,
    tells INTEGER NOT NULL,
    stands INTEGER NOT NULL,
    is_retry INTEGER NOT NULL,
    feed INTEGER NOT NULL,
    feed_seq INTEGER,
    created_at INTEGER NOT NULL,
    priority_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    expires_at INTEGER,
    settled_at INTEGER,
    in_doubt_since INTEGER,
    closed_at INTEGER,
    attempts INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    reclaims INTEGER NOT NULL,
    reason TEXT,
    detail TEXT NOT NULL,
    pinned TEXT,
    notes TEXT NOT NULL,
    lease_token TEXT,
    lease_node TEXT,
    lease_begun INTEGER NOT NULL,
    lease_until INTEGER,
    settled_token TEXT NOT NULL,
    CHECK ((state = 'leased') = (lease_token IS NOT NULL))
) STRICT;
CREATE INDEX delivery_message ON delivery (message_id);
-- The order of a lane, which is also the way to a dossier's deliveries.
CREATE UNIQUE INDEX delivery_lane ON delivery (dossier_id, destination, lane_seq);
-- G3: at most one delivery of a lane is on the move.
CREATE UNIQUE INDEX delivery_head ON delivery (dossier_id, destination)
    WHERE state IN ('delayed', 'ready', 'leased');
-- What stands in a lane, without all that it has passed.
CREATE INDEX delivery_standing ON delivery (dossier_id, destination, lane_seq) WHERE stands = 1;
-- A claim reads from the front of this, however long the backlog is.
CREATE INDEX delivery_ready ON delivery (destination, is_retry, priority_at) WHERE state = 'ready' AND feed = 0;
CREATE INDEX delivery_delayed ON delivery (due_at) WHERE state = 'delayed';
CREATE INDEX delivery_leased ON delivery (lease_until) WHERE state = 'leased';
CREATE INDEX delivery_waiting ON delivery (dossier_id, destination) WHERE state = 'waiting' AND awaits = 0;
CREATE INDEX delivery_open ON delivery (destination, state) WHERE state NOT IN ('delivered', 'cancelled');
CREATE INDEX delivery_doubt ON delivery (destination) WHERE in_doubt_since IS NOT NULL;
CREATE INDEX delivery_feed ON delivery (destination, feed_seq)
    WHERE feed_seq IS NOT NULL AND state NOT IN ('delivered', 'cancelled');

-- Legs that must be done before a delivery of the same message goes on.
CREATE TABLE condition (
    message_id TEXT NOT NULL,
    destination TEXT NOT NULL,
    delivery_id TEXT NOT NULL,
    PRIMARY KEY (message_id, destination, delivery_id)
) STRICT, WITHOUT ROWID;

-- The last number given in each system's feed.
CREATE TABLE feed (
    destination TEXT PRIMARY KEY,
    last_seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How many deliveries of a system have ended, kept so that counting them reads no history.
CREATE TABLE tally (
    destination TEXT NOT NULL,
    state TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (destination, state)
) STRICT, WITHOUT ROWID;

-- Every try, as evidence. ``attempt`` is JSON without the reply.
CREATE TABLE attempt (
    seq INTEGER PRIMARY KEY,
    token TEXT NOT NULL UNIQUE,
    delivery_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    attempt BLOB NOT NULL,
    reply BLOB,
    reply_type TEXT
) STRICT;
CREATE INDEX attempt_delivery ON attempt (delivery_id);

-- How far a stream of a polled system has been read.
CREATE TABLE bookmark (
    system TEXT NOT NULL,
    stream TEXT NOT NULL,
    cursor TEXT NOT NULL,
    PRIMARY KEY (system, stream)
) STRICT, WITHOUT ROWID;

-- Replay caches.
CREATE TABLE seen (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_until ON seen (until);

-- API keys as digests, with who made and who ended them.
CREATE TABLE key (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    revoked_at INTEGER,
    revoked_by TEXT
) STRICT;

-- Incarnations of the gateway.
CREATE TABLE node (
    id TEXT PRIMARY KEY,
    config TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    beat_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT, WITHOUT ROWID;

-- Configuration versions that were ever in force.
CREATE TABLE config (
    version TEXT PRIMARY KEY,
    first_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO meta (name, value) VALUES ('epoch', lower(hex(randomblob(8))));
