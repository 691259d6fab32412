DELETE FROM asked_system WHERE system = $1;

DELETE FROM attempt WHERE delivery_id IN (SELECT value FROM json_array_elements_text($1));

DELETE FROM condition WHERE message_id = $1 AND destination = $2;

DELETE FROM condition WHERE message_id IN (SELECT value FROM json_array_elements_text($1));

DELETE FROM delivery WHERE id IN (SELECT value FROM json_array_elements_text($1));

DELETE FROM episode WHERE matter = $1 AND system = $2 AND why = $3;

DELETE FROM fact WHERE dossier_id IN (SELECT value FROM json_array_elements_text($1));

DELETE FROM file WHERE created_at < $1
    AND NOT EXISTS (SELECT 1 FROM message_blob WHERE message_blob.key = file.key);

DELETE FROM file WHERE id IN (SELECT file_id FROM message_blob WHERE message_id IN (SELECT value FROM json_array_elements_text($1)))
    AND NOT EXISTS (
        SELECT 1 FROM message_blob AS other WHERE other.key = file.key AND other.message_id NOT IN (SELECT value FROM json_array_elements_text($1))
    );

DELETE FROM message WHERE id IN (SELECT value FROM json_array_elements_text($1));

DELETE FROM message_blob WHERE message_id IN (SELECT value FROM json_array_elements_text($1));

DELETE FROM meta WHERE name = $1;

DELETE FROM open_dossier WHERE system = $1 AND dossier_id = $2;

DELETE FROM open_dossier WHERE system = $1;

DELETE FROM parked WHERE message_id = $1;

DELETE FROM parked WHERE message_id IN (SELECT value FROM json_array_elements_text($1));

DELETE FROM pause WHERE system = $1;

DELETE FROM pending_file WHERE message_id = $1 AND file_id = $2;

DELETE FROM pending_file WHERE message_id = $1;

DELETE FROM pending_file WHERE message_id IN (SELECT value FROM json_array_elements_text($1));

DELETE FROM proposal WHERE dossier_id IN (SELECT value FROM json_array_elements_text($1));

DELETE FROM seen WHERE (scope, key) IN (SELECT scope, key FROM seen WHERE until <= $1 ORDER BY until LIMIT 100);

DELETE FROM silence WHERE dossier_id IN (SELECT value FROM json_array_elements_text($1))
    AND system IN (SELECT destination FROM delivery WHERE id IN (SELECT value FROM json_array_elements_text($2)));

DELETE FROM silence WHERE system = $1 AND dossier_id = $2;

DELETE FROM snapshot WHERE dossier_id IN (SELECT value FROM json_array_elements_text($1));

DELETE FROM status WHERE dossier_id IN (SELECT value FROM json_array_elements_text($1));

