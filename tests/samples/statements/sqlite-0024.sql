DELETE FROM asked_system WHERE system = ?;

DELETE FROM attempt WHERE delivery_id IN (SELECT value FROM json_each(:deliveries));

DELETE FROM condition WHERE message_id = ? AND destination = ?;

DELETE FROM condition WHERE message_id IN (SELECT value FROM json_each(:messages));

DELETE FROM delivery WHERE id IN (SELECT value FROM json_each(:deliveries));

DELETE FROM episode WHERE matter = ? AND system = ? AND why = ?;

DELETE FROM fact WHERE dossier_id IN (SELECT value FROM json_each(:dossiers));

DELETE FROM file WHERE created_at < ?
    AND NOT EXISTS (SELECT 1 FROM message_blob WHERE message_blob.key = file.key);

DELETE FROM file WHERE id IN (SELECT file_id FROM message_blob WHERE message_id IN (SELECT value FROM json_each(:messages)))
    AND NOT EXISTS (
        SELECT 1 FROM message_blob AS other WHERE other.key = file.key AND other.message_id NOT IN (SELECT value FROM json_each(:messages))
    );

DELETE FROM message WHERE id IN (SELECT value FROM json_each(:messages));

DELETE FROM message_blob WHERE message_id IN (SELECT value FROM json_each(:messages));

DELETE FROM meta WHERE name = ?;

DELETE FROM open_dossier WHERE system = ? AND dossier_id = ?;

DELETE FROM open_dossier WHERE system = ?;

DELETE FROM parked WHERE message_id = ?;

DELETE FROM parked WHERE message_id IN (SELECT value FROM json_each(:messages));

DELETE FROM pause WHERE system = ?;

DELETE FROM pending_file WHERE message_id = ? AND file_id = ?;

DELETE FROM pending_file WHERE message_id = ?;

DELETE FROM pending_file WHERE message_id IN (SELECT value FROM json_each(:messages));

DELETE FROM proposal WHERE dossier_id IN (SELECT value FROM json_each(:dossiers));

DELETE FROM seen WHERE (scope, key) IN (SELECT scope, key FROM seen WHERE until <= ? ORDER BY until LIMIT 100);

DELETE FROM silence WHERE dossier_id IN (SELECT value FROM json_each(:dossiers))
    AND system IN (SELECT destination FROM delivery WHERE id IN (SELECT value FROM json_each(:deliveries)));

DELETE FROM silence WHERE system = ? AND dossier_id = ?;

DELETE FROM snapshot WHERE dossier_id IN (SELECT value FROM json_each(:dossiers));

DELETE FROM status WHERE dossier_id IN (SELECT value FROM json_each(:dossiers));