INSERT INTO act (id, at, actor, reason, verb, target_kind, target, dossier_id, facts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

INSERT INTO asked_system (system) VALUES ($1) ON CONFLICT DO NOTHING;

INSERT INTO attempt (token, delivery_id, at, attempt, reply, reply_type) VALUES ($1, $2, $3, $4, $5, $6);

INSERT INTO bookmark (system, stream, cursor) VALUES ($1, $2, $3) ON CONFLICT (system, stream) DO UPDATE SET cursor = excluded.cursor;

INSERT INTO boot ("only", id, at) VALUES ($1, $2, $3) ON CONFLICT ("only") DO UPDATE SET id = excluded.id, at = excluded.at;

INSERT INTO chain (parent, step, dossier_id, begun_by, message_id) VALUES ($1, $2, $3, $4, $5);

INSERT INTO code (value, scheme, dossier_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING;

INSERT INTO code (value, scheme, dossier_id) VALUES ($1, $2, $3);

INSERT INTO condition (message_id, destination, delivery_id) VALUES ($1, $2, $3);

INSERT INTO config (version, first_at) VALUES ($1, $2) ON CONFLICT DO NOTHING;

INSERT INTO dedup (source, operation, key, message_id, digest) VALUES ($1, $2, $3, $4, $5);

INSERT INTO delivery (id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37);

INSERT INTO divergence (reconciliation_id, place, finding) VALUES ($1, $2, $3);

INSERT INTO dossier (id, source, created_at, revision, digest, stated_by, procedure, agency, due_at, test, holds, paused_at, closed_at, adopted) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT (id) DO UPDATE SET source = excluded.source, created_at = excluded.created_at, revision = excluded.revision, digest = excluded.digest, stated_by = excluded.stated_by, procedure = excluded.procedure, agency = excluded.agency, due_at = excluded.due_at, test = excluded.test, holds = excluded.holds, paused_at = excluded.paused_at, closed_at = excluded.closed_at, adopted = excluded.adopted;

INSERT INTO episode (matter, system, why, opened_at, peak, gone_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (matter, system, why) DO UPDATE SET opened_at = excluded.opened_at, peak = excluded.peak, gone_at = excluded.gone_at;

INSERT INTO erased_message (id, dossier_id, accepted_at, revision)
SELECT id, dossier_id, accepted_at, revision FROM message WHERE id IN (SELECT value FROM json_array_elements_text($1)) AND source <> 'gateway';

INSERT INTO evidence (place, number, link, record, salt) VALUES ($1, $2, $3, $4, $5);

INSERT INTO evidence_chain (place, node, begun_at) VALUES ($1, $2, $3);

INSERT INTO fact (dossier_id, system, name, value) VALUES ($1, $2, $3, $4) ON CONFLICT (dossier_id, system, name) DO UPDATE SET value = excluded.value;

INSERT INTO feed (destination, last_seq) VALUES ($1, $2) ON CONFLICT (destination) DO UPDATE SET last_seq = excluded.last_seq;

INSERT INTO file (id, owner, created_at, key, sha256, size, content_type, name) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, created_at = excluded.created_at, key = excluded.key, sha256 = excluded.sha256, size = excluded.size, content_type = excluded.content_type, name = excluded.name;

INSERT INTO key (id, role, name, digest, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6);

INSERT INTO message (id, dossier_id, source, digest, accepted_at, revision, has_files, head, payload, payload_type, document, document_type, raw, raw_type, document_at, document_size) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);

INSERT INTO message_blob (message_id, file_id, key, sha256, size, content_type, name) VALUES ($1, $2, $3, $4, $5, $6, $7);

INSERT INTO meta (name, value) SELECT 'heard_since', $1 WHERE (SELECT max(beat_at) FROM node) <= $2
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

INSERT INTO meta (name, value) SELECT 'oldest', value FROM meta WHERE name = 'oldest_once_erased'
ON CONFLICT (name) DO UPDATE SET value = CASE
    WHEN CAST(meta.value AS bigint) < CAST(excluded.value AS bigint) THEN excluded.value ELSE meta.value
END;

INSERT INTO meta (name, value) SELECT 'put_back', value FROM meta WHERE name = 'epoch' AND value = $1
ON CONFLICT (name) DO UPDATE SET value = excluded.value;

INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value;

INSERT INTO node (id, config, joined_at, beat_at) VALUES ($1, $2, $3, $4);

INSERT INTO open_dossier (system, dossier_id) VALUES ($1, $2) ON CONFLICT DO NOTHING;

INSERT INTO parked (value, scheme, message_seq, message_id)
SELECT $1, $2, seq, id FROM message WHERE id = $3 ON CONFLICT DO NOTHING;

INSERT INTO pause (system, actor, text, since) VALUES ($1, $2, $3, $4) ON CONFLICT (system) DO UPDATE SET actor = excluded.actor, text = excluded.text, since = excluded.since;

INSERT INTO pending_file (message_id, file_id, url, sha256, name) VALUES ($1, $2, $3, $4, $5);

INSERT INTO probe (system, node, until) VALUES ($1, $2, $3)
ON CONFLICT (system) DO UPDATE SET node = excluded.node, until = excluded.until
WHERE probe.node = excluded.node OR probe.until <= $4
    OR probe.node IN (SELECT id FROM node WHERE ended_at IS NOT NULL);

INSERT INTO proposal (id, verb, target_kind, target, parameters, facts, dossier_id, digest, actor, reason, made_at, expires_at, state, decided_actor, decided_reason, decided_at, outcome) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ON CONFLICT (id) DO UPDATE SET state = excluded.state, decided_actor = excluded.decided_actor, decided_reason = excluded.decided_reason, decided_at = excluded.decided_at, outcome = excluded.outcome;

INSERT INTO query (id, asked_at, system, operation, actor, officer, purpose, salt, subject, state, ended_at, reason, http_status, duration_us, answer) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended_at = excluded.ended_at, reason = excluded.reason, http_status = excluded.http_status, duration_us = excluded.duration_us, answer = excluded.answer;

INSERT INTO reconciliation (id, system, actor, reason, asked_at, names, state, ended_at, compared, unanswered, facts, counts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (id) DO UPDATE SET state = excluded.state, ended_at = excluded.ended_at, compared = excluded.compared, unanswered = excluded.unanswered, counts = excluded.counts;

INSERT INTO replay_item (run_id, place, delivery_id, stopped_at, state, why, sent_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

INSERT INTO replay_run (id, actor, reason, made_at, words, plan, state, released, forgiven, ended_at, proposal) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO UPDATE SET state = excluded.state, released = excluded.released, forgiven = excluded.forgiven, ended_at = excluded.ended_at;

INSERT INTO seen (scope, key, content, until) VALUES ($1, $2, $3, $4)
ON CONFLICT (scope, key) DO UPDATE SET content = excluded.content, until = excluded.until WHERE seen.until <= $5;

INSERT INTO silence (system, dossier_id) VALUES ($1, $2) ON CONFLICT DO NOTHING;

INSERT INTO snapshot (dossier_id, revision, message_id) VALUES ($1, $2, $3);

INSERT INTO status (dossier_id, system, status, occurred_at, accepted_at, message_id) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (dossier_id, system) DO UPDATE SET status = excluded.status, occurred_at = excluded.occurred_at, accepted_at = excluded.accepted_at, message_id = excluded.message_id;

INSERT INTO tally (destination, state, number)
SELECT destination, state, -count(*) FROM delivery
WHERE id IN (SELECT value FROM json_array_elements_text($1)) AND state IN ('delivered', 'cancelled') GROUP BY destination, state
ON CONFLICT (destination, state) DO UPDATE SET number = tally.number + excluded.number;

INSERT INTO tally (destination, state, number) VALUES ($1, $2, $3) ON CONFLICT (destination, state) DO UPDATE SET number = tally.number + excluded.number;

INSERT INTO weather (system, phase, since, opened, reason, answered_at, failed_at, failure) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (system) DO UPDATE SET phase = excluded.phase, since = excluded.since, opened = excluded.opened, reason = excluded.reason, answered_at = excluded.answered_at, failed_at = excluded.failed_at, failure = excluded.failure;

SELECT
    (SELECT max(lane_seq) FROM delivery WHERE dossier_id = $1 AND destination = $2),
    EXISTS (SELECT 1 FROM delivery WHERE dossier_id = $3 AND destination = $4 AND stands = 1);

SELECT
    dossier_id, destination,
    max(CASE WHEN kind = 'dossier.submitted' AND state <> 'cancelled' THEN 1 ELSE 0 END),
    max(CASE
        WHEN state = 'cancelled' THEN NULL
        WHEN kind = 'dossier.submitted' THEN created_at
        WHEN kind IN ('dossier.amended', 'supplement.submitted') THEN coalesce(settled_at, created_at)
    END)
FROM delivery WHERE dossier_id IN (SELECT value FROM json_array_elements_text($1)) AND destination <> 'operators'
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
    EXISTS (SELECT 1 FROM proposal WHERE dossier_id = dossier.id AND state = 'open' AND expires_at > $1),
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
    FROM dossier WHERE erased_at IS NULL AND id IN (SELECT value FROM json_array_elements_text($2))
    UNION ALL
    SELECT dossier_id, source, '', '', '', accepted_at, 1
    FROM message WHERE dossier_id IN (SELECT value FROM json_array_elements_text($2)) AND EXISTS (SELECT 1 FROM parked WHERE message_id = message.id)
) AS dossier;

SELECT 1 FROM attempt WHERE token = $1;

SELECT 1 FROM delivery WHERE state = 'ready' AND feed = 0 AND destination = $1 LIMIT 1;

SELECT 1 FROM parked WHERE message_id = $1 LIMIT 1;

SELECT DISTINCT dossier_id FROM code WHERE value = $1 AND scheme = $2 ORDER BY dossier_id LIMIT $3;

SELECT DISTINCT dossier_id FROM code WHERE value = $1 ORDER BY dossier_id LIMIT $2;

SELECT DISTINCT source, message.dossier_id, accepted_at, message.seq
FROM (SELECT seq, message_id FROM pending_file  ORDER BY seq LIMIT 500) AS file
JOIN message ON message.id = file.message_id
WHERE EXISTS (SELECT 1 FROM delivery WHERE delivery.message_id = message.id AND delivery.state = 'waiting')
    AND NOT EXISTS (
        SELECT 1 FROM pending_file AS other WHERE other.message_id = message.id AND other.reason IN ('file_differs', 'file_not_there', 'file_too_large', 'unfetchable')
    )
ORDER BY source, message.seq;

SELECT DISTINCT source, message.dossier_id, accepted_at, message.seq
FROM (SELECT seq, message_id FROM pending_file WHERE reason = $1 ORDER BY seq LIMIT 500) AS file
JOIN message ON message.id = file.message_id
WHERE EXISTS (SELECT 1 FROM delivery WHERE delivery.message_id = message.id AND delivery.state = 'waiting')
    
ORDER BY source, message.seq;

SELECT EXISTS (
    SELECT 1 FROM delivery WHERE dossier_id = $1 AND destination = $2 AND state IN ('delayed', 'ready', 'leased')
);

SELECT EXISTS (SELECT 1 FROM condition);

SELECT EXISTS (SELECT 1 FROM file WHERE key = $1) OR EXISTS (SELECT 1 FROM message_blob WHERE key = $2);

SELECT EXISTS (SELECT 1 FROM parked WHERE value > '');

SELECT EXISTS (SELECT 1 FROM replay_item  WHERE state IN ('chosen', 'sent'));

SELECT EXISTS (SELECT 1 FROM silence);

SELECT accepted_at, dossier_id FROM message
WHERE seq IN (SELECT message_seq FROM parked) AND accepted_at < $1 AND (accepted_at, dossier_id) > ($2, $3)
ORDER BY accepted_at, dossier_id LIMIT $4;

SELECT actor, (SELECT count(*) FROM replay_item WHERE run_id = run.id AND (state = 'chosen' OR sent_at > $1))
FROM replay_run AS run WHERE proposal IS NULL AND ended_at IS NULL UNION ALL 
SELECT actor, (SELECT count(*) FROM replay_item WHERE run_id = run.id AND (state = 'chosen' OR sent_at > $1))
FROM replay_run AS run WHERE proposal IS NULL AND ended_at > $1;

SELECT actor, count(*) FROM act WHERE at > $1 AND verb IN ('retry', 'judge')
    AND facts NOT LIKE '%"decision":"cancelled"%' AND facts NOT LIKE '%"replay":"%' AND facts NOT LIKE '%"proposal":"%'
GROUP BY actor;

SELECT b.key, b.sha256, b.size, b.content_type, b.name, b.file_id
FROM message_blob AS b JOIN message AS m ON m.id = b.message_id
WHERE b.file_id = $1 AND b.sha256 LIKE $2 AND (
    m.source = $3
    OR EXISTS (SELECT 1 FROM delivery AS d WHERE d.message_id = m.id AND d.destination = $3)
    OR EXISTS (
        SELECT 1 FROM snapshot AS s
        JOIN message AS later ON later.dossier_id = s.dossier_id AND later.revision >= s.revision
        JOIN delivery AS d ON d.message_id = later.id AND d.destination = $3
        WHERE s.message_id = m.id
    )
) ORDER BY b.seq LIMIT 1;

SELECT chain.node, evidence.number, evidence.link FROM evidence_chain AS chain JOIN evidence USING (place)
WHERE chain.place = $1 ORDER BY evidence.number DESC LIMIT 1;

SELECT closed_at, id FROM dossier
WHERE closed_at IS NOT NULL AND erased_at IS NULL AND closed_at < $1 AND (closed_at, id) > ($2, $3)
ORDER BY closed_at, id LIMIT $4;

SELECT coalesce(max(place), 0), (SELECT value FROM meta WHERE name = 'epoch') FROM evidence_chain;

SELECT content FROM seen WHERE scope = $1 AND key = $2;

SELECT count(*) FROM replay_item WHERE run_id = $1 AND sent_at > $2;

SELECT cursor FROM bookmark WHERE system = $1 AND stream = $2;

SELECT delivery.id, delivery.message_id, delivery.dossier_id, delivery.source, delivery.kind, delivery.destination, delivery.lane_seq, delivery.blocks, delivery.feed, delivery.created_at, delivery.priority_at, delivery.expires_at, delivery.tells, delivery.route, delivery.state, delivery.step, delivery.awaits, delivery.stands, delivery.is_retry, delivery.feed_seq, delivery.due_at, delivery.settled_at, delivery.in_doubt_since, delivery.closed_at, delivery.attempts, delivery.tries, delivery.reclaims, delivery.reason, delivery.detail, delivery.pinned, delivery.notes, delivery.lease_token, delivery.lease_node, delivery.lease_begun, delivery.lease_until, delivery.settled_token, delivery.knows FROM ( VALUES ($1::text) ) AS asked JOIN delivery ON delivery.id = asked.column1;

SELECT delivery.id, delivery.message_id, delivery.dossier_id, delivery.source, delivery.kind, delivery.destination, delivery.lane_seq, delivery.blocks, delivery.feed, delivery.created_at, delivery.priority_at, delivery.expires_at, delivery.tells, delivery.route, delivery.state, delivery.step, delivery.awaits, delivery.stands, delivery.is_retry, delivery.feed_seq, delivery.due_at, delivery.settled_at, delivery.in_doubt_since, delivery.closed_at, delivery.attempts, delivery.tries, delivery.reclaims, delivery.reason, delivery.detail, delivery.pinned, delivery.notes, delivery.lease_token, delivery.lease_node, delivery.lease_begun, delivery.lease_until, delivery.settled_token, delivery.knows, (
    SELECT max(lane_seq) FROM delivery AS other
    WHERE other.dossier_id = delivery.dossier_id AND other.destination = delivery.destination
) FROM ( VALUES ($1::text) ) AS asked JOIN delivery ON delivery.id = asked.column1;

SELECT delivery_id FROM condition WHERE message_id = $1 AND destination = $2;

SELECT destination FROM delivery
WHERE state NOT IN ('delivered', 'cancelled') AND destination > $1 ORDER BY destination LIMIT 1;

SELECT destination, CASE
    WHEN EXISTS (
        SELECT 1 FROM delivery AS one WHERE one.dossier_id = $1 AND one.destination = lane.destination AND (
            one.state IN ('delivered', 'leased') OR one.in_doubt_since IS NOT NULL OR one.feed_seq IS NOT NULL
            OR (one.state <> 'dead' AND one.reason = 'already_exists')
        )
    ) THEN 2
    WHEN EXISTS (SELECT 1 FROM delivery AS one WHERE one.dossier_id = $1 AND one.destination = lane.destination AND one.state = 'cancelled' AND one.kind = 'dossier.submitted' AND one.reason IN ('judged', 'skipped')) THEN 4
    WHEN (SELECT max(one.lane_seq) FROM delivery AS one WHERE one.dossier_id = $1 AND one.destination = lane.destination AND one.state = 'cancelled' AND one.reason = 'withdrawn') > coalesce((
        SELECT max(one.lane_seq) FROM delivery AS one WHERE one.dossier_id = $1 AND one.destination = lane.destination AND one.kind = 'dossier.submitted' AND NOT (one.state = 'cancelled' AND coalesce(one.reason, '') IN ('withdrawn', 'called_off', 'superseded', 'edited'))
    ), 0) THEN CASE WHEN EXISTS (SELECT 1 FROM delivery AS one WHERE one.dossier_id = $1 AND one.destination = lane.destination AND one.state = 'cancelled' AND one.reason = 'called_off') AND NOT EXISTS (
        SELECT 1 FROM delivery AS one WHERE one.dossier_id = $1 AND one.destination = lane.destination AND one.kind IN ('dossier.amended', 'dossier.submitted') AND one.state NOT IN ('delivered', 'cancelled')
    ) THEN 5 ELSE 1 END
    WHEN EXISTS (SELECT 1 FROM delivery AS one WHERE one.dossier_id = $1 AND one.destination = lane.destination AND one.state = 'cancelled' AND one.reason = 'called_off') AND NOT EXISTS (
        SELECT 1 FROM delivery AS one WHERE one.dossier_id = $1 AND one.destination = lane.destination AND one.kind IN ('dossier.amended', 'dossier.submitted') AND one.state NOT IN ('delivered', 'cancelled')
    ) THEN 3
    ELSE 0
END
FROM (
    WITH RECURSIVE lane (destination) AS (
        SELECT min(destination) FROM delivery WHERE dossier_id = $1
        UNION ALL
        SELECT (
            SELECT min(next.destination) FROM delivery AS next
            WHERE next.dossier_id = $1 AND next.destination > lane.destination
        ) FROM lane WHERE lane.destination IS NOT NULL
    )
    SELECT destination FROM lane WHERE destination IS NOT NULL
) AS lane;

SELECT destination, coalesce(reason, '') FROM delivery WHERE is_retry = 1 AND state IN ('delayed', 'ready', 'leased') AND destination = $1 AND coalesce(reason, '') > $2 ORDER BY coalesce(reason, '') LIMIT 1;

SELECT destination, coalesce(reason, '') FROM delivery WHERE is_retry = 1 AND state IN ('delayed', 'ready', 'leased') AND destination > $1 ORDER BY destination, coalesce(reason, '') LIMIT 1;

SELECT destination, coalesce(reason, '') FROM delivery WHERE state IN ('held', 'dead') AND state = $1 AND destination = $2 AND coalesce(reason, '') > $3 ORDER BY coalesce(reason, '') LIMIT 1;

SELECT destination, coalesce(reason, '') FROM delivery WHERE state IN ('held', 'dead') AND state = $1 AND destination > $2 ORDER BY destination, coalesce(reason, '') LIMIT 1;

SELECT destination, count(*) FROM delivery 
WHERE state NOT IN ('delivered', 'cancelled') AND state NOT IN ('held', 'dead') GROUP BY destination;

SELECT destination, count(*) FROM delivery WHERE in_doubt_since IS NOT NULL GROUP BY destination;

SELECT destination, dossier_id FROM delivery AS one
WHERE state = 'waiting' AND awaits = 0 AND NOT EXISTS (
    SELECT 1 FROM delivery AS ahead
    WHERE ahead.dossier_id = one.dossier_id AND ahead.destination = one.destination
        AND ahead.stands = 1 AND ahead.lane_seq < one.lane_seq
);

SELECT destination, max(CASE WHEN kind = 'dossier.submitted' THEN 1 ELSE 0 END),
    max(CASE WHEN kind = 'dossier.submitted' THEN created_at ELSE coalesce(settled_at, created_at) END)
FROM delivery
WHERE dossier_id = $1 AND state <> 'cancelled' AND kind IN ('dossier.amended', 'dossier.submitted', 'supplement.submitted')
GROUP BY destination;

SELECT destination, state, number FROM tally WHERE number <> 0;

SELECT destination, state, number, (SELECT created_at FROM delivery WHERE delivery.seq = tallied.first)
FROM (
    SELECT destination, state, count(*) AS number, min(seq) AS first
    FROM delivery 
    WHERE state NOT IN ('delivered', 'cancelled') GROUP BY destination, state
) AS tallied;

SELECT dossier_id FROM code WHERE value = $1 AND scheme = $2;

SELECT dossier_id FROM delivery
WHERE destination = $1 AND feed = $2 AND state NOT IN ('delivered', 'cancelled')
GROUP BY dossier_id ORDER BY min(seq) LIMIT $3;

SELECT dossier_id FROM delivery WHERE destination = $1 AND kind = $2 AND state = 'delivered'
UNION SELECT id FROM dossier
WHERE adopted <> '' AND replace(' ' || adopted || ' ', ' ' || $1 || ' ', '') <> ' ' || adopted || ' ';

SELECT dossier_id FROM open_dossier JOIN dossier ON dossier.id = dossier_id
WHERE system = $1 AND dossier_id > $2 AND procedure IN (SELECT value FROM json_array_elements_text($3))
ORDER BY dossier_id LIMIT $4;

SELECT dossier_id, NULL, since FROM silence WHERE system = $1 AND since IS NOT NULL AND since <= $2
ORDER BY since LIMIT 500;

SELECT dossier_id, accepted_at, revision FROM erased_message WHERE id = $1;

SELECT dossier_id, id, created_at FROM delivery WHERE is_retry = 1 AND state IN ('delayed', 'ready', 'leased') AND destination = $1 AND coalesce(reason, '') = $2 AND tries >= $3
ORDER BY tries DESC LIMIT 500;

SELECT dossier_id, id, created_at, coalesce(reason, CASE WHEN feed = 1 THEN 'unread' ELSE 'unsent' END)
FROM delivery 
WHERE destination = $1 AND state = $2 AND state NOT IN ('delivered', 'cancelled') ORDER BY seq LIMIT 500;

SELECT dossier_id, id, settled_at FROM delivery WHERE state IN ('held', 'dead') AND state = $1 AND destination = $2 AND coalesce(reason, '') = $3 ORDER BY settled_at LIMIT 500;

SELECT dossier_id, revision, message_id FROM ( VALUES ($1::text) ) AS asked JOIN snapshot ON dossier_id = asked.column1;

SELECT dossier_id, scheme, value FROM ( VALUES ($1::text) ) AS asked JOIN code ON dossier_id = asked.column1 ORDER BY seq;

SELECT dossier_id, system, name, value FROM ( VALUES ($1::text) ) AS asked JOIN fact ON dossier_id = asked.column1;

SELECT dossier_id, system, status, accepted_at FROM status WHERE dossier_id IN (SELECT value FROM json_array_elements_text($1));

SELECT file_id, url, sha256, name, reason, detail, failed_at, told FROM pending_file WHERE message_id = $1 ORDER BY seq;

SELECT id FROM delivery WHERE message_id IN (SELECT value FROM json_array_elements_text($1));

SELECT id FROM message WHERE dossier_id IN (SELECT value FROM json_array_elements_text($1));

SELECT id FROM node WHERE ended_at IS NULL AND beat_at >= $1 ORDER BY joined_at DESC, id DESC;

SELECT id, actor, reason, made_at, words, plan, state, released, forgiven, ended_at, proposal FROM replay_run ORDER BY seq DESC LIMIT $1;

SELECT id, actor, reason, made_at, words, plan, state, released, forgiven, ended_at, proposal FROM replay_run WHERE id = $1;

SELECT id, actor, reason, made_at, words, plan, state, released, forgiven, ended_at, proposal FROM replay_run WHERE state IN ('running', 'paused', 'stopped') ORDER BY seq;

SELECT id, asked_at, system, operation, actor, officer, purpose, salt, subject, state, ended_at, reason, http_status, duration_us, answer FROM query WHERE (asked_at >= $1 OR $1 IS NULL) AND (seq < (SELECT seq FROM query WHERE id = $2) OR $2 IS NULL) ORDER BY seq DESC LIMIT $3;

SELECT id, asked_at, system, operation, actor, officer, purpose, salt, subject, state, ended_at, reason, http_status, duration_us, answer FROM query WHERE id = $1;

SELECT id, asked_at, system, operation, actor, officer, purpose, salt, subject, state, ended_at, reason, http_status, duration_us, answer FROM query WHERE system = $1 AND (asked_at >= $2 OR $2 IS NULL) AND (seq < (SELECT seq FROM query WHERE id = $3) OR $3 IS NULL) ORDER BY seq DESC LIMIT $4;

SELECT id, at FROM boot;

SELECT id, at, actor, reason, verb, target_kind, target, dossier_id, facts FROM act WHERE (seq < (SELECT seq FROM act WHERE id = $1) OR $1 IS NULL) ORDER BY seq DESC LIMIT $2;

SELECT id, at, actor, reason, verb, target_kind, target, dossier_id, facts FROM act WHERE dossier_id = $1 ORDER BY seq;

SELECT id, at, actor, reason, verb, target_kind, target, dossier_id, facts FROM act WHERE target_kind = $1 AND target = $2 AND (seq < (SELECT seq FROM act WHERE id = $3) OR $3 IS NULL) ORDER BY seq DESC LIMIT $4;

SELECT id, digest FROM message WHERE dossier_id = $1 AND source = $2 ORDER BY seq DESC LIMIT 1;

SELECT id, dossier_id, source, digest, accepted_at, revision, has_files, head, payload, payload_type, document, document_type, raw, raw_type, document_at, document_size FROM ( VALUES ($1::text) ) AS asked JOIN message ON id = asked.column1;

SELECT id, dossier_id, source, digest, accepted_at, revision, has_files, head, payload, payload_type, document, document_type, raw, raw_type, document_at, document_size FROM message WHERE dossier_id = $1 ORDER BY seq;

SELECT id, dossier_id, source, digest, accepted_at, revision, has_files, head, payload, payload_type, document, document_type, raw, raw_type, document_at, document_size FROM message WHERE id = $1;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery 
WHERE destination = $1 AND feed_seq > $2 AND feed_seq <= $3 AND feed_seq IS NOT NULL AND feed = 1
    AND state NOT IN ('delivered', 'cancelled')
ORDER BY feed_seq LIMIT $4;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery 
WHERE destination = $1 AND kind = $2 AND ($3 = 0 OR state IN ('delivered', 'cancelled', 'held', 'dead'))
ORDER BY seq DESC LIMIT $4;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery 
WHERE expires_at IS NOT NULL AND expires_at <= $1 AND state IN ('waiting', 'delayed', 'ready')
    AND in_doubt_since IS NULL AND feed = 0
ORDER BY expires_at, id LIMIT $2;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery 
WHERE state = 'leased'
    AND (lease_until <= $1 OR lease_node IN (SELECT id FROM node WHERE ended_at IS NOT NULL))
ORDER BY lease_until, seq LIMIT $2;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE destination = $1 AND in_doubt_since IS NOT NULL ORDER BY in_doubt_since, id LIMIT $2;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE dossier_id = $1 AND destination = $2 AND stands = 1 AND feed_seq IS NULL ORDER BY lane_seq;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE dossier_id = $1 AND destination = $2 AND stands = 1 AND kind = $3 ORDER BY lane_seq DESC LIMIT 1;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE dossier_id = $1 AND destination = $2 AND stands = 1 ORDER BY lane_seq LIMIT 1;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE dossier_id = $1 AND destination = $2 AND stands = 1 ORDER BY lane_seq;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE dossier_id = $1 AND state NOT IN ('delivered', 'cancelled') ORDER BY destination, lane_seq;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE dossier_id = $1 ORDER BY destination, lane_seq;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE id = $1;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE message_id = $1 ORDER BY seq;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE state = 'delayed' AND due_at <= $1 ORDER BY due_at, seq LIMIT $2;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE state = 'ready' AND state NOT IN ('delivered', 'cancelled') AND destination = $1 ORDER BY seq DESC LIMIT $2;

SELECT id, message_id, dossier_id, source, kind, destination, lane_seq, blocks, feed, created_at, priority_at, expires_at, tells, route, state, step, awaits, stands, is_retry, feed_seq, due_at, settled_at, in_doubt_since, closed_at, attempts, tries, reclaims, reason, detail, pinned, notes, lease_token, lease_node, lease_begun, lease_until, settled_token, knows FROM delivery WHERE state IN ('held', 'dead') AND state NOT IN ('delivered', 'cancelled') AND state = $1 AND destination = $2 AND reason = $3 AND kind = $4 AND dossier_id IN (SELECT id FROM dossier WHERE procedure = $5) AND settled_at >= $6 AND settled_at < $7 ORDER BY seq LIMIT $8;

SELECT id, role, name, digest, created_at, revoked_at FROM key ORDER BY seq;

SELECT id, role, name, digest, created_at, revoked_at FROM key WHERE digest = $1 AND revoked_at IS NULL;

SELECT id, source, created_at, revision, digest, stated_by, procedure, agency, due_at, test, holds, paused_at, closed_at, adopted, erased_at, erased_by, took_part FROM dossier
WHERE due_at IS NOT NULL AND closed_at IS NULL AND paused_at IS NOT NULL AND test = 0 AND due_at < $1
    AND (due_at, id) > ($2, $3)
ORDER BY due_at, id LIMIT $4;

SELECT id, source, created_at, revision, digest, stated_by, procedure, agency, due_at, test, holds, paused_at, closed_at, adopted, erased_at, erased_by, took_part FROM dossier
WHERE due_at IS NOT NULL AND closed_at IS NULL AND paused_at IS NULL AND test = 0 AND due_at < $1
    AND (due_at, id) > ($2, $3)
ORDER BY due_at, id LIMIT $4;

SELECT id, source, created_at, revision, digest, stated_by, procedure, agency, due_at, test, holds, paused_at, closed_at, adopted, erased_at, erased_by, took_part FROM dossier WHERE id = $1;

SELECT id, system, actor, reason, asked_at, names, state, ended_at, compared, unanswered, facts, counts FROM reconciliation WHERE id = $1;

SELECT id, system, actor, reason, asked_at, names, state, ended_at, compared, unanswered, facts, counts FROM reconciliation WHERE state = 'asked' ORDER BY seq;

SELECT id, system, actor, reason, asked_at, names, state, ended_at, compared, unanswered, facts, counts FROM reconciliation WHERE system = $1 OR $1 IS NULL ORDER BY seq DESC LIMIT $2;

SELECT id, verb, target_kind, target, parameters, facts, dossier_id, digest, actor, reason, made_at, expires_at, state, decided_actor, decided_reason, decided_at, outcome FROM proposal 
WHERE $1 = CASE WHEN state = 'open' AND expires_at <= $2 THEN 'expired' ELSE state END OR $1 IS NULL
ORDER BY seq DESC LIMIT $3;

SELECT id, verb, target_kind, target, parameters, facts, dossier_id, digest, actor, reason, made_at, expires_at, state, decided_actor, decided_reason, decided_at, outcome FROM proposal WHERE dossier_id = $1 AND state = 'open' AND verb = $2 AND target_kind = $3 AND target = $4 AND id <> $5 ORDER BY seq;

SELECT id, verb, target_kind, target, parameters, facts, dossier_id, digest, actor, reason, made_at, expires_at, state, decided_actor, decided_reason, decided_at, outcome FROM proposal WHERE id = $1;

SELECT key, sha256, size, content_type, name, file_id FROM message_blob WHERE file_id = $1 AND sha256 LIKE $2 ORDER BY seq LIMIT 1;

SELECT key, sha256, size, content_type, name, file_id FROM message_blob WHERE message_id = $1 ORDER BY seq;

SELECT key, sha256, size, content_type, name, id, owner, created_at FROM file WHERE id = $1;

SELECT last_seq FROM feed WHERE destination = $1;

SELECT matter, system, why, opened_at, peak, gone_at FROM episode ORDER BY matter, system, why;

SELECT max(beat_at) FROM node;

SELECT max(value) FROM meta WHERE name = 'oldest';

SELECT message_id, digest FROM dedup WHERE source = $1 AND operation = $2 AND key = $3;

SELECT message_seq, message_id FROM parked WHERE value = $1 AND scheme = $2;

SELECT min(due_at) FROM delivery WHERE state = 'delayed';

SELECT name FROM meta WHERE name > 'gap:' AND name < 'gap;' ORDER BY name;

SELECT name, value FROM fact WHERE dossier_id = $1 AND system = $2;

SELECT number, link, record, salt FROM evidence
WHERE place = $1 AND number > $2 AND number <= $3 ORDER BY number LIMIT $4;

SELECT parent, dossier_id, seq FROM chain WHERE parent IN (SELECT value FROM json_array_elements_text($1))
UNION SELECT parent, dossier_id, seq FROM chain WHERE dossier_id IN (SELECT value FROM json_array_elements_text($1)) ORDER BY seq;

SELECT parent, step, dossier_id, begun_by, message_id FROM chain WHERE dossier_id = $1;

SELECT parent, step, dossier_id, begun_by, message_id FROM chain WHERE parent = $1 ORDER BY seq;

SELECT place FROM evidence_chain WHERE named = 0 ORDER BY place;

SELECT place, begun_at FROM evidence_chain WHERE place > $1 ORDER BY place LIMIT $2;

SELECT place, finding FROM divergence WHERE reconciliation_id = $1 AND place > $2 ORDER BY place LIMIT $3;

SELECT revision, message_id FROM snapshot WHERE dossier_id = $1 AND revision <= $2 ORDER BY revision DESC LIMIT 1;

SELECT run_id, place, delivery_id, stopped_at, state, why, sent_at, ended_at FROM replay_item WHERE delivery_id = $1 AND state IN ('chosen', 'sent');

SELECT run_id, place, delivery_id, stopped_at, state, why, sent_at, ended_at FROM replay_item WHERE run_id = $1 AND place > $2 ORDER BY place LIMIT $3;

SELECT run_id, place, delivery_id, stopped_at, state, why, sent_at, ended_at FROM replay_item WHERE run_id = $1 AND state = $2 AND place > $3 ORDER BY place LIMIT $4;

SELECT scheme, value FROM code WHERE dossier_id = $1 ORDER BY seq;

SELECT seq, message_id, file_id, url, sha256, name FROM pending_file ORDER BY tried_at, seq LIMIT $1;

SELECT source, operation, key, message_id, digest FROM ( VALUES ($1::text, $2::text, $3::text) ) AS asked JOIN dedup ON source = asked.column1 AND operation = asked.column2 AND key = asked.column3;

SELECT state, count(*) FROM replay_item WHERE run_id = $1 GROUP BY state;

SELECT string_agg(id, chr(10)) FROM (
    SELECT id FROM delivery
    WHERE state = 'ready' AND feed = 0 AND destination = $1 AND is_retry = $2 ORDER BY priority_at, seq LIMIT $3
) AS first;

SELECT system FROM asked_system;

SELECT system, actor, text, since FROM pause ORDER BY system;

SELECT system, phase, since, opened, reason, answered_at, failed_at, failure FROM weather ORDER BY system;

SELECT system, status, occurred_at, accepted_at, message_id FROM status WHERE dossier_id = $1 ORDER BY system;

SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema();

SELECT token, at, attempt, reply, reply_type FROM attempt WHERE delivery_id = $1 ORDER BY seq;

SELECT value FROM meta WHERE name = $1;

SELECT value, scheme, dossier_id FROM ( VALUES ($1::text, $2::text) ) AS asked JOIN code ON value = asked.column1 AND scheme = asked.column2;

UPDATE act SET reason = '[…]' WHERE dossier_id IN (SELECT value FROM json_array_elements_text($1));

UPDATE delivery SET closed_at = $1, reason = 'restored', detail = '', in_doubt_since = $2, step = 'lookup'
WHERE id IN (
    SELECT id FROM delivery
    WHERE destination = $3 AND state NOT IN ('delivered', 'cancelled') AND in_doubt_since IS NULL
        AND created_at >= $1 AND source <> 'gateway' AND feed = 0
    LIMIT $4
);

UPDATE delivery SET closed_at = $1, reason = 'restored', detail = '', in_doubt_since = coalesce(
    in_doubt_since, CASE WHEN created_at < $2 THEN $2 ELSE created_at END
)
WHERE state NOT IN ('delivered', 'cancelled') AND destination <> 'operators';

UPDATE delivery SET due_at = due_at + $1 WHERE state = 'delayed';

UPDATE delivery SET due_at = due_at + $1, lease_until = lease_until + $1 WHERE state = 'leased';

UPDATE delivery SET expires_at = NULL WHERE id = $1;

UPDATE delivery SET feed = $1 WHERE id = $2;

UPDATE delivery SET in_doubt_since = in_doubt_since + $1, closed_at = closed_at + $1 WHERE in_doubt_since IS NOT NULL;

UPDATE delivery SET lane_seq = $1, kind = coalesce($2, kind) WHERE id = $3;

UPDATE delivery SET state = new.column2, step = new.column3, awaits = new.column4, stands = new.column5, is_retry = new.column6, feed_seq = new.column7, due_at = new.column8, settled_at = new.column9, in_doubt_since = new.column10, closed_at = new.column11, attempts = new.column12, tries = new.column13, reclaims = new.column14, reason = new.column15, detail = new.column16, pinned = new.column17, notes = new.column18, lease_token = new.column19, lease_node = new.column20, lease_begun = new.column21, lease_until = new.column22, settled_token = new.column23, knows = new.column24 FROM ( VALUES ($1::text, $2::text, $3::text, $4::bigint, $5::bigint, $6::bigint, $7::bigint, $8::bigint, $9::bigint, $10::bigint, $11::bigint, $12::bigint, $13::bigint, $14::bigint, $15::text, $16::text, $17::text, $18::text, $19::text, $20::text, $21::bigint, $22::bigint, $23::text, $24::bigint) ) AS new WHERE delivery.id = new.column1;

UPDATE dossier SET
    took_part = new.column2, erased_at = new.column3, erased_by = new.column4,
    digest = '', stated_by = NULL, due_at = NULL, holds = '', paused_at = NULL
FROM ( VALUES ($1::text, $2::text, $3::bigint, $4::text) ) AS new WHERE dossier.id = new.column1;

UPDATE dossier SET erased_at = NULL WHERE id = $1;

UPDATE evidence_chain SET named = 1
WHERE named = 0 AND node NOT IN (SELECT id FROM node WHERE ended_at IS NULL);

UPDATE key SET revoked_at = $1, revoked_by = $2 WHERE id = $3 AND revoked_at IS NULL;

UPDATE message SET dossier_id = $1, revision = $2, head = $3 WHERE id = $4;

UPDATE node SET beat_at = $1 WHERE id = $2 AND ended_at IS NULL;

UPDATE node SET ended_at = $1 WHERE ended_at IS NULL AND beat_at <= $2
    AND NOT EXISTS (SELECT 1 FROM meta WHERE name = 'heard_since' AND CAST(value AS bigint) > $3);

UPDATE node SET ended_at = $1 WHERE ended_at IS NULL;

UPDATE node SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL;

UPDATE pending_file SET reason = $1, detail = $2, failed_at = $3 WHERE message_id = $4 AND file_id = $5;

UPDATE pending_file SET told = $1 WHERE message_id = $2;

UPDATE pending_file SET tried_at = $1 WHERE seq = $2;

UPDATE replay_item SET delivery_id = $1 WHERE run_id = $2 AND place = $3;

UPDATE replay_item SET state = $1, why = $2, sent_at = $3, ended_at = $4 WHERE run_id = $5 AND place = $6;

UPDATE replay_item SET state = 'skipped', why = $1, ended_at = $2 WHERE run_id = $3 AND state = 'chosen';

UPDATE silence SET since = $1 WHERE system = $2 AND dossier_id = $3;