INSERT INTO act (id, at, actor, reason, verb, target_kind, target, dossier_id, facts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

INSERT INTO asked_system (system) VALUES (?) ON CONFLICT DO NOTHING;

INSERT INTO attempt (token, delivery_id, at, attempt, reply, reply_type) VALUES (?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?);

INSERT INTO bookmark (system, stream, cursor) VALUES (?, ?, ?) ON CONFLICT (system, stream) DO UPDATE SET cursor = excluded.cursor;

INSERT INTO boot ("only", id, at) VALUES (?, ?, ?) ON CONFLICT ("only") DO UPDATE SET id = excluded.id, at = excluded.at;

INSERT INTO chain (parent, step, dossier_id, begun_by, message_id) VALUES (?, ?, ?, ?, ?);

INSERT INTO code (value, scheme, dossier_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING;

INSERT INTO code (value, scheme, dossier_id) VALUES (?, ?, ?), (?, ?, ?);

INSERT INTO condition (message_id, destination, delivery_id) VALUES (?, ?, ?);

INSERT INTO config (version, first_at) VALUES (?, ?) ON CONFLICT DO NOTHING;

INSERT INTO dedup (source, operation, key, message_id, digest) VALUES (?, ?, ?, ?, ?), (?, ?, ?, ?, ?);

INSERT INTO delivery (id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

INSERT INTO divergence (reconciliation_id, place, finding) VALUES (?, ?, ?), (?, ?, ?);

INSERT INTO dossier (id, source, created_at, revision, digest, stated_by, procedure, agency, due_at, test, holds, paused_at, closed_at, adopted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET source = excluded.source, created_at = excluded.created_at, revision = excluded.revision, digest = excluded.digest, stated_by = excluded.stated_by, procedure = excluded.procedure, agency = excluded.agency, due_at = excluded.due_at, test = excluded.test, holds = excluded.holds, paused_at = excluded.paused_at, closed_at = excluded.closed_at, adopted = excluded.adopted;

INSERT INTO episode (matter, system, why, opened_at, peak, gone_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (matter, system, why) DO UPDATE SET opened_at = excluded.opened_at, peak = excluded.peak, gone_at = excluded.gone_at;

INSERT INTO erased_message (id, dossier_id, accepted_at, revision)
SELECT id, dossier_id, accepted_at, revision FROM message WHERE id IN (SELECT value FROM json_each(:messages)) AND source <> 'gateway';

INSERT INTO evidence (seq, place, number, link, record, salt) VALUES (?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?);

INSERT INTO evidence_chain (place, node, begun_at, first_seq) VALUES (?, ?, ?, ?);

INSERT INTO fact (dossier_id, system, name, value) VALUES (?, ?, ?, ?) ON CONFLICT (dossier_id, system, name) DO UPDATE SET value = excluded.value;

INSERT INTO feed (destination, last_seq) VALUES (?, ?), (?, ?) ON CONFLICT (destination) DO UPDATE SET last_seq = excluded.last_seq;

INSERT INTO file (id, owner, created_at, key, sha256, size, content_type, name) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, created_at = excluded.created_at, key = excluded.key, sha256 = excluded.sha256, size = excluded.size, content_type = excluded.content_type, name = excluded.name;

INSERT INTO key (id, role, name, digest, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?);

INSERT INTO message (id, dossier_id, source, digest, accepted_at, revision, has_files, head, payload, payload_type, document, document_type, raw, raw_type, document_at, document_size) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

INSERT INTO message_blob (message_id, file_id, key, sha256, size, content_type, name) VALUES (?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?);

INSERT INTO meta (name, value) SELECT 'heard_since', ? WHERE (SELECT max(beat_at) FROM node) <= ?
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

INSERT INTO meta (name, value) SELECT 'oldest', value FROM meta WHERE name = 'oldest_once_erased'
ON CONFLICT (name) DO UPDATE SET value = CASE
    WHEN CAST(meta.value AS bigint) < CAST(excluded.value AS bigint) THEN excluded.value ELSE meta.value
END;

INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

INSERT INTO node (id, config, joined_at, beat_at) VALUES (?, ?, ?, ?);

INSERT INTO open_dossier (system, dossier_id) VALUES (?, ?) ON CONFLICT DO NOTHING;

INSERT INTO parked (value, scheme, message_seq, message_id)
SELECT ?, ?, seq, id FROM message WHERE id = ? ON CONFLICT DO NOTHING;

INSERT INTO pause (system, actor, text, since) VALUES (?, ?, ?, ?) ON CONFLICT (system) DO UPDATE SET actor = excluded.actor, text = excluded.text, since = excluded.since;

INSERT INTO pending_file (message_id, file_id, url, sha256, name) VALUES (?, ?, ?, ?, ?), (?, ?, ?, ?, ?);

INSERT INTO probe (system, node, until) VALUES (:system, :node, :until)
ON CONFLICT (system) DO UPDATE SET node = excluded.node, until = excluded.until
WHERE probe.node = excluded.node OR probe.until <= :now
    OR probe.node IN (SELECT id FROM node WHERE ended_at IS NOT NULL);

INSERT INTO proposal (id, verb, target_kind, target, parameters, facts, dossier_id, digest, actor, reason, made_at, expires_at, state, decided_actor, decided_reason, decided_at, outcome) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state, decided_actor = excluded.decided_actor, decided_reason = excluded.decided_reason, decided_at = excluded.decided_at, outcome = excluded.outcome;

INSERT INTO query (id, asked_at, system, operation, actor, officer, purpose, salt, subject, state, ended_at, reason, http_status, duration_us, answer) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended_at = excluded.ended_at, reason = excluded.reason, http_status = excluded.http_status, duration_us = excluded.duration_us, answer = excluded.answer;

INSERT INTO reconciliation (id, system, actor, reason, asked_at, names, state, ended_at, compared, unanswered, facts, counts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended_at = excluded.ended_at, compared = excluded.compared, unanswered = excluded.unanswered, counts = excluded.counts;

INSERT INTO replay_item (run_id, place, delivery_id, stopped_at, state, why, sent_at, ended_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?);

INSERT INTO replay_run (id, actor, reason, made_at, words, plan, state, released, forgiven, ended_at, proposal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state, released = excluded.released, forgiven = excluded.forgiven, ended_at = excluded.ended_at;

INSERT INTO seen (scope, key, content, until) VALUES (?, ?, ?, ?)
ON CONFLICT (scope, key) DO UPDATE SET content = excluded.content, until = excluded.until WHERE seen.until <= ?;

INSERT INTO silence (system, dossier_id) VALUES (?, ?) ON CONFLICT DO NOTHING;

INSERT INTO snapshot (dossier_id, revision, message_id) VALUES (?, ?, ?), (?, ?, ?);

INSERT INTO status (dossier_id, system, status, occurred_at, accepted_at, message_id) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (dossier_id, system) DO UPDATE SET status = excluded.status, occurred_at = excluded.occurred_at, accepted_at = excluded.accepted_at, message_id = excluded.message_id;

INSERT INTO tally (destination, state, number)
SELECT destination, state, -count(*) FROM delivery
WHERE id IN (SELECT value FROM json_each(:deliveries)) AND state IN ('delivered', 'cancelled') GROUP BY destination, state
ON CONFLICT (destination, state) DO UPDATE SET number = tally.number + excluded.number;

INSERT INTO tally (destination, state, number) VALUES (?, ?, ?), (?, ?, ?) ON CONFLICT (destination, state) DO UPDATE SET number = tally.number + excluded.number;

INSERT INTO weather (system, phase, since, opened, reason, answered_at, failed_at, failure) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (system) DO UPDATE SET phase = excluded.phase, since = excluded.since, opened = excluded.opened, reason = excluded.reason, answered_at = excluded.answered_at, failed_at = excluded.failed_at, failure = excluded.failure;

SELECT
    (SELECT max(lane_seq) FROM delivery WHERE dossier_id = ? AND destination = ?),
    EXISTS (SELECT 1 FROM delivery WHERE dossier_id = ? AND destination = ? AND stands = 1);

SELECT
    dossier_id, destination,
    max(CASE WHEN kind = 'dossier.submitted' AND state <> 'cancelled' THEN 1 ELSE 0 END),
    max(CASE
        WHEN state = 'cancelled' THEN NULL
        WHEN kind = 'dossier.submitted' THEN created_at
        WHEN kind IN ('dossier.amended', 'supplement.submitted') THEN coalesce(settled_at, created_at)
    END)
FROM delivery WHERE dossier_id IN (SELECT value FROM json_each(:dossiers)) AND destination <> 'operators'
GROUP BY dossier_id, destination;

SELECT
    id, source, adopted, took_part, erased_by, closed_at,
    (SELECT max(accepted_at) FROM message WHERE dossier_id = dossier.id),
    (SELECT max(settled_at) FROM delivery WHERE message_id IN (SELECT id FROM message WHERE dossier_id = dossier.id)),
    (SELECT max(at) FROM act WHERE dossier_id = dossier.id),
    EXISTS (
        SELECT 1 FROM delivery WHERE message_id IN (SELECT id FROM message WHERE dossier_id = dossier.id)
            AND (state NOT IN ('delivered', 'cancelled') OR in_doubt_since IS NOT NULL)
            AND NOT (parked = 1 AND state = 'held' AND coalesce(reason, '') = 'unmatched')
    ),
    EXISTS (
        SELECT 1 FROM pending_file WHERE message_id IN (SELECT id FROM message WHERE dossier_id = dossier.id) AND EXISTS (
            SELECT 1 FROM delivery
            WHERE delivery.message_id = pending_file.message_id AND state NOT IN ('delivered', 'cancelled')
        )
    ),
    parked = 1 AND EXISTS (
        SELECT 1 FROM delivery WHERE destination = dossier.source
            AND state IN ('dead', 'delayed', 'held', 'leased', 'ready', 'waiting') AND state NOT IN ('delivered', 'cancelled')
            AND seq < (SELECT min(seq) FROM delivery WHERE message_id IN (SELECT id FROM message WHERE dossier_id = dossier.id))
        UNION ALL
        SELECT 1 FROM delivery WHERE destination = dossier.source
            AND in_doubt_since IS NOT NULL
            AND seq < (SELECT min(seq) FROM delivery WHERE message_id IN (SELECT id FROM message WHERE dossier_id = dossier.id))
    ),
    EXISTS (
        SELECT 1 FROM open_dossier WHERE dossier_id = dossier.id AND system IN (SELECT system FROM asked_system)
    ),
    EXISTS (SELECT 1 FROM proposal WHERE dossier_id = dossier.id AND state = 'open' AND expires_at > :now),
    EXISTS (
        SELECT 1 FROM replay_item WHERE state IN ('chosen', 'sent')
            AND delivery_id IN (SELECT id FROM delivery WHERE message_id IN (SELECT id FROM message WHERE dossier_id = dossier.id))
    ),
    (SELECT count(*) FROM message WHERE dossier_id = dossier.id),
    (SELECT count(*) FROM delivery WHERE message_id IN (SELECT id FROM message WHERE dossier_id = dossier.id)),
    (SELECT count(*) FROM message_blob WHERE message_id IN (SELECT id FROM message WHERE dossier_id = dossier.id)),
    (SELECT CAST(coalesce(sum(size), 0) AS bigint) FROM message_blob WHERE message_id IN (SELECT id FROM message WHERE dossier_id = dossier.id)),
    parked
FROM (
    SELECT id, source, adopted, took_part, erased_by, closed_at, 0 AS parked
    FROM dossier WHERE erased_at IS NULL AND id IN (SELECT value FROM json_each(:dossiers))
    UNION ALL
    SELECT dossier_id, source, '', '', '', accepted_at, 1
    FROM message WHERE dossier_id IN (SELECT value FROM json_each(:dossiers)) AND EXISTS (SELECT 1 FROM parked WHERE message_id = message.id)
) AS dossier;

SELECT 1 FROM attempt WHERE token = ?;

SELECT 1 FROM delivery WHERE state = 'ready' AND feed = 0 AND destination = ? LIMIT 1;

SELECT 1 FROM parked WHERE message_id = ? LIMIT 1;

SELECT DISTINCT dossier_id FROM code WHERE value = ? AND scheme = ? ORDER BY dossier_id LIMIT ?;

SELECT DISTINCT dossier_id FROM code WHERE value = ? ORDER BY dossier_id LIMIT ?;

SELECT DISTINCT source, message.dossier_id, accepted_at, message.seq
FROM (SELECT seq, message_id FROM pending_file  ORDER BY seq LIMIT 500) AS file
JOIN message ON message.id = file.message_id
WHERE EXISTS (SELECT 1 FROM delivery WHERE delivery.message_id = message.id AND delivery.state = 'waiting')
    AND NOT EXISTS (
        SELECT 1 FROM pending_file AS other WHERE other.message_id = message.id AND other.reason IN ('file_differs', 'file_not_there', 'file_too_large', 'unfetchable')
    )
ORDER BY source, message.seq;

SELECT DISTINCT source, message.dossier_id, accepted_at, message.seq
FROM (SELECT seq, message_id FROM pending_file WHERE reason = ? ORDER BY seq LIMIT 500) AS file
JOIN message ON message.id = file.message_id
WHERE EXISTS (SELECT 1 FROM delivery WHERE delivery.message_id = message.id AND delivery.state = 'waiting')
    
ORDER BY source, message.seq;

SELECT EXISTS (
    SELECT 1 FROM delivery WHERE dossier_id = ? AND destination = ? AND state IN ('delayed', 'ready', 'leased')
);

SELECT EXISTS (SELECT 1 FROM condition);

SELECT EXISTS (SELECT 1 FROM file WHERE key = ?) OR EXISTS (SELECT 1 FROM message_blob WHERE key = ?);

SELECT EXISTS (SELECT 1 FROM parked WHERE value > '');

SELECT EXISTS (SELECT 1 FROM replay_item INDEXED BY replay_item_open WHERE state IN ('chosen', 'sent'));

SELECT EXISTS (SELECT 1 FROM silence);

SELECT accepted_at, dossier_id FROM message
WHERE seq IN (SELECT message_seq FROM parked) AND accepted_at < ? AND (accepted_at, dossier_id) > (?, ?)
ORDER BY accepted_at, dossier_id LIMIT ?;

SELECT actor, (SELECT count(*) FROM replay_item WHERE run_id = run.id AND (state = 'chosen' OR sent_at > :since))
FROM replay_run AS run WHERE proposal IS NULL AND ended_at IS NULL UNION ALL 
SELECT actor, (SELECT count(*) FROM replay_item WHERE run_id = run.id AND (state = 'chosen' OR sent_at > :since))
FROM replay_run AS run WHERE proposal IS NULL AND ended_at > :since;

SELECT actor, count(*) FROM act WHERE at > ? AND verb IN ('retry', 'judge')
    AND facts NOT LIKE '%"decision":"cancelled"%' AND facts NOT LIKE '%"replay":"%' AND facts NOT LIKE '%"proposal":"%'
GROUP BY actor;

SELECT b.key, b.sha256, b.size, b.content_type, b.name, b.file_id
FROM message_blob AS b JOIN message AS m ON m.id = b.message_id
WHERE b.file_id = :file AND b.sha256 LIKE :digest AND (
    m.source = :caller
    OR EXISTS (SELECT 1 FROM delivery AS d WHERE d.message_id = m.id AND d.destination = :caller)
    OR EXISTS (
        SELECT 1 FROM snapshot AS s
        JOIN message AS later ON later.dossier_id = s.dossier_id AND later.revision >= s.revision
        JOIN delivery AS d ON d.message_id = later.id AND d.destination = :caller
        WHERE s.message_id = m.id
    )
) ORDER BY b.seq LIMIT 1;

SELECT chain.place, chain.begun_at, chain.node, evidence.number, evidence.link
FROM evidence_chain AS chain JOIN evidence ON evidence.seq = coalesce(
    (SELECT next.first_seq - 1 FROM evidence_chain AS next WHERE next.place = chain.place + 1),
    (SELECT max(seq) FROM evidence)
)
WHERE chain.place > ? ORDER BY chain.place LIMIT ?;

SELECT closed_at, id FROM dossier
WHERE closed_at IS NOT NULL AND erased_at IS NULL AND closed_at < ? AND (closed_at, id) > (?, ?)
ORDER BY closed_at, id LIMIT ?;

SELECT content FROM seen WHERE scope = ? AND key = ?;

SELECT count(*) FROM replay_item WHERE run_id = ? AND sent_at > ?;

SELECT cursor FROM bookmark WHERE system = ? AND stream = ?;

SELECT delivery.id, delivery.message_id, delivery.dossier_id, delivery.source, delivery.kind, delivery.destination, delivery.lane_seq, delivery.blocks, delivery.feed, delivery.created_at, delivery.priority_at, delivery.expires_at, delivery.tells, delivery.route, delivery.state, delivery.step, delivery.awaits, delivery.stands, delivery.is_retry, delivery.feed_seq, delivery.due_at, delivery.settled_at, delivery.in_doubt_since, delivery.closed_at, delivery.attempts, delivery.tries, delivery.reclaims, delivery.reason, delivery.detail, delivery.pinned, delivery.notes, delivery.lease_token, delivery.lease_node, delivery.lease_begun, delivery.lease_until, delivery.settled_token, delivery.knows FROM ( VALUES (?), (?) ) AS asked CROSS JOIN delivery ON delivery.id = asked.column1;

SELECT delivery.id, delivery.message_id, delivery.dossier_id, delivery.source, delivery.kind, delivery.destination, delivery.lane_seq, delivery.blocks, delivery.feed, delivery.created_at, delivery.priority_at, delivery.expires_at, delivery.tells, delivery.route, delivery.state, delivery.step, delivery.awaits, delivery.stands, delivery.is_retry, delivery.feed_seq, delivery.due_at, delivery.settled_at, delivery.in_doubt_since, delivery.closed_at, delivery.attempts, delivery.tries, delivery.reclaims, delivery.reason, delivery.detail, delivery.pinned, delivery.notes, delivery.lease_token, delivery.lease_node, delivery.lease_begun, delivery.lease_until, delivery.settled_token, delivery.knows, (
    SELECT max(lane_seq) FROM delivery AS other
    WHERE other.dossier_id = delivery.dossier_id AND other.destination = delivery.destination
) FROM ( VALUES (?), (?) ) AS asked CROSS JOIN delivery ON delivery.id = asked.column1;

SELECT delivery_id FROM condition WHERE message_id = ? AND destination = ?;

SELECT destination FROM delivery
WHERE state NOT IN ('delivered', 'cancelled') AND destination > ? ORDER BY destination LIMIT 1;

SELECT destination, CASE
    WHEN EXISTS (
        SELECT 1 FROM delivery AS one WHERE one.dossier_id = :dossier AND one.destination = lane.destination AND (
            one.state IN ('delivered', 'leased') OR one.in_doubt_since IS NOT NULL OR one.feed_seq IS NOT NULL
            OR (one.state <> 'dead' AND one.reason = 'already_exists')
        )
    ) THEN 2
    WHEN EXISTS (SELECT 1 FROM delivery AS one WHERE one.dossier_id = :dossier AND one.destination = lane.destination AND one.state = 'cancelled' AND one.kind = 'dossier.submitted' AND one.reason IN ('judged', 'skipped')) THEN 4
    WHEN (SELECT max(one.lane_seq) FROM delivery AS one WHERE one.dossier_id = :dossier AND one.destination = lane.destination AND one.state = 'cancelled' AND one.reason = 'withdrawn') > coalesce((
        SELECT max(one.lane_seq) FROM delivery AS one WHERE one.dossier_id = :dossier AND one.destination = lane.destination AND one.kind = 'dossier.submitted' AND NOT (one.state = 'cancelled' AND coalesce(one.reason, '') IN ('withdrawn', 'called_off', 'superseded', 'edited'))
    ), 0) THEN CASE WHEN EXISTS (SELECT 1 FROM delivery AS one WHERE one.dossier_id = :dossier AND one.destination = lane.destination AND one.state = 'cancelled' AND one.reason = 'called_off') AND NOT EXISTS (
        SELECT 1 FROM delivery AS one WHERE one.dossier_id = :dossier AND one.destination = lane.destination AND one.kind IN ('dossier.amended', 'dossier.submitted') AND one.state NOT IN ('delivered', 'cancelled')
    ) THEN 5 ELSE 1 END
    WHEN EXISTS (SELECT 1 FROM delivery AS one WHERE one.dossier_id = :dossier AND one.destination = lane.destination AND one.state = 'cancelled' AND one.reason = 'called_off') AND NOT EXISTS (
        SELECT 1 FROM delivery AS one WHERE one.dossier_id = :dossier AND one.destination = lane.destination AND one.kind IN ('dossier.amended', 'dossier.submitted') AND one.state NOT IN ('delivered', 'cancelled')
    ) THEN 3
    ELSE 0
END
FROM (
    WITH RECURSIVE lane (destination) AS (
        SELECT min(destination) FROM delivery WHERE dossier_id = :dossier
        UNION ALL
        SELECT (
            SELECT min(next.destination) FROM delivery AS next
            WHERE next.dossier_id = :dossier AND next.destination > lane.destination
        ) FROM lane WHERE lane.destination IS NOT NULL
    )
    SELECT destination FROM lane WHERE destination IS NOT NULL
) AS lane;

SELECT destination, count(*) FROM delivery INDEXED BY delivery_open
WHERE state NOT IN ('delivered', 'cancelled') AND state NOT IN ('held', 'dead') GROUP BY destination;

SELECT destination, count(*) FROM delivery WHERE in_doubt_since IS NOT NULL GROUP BY destination;

SELECT destination, dossier_id FROM delivery AS one
WHERE state = 'waiting' AND awaits = 0 AND NOT EXISTS (
    SELECT 1 FROM delivery AS ahead
    WHERE ahead.dossier_id = one.dossier_id AND ahead.destination = one.destination
        AND ahead.stands = 1 AND ahead.lane_seq < one.lane_seq
);

SELECT destination, ifnull(reason, '') FROM delivery WHERE is_retry = 1 AND state IN ('delayed', 'ready', 'leased') AND destination = ? AND ifnull(reason, '') > ? ORDER BY ifnull(reason, '') LIMIT 1;

SELECT destination, ifnull(reason, '') FROM delivery WHERE is_retry = 1 AND state IN ('delayed', 'ready', 'leased') AND destination > ? ORDER BY destination, ifnull(reason, '') LIMIT 1;

SELECT destination, ifnull(reason, '') FROM delivery WHERE state IN ('held', 'dead') AND state = ? AND destination = ? AND ifnull(reason, '') > ? ORDER BY ifnull(reason, '') LIMIT 1;

SELECT destination, ifnull(reason, '') FROM delivery WHERE state IN ('held', 'dead') AND state = ? AND destination > ? ORDER BY destination, ifnull(reason, '') LIMIT 1;

SELECT destination, max(CASE WHEN kind = 'dossier.submitted' THEN 1 ELSE 0 END),
    max(CASE WHEN kind = 'dossier.submitted' THEN created_at ELSE coalesce(settled_at, created_at) END)
FROM delivery
WHERE dossier_id = ? AND state <> 'cancelled' AND kind IN ('dossier.amended', 'dossier.submitted', 'supplement.submitted')
GROUP BY destination;

SELECT destination, state, number FROM tally WHERE number <> 0;

SELECT destination, state, number, (SELECT created_at FROM delivery WHERE delivery.seq = tallied.first)
FROM (
    SELECT destination, state, count(*) AS number, min(seq) AS first
    FROM delivery INDEXED BY delivery_open
    WHERE state NOT IN ('delivered', 'cancelled') GROUP BY destination, state
) AS tallied;

SELECT dossier_id FROM code WHERE value = ? AND scheme = ?;

SELECT dossier_id FROM delivery
WHERE destination = ? AND feed = ? AND state NOT IN ('delivered', 'cancelled')
GROUP BY dossier_id ORDER BY min(seq) LIMIT ?;

SELECT dossier_id FROM delivery WHERE destination = :system AND kind = :kind AND state = 'delivered'
UNION SELECT id FROM dossier
WHERE adopted <> '' AND replace(' ' || adopted || ' ', ' ' || :system || ' ', '') <> ' ' || adopted || ' ';

SELECT dossier_id FROM open_dossier JOIN dossier ON dossier.id = dossier_id
WHERE system = ? AND dossier_id > ? AND procedure IN (SELECT value FROM json_each(?))
ORDER BY dossier_id LIMIT ?;

SELECT dossier_id, NULL, since FROM silence WHERE system = ? AND since IS NOT NULL AND since <= ?
ORDER BY since LIMIT 500;

SELECT dossier_id, accepted_at, revision FROM erased_message WHERE id = ?;

SELECT dossier_id, id, created_at FROM delivery WHERE is_retry = 1 AND state IN ('delayed', 'ready', 'leased') AND destination = ? AND ifnull(reason, '') = ? AND tries >= ?
ORDER BY tries DESC LIMIT 500;

SELECT dossier_id, id, created_at, ifnull(reason, CASE WHEN feed = 1 THEN 'unread' ELSE 'unsent' END)
FROM delivery INDEXED BY delivery_open
WHERE destination = ? AND state = ? AND state NOT IN ('delivered', 'cancelled') ORDER BY seq LIMIT 500;

SELECT dossier_id, id, settled_at FROM delivery WHERE state IN ('held', 'dead') AND state = ? AND destination = ? AND ifnull(reason, '') = ? ORDER BY settled_at LIMIT 500;

SELECT dossier_id, revision, message_id FROM ( VALUES (?), (?) ) AS asked CROSS JOIN snapshot ON dossier_id = asked.column1;

SELECT dossier_id, scheme, value FROM ( VALUES (?), (?) ) AS asked CROSS JOIN code ON dossier_id = asked.column1 ORDER BY seq;

SELECT dossier_id, system, name, value FROM ( VALUES (?), (?) ) AS asked CROSS JOIN fact ON dossier_id = asked.column1;

SELECT dossier_id, system, status, accepted_at FROM status WHERE dossier_id IN (SELECT value FROM json_each(:dossiers));

SELECT file_id, url, sha256, name, reason, detail, failed_at, told FROM pending_file WHERE message_id = ? ORDER BY seq;

SELECT group_concat(id, char(10)) FROM (
    SELECT id FROM delivery
    WHERE state = 'ready' AND feed = 0 AND destination = ? AND is_retry = ? ORDER BY priority_at, seq LIMIT ?
) AS first;

SELECT id FROM delivery WHERE message_id IN (SELECT value FROM json_each(:messages));

SELECT id FROM message WHERE dossier_id IN (SELECT value FROM json_each(:dossiers));

SELECT id FROM node WHERE ended_at IS NULL AND beat_at >= ? ORDER BY joined_at DESC, id DESC;

SELECT id, actor, reason, made_at, words, plan, state, released, forgiven, ended_at, proposal FROM replay_run ORDER BY seq DESC LIMIT ?;

SELECT id, actor, reason, made_at, words, plan, state, released, forgiven, ended_at, proposal FROM replay_run WHERE id = ?;

SELECT id, actor, reason, made_at, words, plan, state, released, forgiven, ended_at, proposal FROM replay_run WHERE state IN ('running', 'paused', 'stopped') ORDER BY seq;

SELECT id, asked_at, system, operation, actor, officer, purpose, salt, subject, state, ended_at, reason, http_status, duration_us, answer FROM query WHERE (asked_at >= :since OR :since IS NULL) AND (seq < (SELECT seq FROM query WHERE id = :before) OR :before IS NULL) ORDER BY seq DESC LIMIT :limit;

SELECT id, asked_at, system, operation, actor, officer, purpose, salt, subject, state, ended_at, reason, http_status, duration_us, answer FROM query WHERE id = ?;

SELECT id, asked_at, system, operation, actor, officer, purpose, salt, subject, state, ended_at, reason, http_status, duration_us, answer FROM query WHERE system = :system AND (asked_at >= :since OR :since IS NULL) AND (seq < (SELECT seq FROM query WHERE id = :before) OR :before IS NULL) ORDER BY seq DESC LIMIT :limit;

SELECT id, at FROM boot;

SELECT id, at, actor, reason, verb, target_kind, target, dossier_id, facts FROM act WHERE (seq < (SELECT seq FROM act WHERE id = :before) OR :before IS NULL) ORDER BY seq DESC LIMIT :limit;

SELECT id, at, actor, reason, verb, target_kind, target, dossier_id, facts FROM act WHERE dossier_id = ? ORDER BY seq;

SELECT id, at, actor, reason, verb, target_kind, target, dossier_id, facts FROM act WHERE target_kind = :kind AND target = :target AND (seq < (SELECT seq FROM act WHERE id = :before) OR :before IS NULL) ORDER BY seq DESC LIMIT :limit;

SELECT id, digest FROM message WHERE dossier_id = ? AND source = ? ORDER BY seq DESC LIMIT 1;

SELECT id, dossier_id, source, digest, accepted_at, revision, has_files, head, payload, payload_type, document, document_type, raw, raw_type, document_at, document_size FROM ( VALUES (?), (?) ) AS asked CROSS JOIN message ON id = asked.column1;

SELECT id, dossier_id, source, digest, accepted_at, revision, has_files, head, payload, payload_type, document, document_type, raw, raw_type, document_at, document_size FROM message WHERE dossier_id = ? ORDER BY seq;

SELECT id, dossier_id, source, digest, accepted_at, revision, has_files, head, payload, payload_type, document, document_type, raw, raw_type, document_at, document_size FROM message WHERE id = ?;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery 
WHERE destination = ? AND feed_seq > ? AND feed_seq <= ? AND feed_seq IS NOT NULL AND feed = 1
    AND state NOT IN ('delivered', 'cancelled')
ORDER BY feed_seq LIMIT ?;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery 
WHERE destination = ? AND kind = ? AND (? = 0 OR state IN ('delivered', 'cancelled', 'held', 'dead'))
ORDER BY seq DESC LIMIT ?;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery 
WHERE expires_at IS NOT NULL AND expires_at <= ? AND state IN ('waiting', 'delayed', 'ready')
    AND in_doubt_since IS NULL AND feed = 0
ORDER BY expires_at, id LIMIT ?;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery 
WHERE state = 'leased'
    AND (lease_until <= ? OR lease_node IN (SELECT id FROM node WHERE ended_at IS NOT NULL))
ORDER BY lease_until, seq LIMIT ?;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE destination = ? AND in_doubt_since IS NOT NULL ORDER BY in_doubt_since, id LIMIT ?;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE dossier_id = ? AND destination = ? AND stands = 1 AND feed_seq IS NULL ORDER BY lane_seq;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE dossier_id = ? AND destination = ? AND stands = 1 AND kind = ? ORDER BY lane_seq DESC LIMIT 1;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE dossier_id = ? AND destination = ? AND stands = 1 ORDER BY lane_seq LIMIT 1;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE dossier_id = ? AND destination = ? AND stands = 1 ORDER BY lane_seq;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE dossier_id = ? AND state NOT IN ('delivered', 'cancelled') ORDER BY destination, lane_seq;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE dossier_id = ? ORDER BY destination, lane_seq;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE id = ?;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE message_id = ? ORDER BY seq;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE state = 'delayed' AND due_at <= ? ORDER BY due_at, seq LIMIT ?;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE state = 'ready' AND state NOT IN ('delivered', 'cancelled') AND destination = ? ORDER BY seq DESC LIMIT ?;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE state IN ('held', 'dead') AND state NOT IN ('delivered', 'cancelled') AND state = ? AND destination = ? AND reason = ? AND kind = ? AND dossier_id IN (SELECT id FROM dossier WHERE procedure = ?) AND settled_at >= ? AND settled_at < ? ORDER BY seq LIMIT ?;

SELECT id, role, name, digest, created_at, revoked_at FROM key ORDER BY seq;

SELECT id, role, name, digest, created_at, revoked_at FROM key WHERE digest = ? AND revoked_at IS NULL;

SELECT id, source, created_at, revision, digest, stated_by, procedure, agency, due_at, test, holds, paused_at, closed_at, adopted, erased_at, erased_by, took_part FROM dossier
WHERE due_at IS NOT NULL AND closed_at IS NULL AND paused_at IS NOT NULL AND test = 0 AND due_at < ?
    AND (due_at, id) > (?, ?)
ORDER BY due_at, id LIMIT ?;

SELECT id, source, created_at, revision, digest, stated_by, procedure, agency, due_at, test, holds, paused_at, closed_at, adopted, erased_at, erased_by, took_part FROM dossier
WHERE due_at IS NOT NULL AND closed_at IS NULL AND paused_at IS NULL AND test = 0 AND due_at < ?
    AND (due_at, id) > (?, ?)
ORDER BY due_at, id LIMIT ?;

SELECT id, source, created_at, revision, digest, stated_by, procedure, agency, due_at, test, holds, paused_at, closed_at, adopted, erased_at, erased_by, took_part FROM dossier WHERE id = ?;

SELECT id, system, actor, reason, asked_at, names, state, ended_at, compared, unanswered, facts, counts FROM reconciliation WHERE id = ?;

SELECT id, system, actor, reason, asked_at, names, state, ended_at, compared, unanswered, facts, counts FROM reconciliation WHERE state = 'asked' ORDER BY seq;

SELECT id, system, actor, reason, asked_at, names, state, ended_at, compared, unanswered, facts, counts FROM reconciliation WHERE system = :system OR :system IS NULL ORDER BY seq DESC LIMIT :limit;

SELECT id, verb, target_kind, target, parameters, facts, dossier_id, digest, actor, reason, made_at, expires_at, state, decided_actor, decided_reason, decided_at, outcome FROM proposal 
WHERE :state = CASE WHEN state = 'open' AND expires_at <= :now THEN 'expired' ELSE state END OR :state IS NULL
ORDER BY seq DESC LIMIT :limit;

SELECT id, verb, target_kind, target, parameters, facts, dossier_id, digest, actor, reason, made_at, expires_at, state, decided_actor, decided_reason, decided_at, outcome FROM proposal WHERE dossier_id = ? AND state = 'open' AND verb = ? AND target_kind = ? AND target = ? AND id <> ? ORDER BY seq;

SELECT id, verb, target_kind, target, parameters, facts, dossier_id, digest, actor, reason, made_at, expires_at, state, decided_actor, decided_reason, decided_at, outcome FROM proposal WHERE id = ?;

SELECT key, sha256, size, content_type, name, file_id FROM message_blob WHERE file_id = ? AND sha256 LIKE ? ORDER BY seq LIMIT 1;

SELECT key, sha256, size, content_type, name, file_id FROM message_blob WHERE message_id = ? ORDER BY seq;

SELECT key, sha256, size, content_type, name, id, owner, created_at FROM file WHERE id = ?;

SELECT last_seq FROM feed WHERE destination = ?;

SELECT matter, system, why, opened_at, peak, gone_at FROM episode ORDER BY matter, system, why;

SELECT max(beat_at) FROM node;

SELECT max(value) FROM meta WHERE name = 'oldest';

SELECT message_id, digest FROM dedup WHERE source = ? AND operation = ? AND key = ?;

SELECT message_seq, message_id FROM parked WHERE value = ? AND scheme = ?;

SELECT min(due_at) FROM delivery WHERE state = 'delayed';

SELECT name FROM meta WHERE name > 'gap:' AND name < 'gap;' ORDER BY name;

SELECT name, value FROM fact WHERE dossier_id = ? AND system = ?;

SELECT number, link, record, salt FROM evidence
WHERE seq > (SELECT first_seq - 1 + :after FROM evidence_chain WHERE place = :place)
AND seq <= (SELECT first_seq - 1 + :until FROM evidence_chain WHERE place = :place)
AND place = :place ORDER BY seq LIMIT :limit;

SELECT parent, dossier_id, seq FROM chain WHERE parent IN (SELECT value FROM json_each(:dossiers))
UNION SELECT parent, dossier_id, seq FROM chain WHERE dossier_id IN (SELECT value FROM json_each(:dossiers)) ORDER BY seq;

SELECT parent, step, dossier_id, begun_by, message_id FROM chain WHERE dossier_id = ?;

SELECT parent, step, dossier_id, begun_by, message_id FROM chain WHERE parent = ? ORDER BY seq;

SELECT place, finding FROM divergence WHERE reconciliation_id = ? AND place > ? ORDER BY place LIMIT ?;

SELECT revision, message_id FROM snapshot WHERE dossier_id = ? AND revision <= ? ORDER BY revision DESC LIMIT 1;

SELECT run_id, place, delivery_id, stopped_at, state, why, sent_at, ended_at FROM replay_item WHERE delivery_id = ? AND state IN ('chosen', 'sent');

SELECT run_id, place, delivery_id, stopped_at, state, why, sent_at, ended_at FROM replay_item WHERE run_id = ? AND place > ? ORDER BY place LIMIT ?;

SELECT run_id, place, delivery_id, stopped_at, state, why, sent_at, ended_at FROM replay_item WHERE run_id = ? AND state = ? AND place > ? ORDER BY place LIMIT ?;

SELECT scheme, value FROM code WHERE dossier_id = ? ORDER BY seq;

SELECT seq, message_id, file_id, url, sha256, name FROM pending_file ORDER BY tried_at, seq LIMIT ?;

SELECT seq, place, number, link, node FROM evidence JOIN evidence_chain USING (place) ORDER BY seq DESC LIMIT 1;

SELECT source, operation, key, message_id, digest FROM ( VALUES (?, ?, ?), (?, ?, ?) ) AS asked CROSS JOIN dedup ON source = asked.column1 AND operation = asked.column2 AND key = asked.column3;

SELECT state, count(*) FROM replay_item WHERE run_id = ? GROUP BY state;

SELECT system FROM asked_system;

SELECT system, actor, text, since FROM pause ORDER BY system;

SELECT system, phase, since, opened, reason, answered_at, failed_at, failure FROM weather ORDER BY system;

SELECT system, status, occurred_at, accepted_at, message_id FROM status WHERE dossier_id = ? ORDER BY system;

SELECT token, at, attempt, reply, reply_type FROM attempt WHERE delivery_id = ? ORDER BY seq;

SELECT value FROM meta WHERE name = ?;

SELECT value, scheme, dossier_id FROM ( VALUES (?, ?), (?, ?) ) AS asked CROSS JOIN code ON value = asked.column1 AND scheme = asked.column2;

UPDATE act SET reason = '[…]' WHERE dossier_id IN (SELECT value FROM json_each(:dossiers));

UPDATE delivery SET closed_at = :made, reason = 'restored', detail = '', in_doubt_since = :since, step = 'lookup'
WHERE id IN (
    SELECT id FROM delivery
    WHERE destination = :destination AND state NOT IN ('delivered', 'cancelled') AND in_doubt_since IS NULL
        AND created_at >= :made AND source <> 'gateway' AND feed = 0
    LIMIT :limit
);

UPDATE delivery SET closed_at = :now, reason = 'restored', detail = '', in_doubt_since = coalesce(
    in_doubt_since, CASE WHEN created_at < :since THEN :since ELSE created_at END
)
WHERE state NOT IN ('delivered', 'cancelled') AND destination <> 'operators';

UPDATE delivery SET due_at = due_at + :by WHERE state = 'delayed';

UPDATE delivery SET due_at = due_at + :by, lease_until = lease_until + :by WHERE state = 'leased';

UPDATE delivery SET expires_at = NULL WHERE id = ?;

UPDATE delivery SET feed = ? WHERE id = ?;

UPDATE delivery SET in_doubt_since = in_doubt_since + :by, closed_at = closed_at + :by WHERE in_doubt_since IS NOT NULL;

UPDATE delivery SET lane_seq = ?, kind = coalesce(?, kind) WHERE id = ?;

UPDATE delivery SET state = new.column2, step = new.column3, awaits = new.column4, stands = new.column5, is_retry = new.column6, feed_seq = new.column7, due_at = new.column8, settled_at = new.column9, in_doubt_since = new.column10, closed_at = new.column11, attempts = new.column12, tries = new.column13, reclaims = new.column14, reason = new.column15, detail = new.column16, pinned = new.column17, notes = new.column18, lease_token = new.column19, lease_node = new.column20, lease_begun = new.column21, lease_until = new.column22, settled_token = new.column23, knows = new.column24 FROM ( VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ) AS new WHERE delivery.id = new.column1;

UPDATE dossier SET
    took_part = new.column2, erased_at = new.column3, erased_by = new.column4,
    digest = '', stated_by = NULL, due_at = NULL, holds = '', paused_at = NULL
FROM ( VALUES (?, ?, ?, ?), (?, ?, ?, ?) ) AS new WHERE dossier.id = new.column1;

UPDATE dossier SET erased_at = NULL WHERE id = ?;

UPDATE key SET revoked_at = ?, revoked_by = ? WHERE id = ? AND revoked_at IS NULL;

UPDATE message SET dossier_id = ?, revision = ?, head = ? WHERE id = ?;

UPDATE node SET beat_at = ? WHERE id = ? AND ended_at IS NULL;

UPDATE node SET ended_at = ? WHERE ended_at IS NULL AND beat_at <= ?
    AND NOT EXISTS (SELECT 1 FROM meta WHERE name = 'heard_since' AND CAST(value AS bigint) > ?);

UPDATE node SET ended_at = ? WHERE ended_at IS NULL;

UPDATE node SET ended_at = ? WHERE id = ? AND ended_at IS NULL;

UPDATE pending_file SET reason = ?, detail = ?, failed_at = ? WHERE message_id = ? AND file_id = ?;

UPDATE pending_file SET told = ? WHERE message_id = ?;

UPDATE pending_file SET tried_at = ? WHERE seq = ?;

UPDATE replay_item SET delivery_id = ? WHERE run_id = ? AND place = ?;

UPDATE replay_item SET state = 'skipped', why = ?, ended_at = ? WHERE run_id = ? AND state = 'chosen';

UPDATE replay_item SET state = ?, why = ?, sent_at = ?, ended_at = ? WHERE run_id = ? AND place = ?;

UPDATE silence SET since = ? WHERE system = ? AND dossier_id = ?;

