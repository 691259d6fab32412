-- What a gateway that knew only the first schema had kept: invented dossiers, one on its way as a test, one ended.
INSERT INTO node (id, config, joined_at, beat_at) VALUES ('node-0', 'config-0', 1772413200000000, 1772413200000000);
INSERT INTO dossier (id, source, created_at, revision, digest, stated_by, procedure, agency) VALUES
    ('d1', 'portal', 1772413200000000, 1, 'digest-1', 'm1', '1.000894', 'H01.12'),
    ('d2', 'portal', 1772413200000001, 1, 'digest-2', 'm2', '1.000894', 'H01.12');
INSERT INTO code (value, scheme, dossier_id) VALUES ('A', 'province', 'd1'), ('B', 'province', 'd2');
INSERT INTO snapshot (dossier_id, revision, message_id) VALUES ('d1', 1, 'm1'), ('d2', 1, 'm2');
INSERT INTO status (dossier_id, system, status, accepted_at, message_id) VALUES
    ('d2', 'civil_status', '{"status": 9, "text": "done"}', 1772413200000009, 'm2');
INSERT INTO message (
    id, dossier_id, source, digest, accepted_at, revision, has_files, head, payload, payload_type
) VALUES
    ('m1', 'd1', 'portal', 'digest-1', 1772413200000000, 1, 0,
        CAST('{"operation":"rest.dossiers","actor":{"kind":"system","name":"portal","key_id":""},"kind":"dossier.submitted","codes":[{"scheme":"province","value":"A"}],"procedure":"1.000894","agency":"H01.12","route_version":"routes-0","test":true}' AS BLOB),
        CAST('{"code":"A"}' AS BLOB), 'application/json'),
    ('m2', 'd2', 'portal', 'digest-2', 1772413200000001, 1, 0,
        CAST('{"operation":"rest.dossiers","actor":{"kind":"system","name":"portal","key_id":""},"kind":"dossier.submitted","codes":[{"scheme":"province","value":"B"}],"procedure":"1.000894","agency":"H01.12","route_version":"routes-0"}' AS BLOB),
        CAST('{"code":"B"}' AS BLOB), 'application/json');
INSERT INTO delivery (
    id, message_id, dossier_id, source, kind, destination, lane_seq, state, step, awaits, blocks, tells, stands, is_retry,
    feed, created_at, priority_at, due_at, settled_at, attempts, tries, reclaims, detail, pinned, notes, lease_begun,
    settled_token
) VALUES
    ('l1', 'm1', 'd1', 'portal', 'dossier.submitted', 'civil_status', 1, 'ready', 'send', 0, 1, 1, 1, 0,
        0, 1772413200000000, 1772427600000000, 1772413200000000, NULL, 0, 0, 0, '', 'config-0', '', 0, ''),
    ('l2', 'm2', 'd2', 'portal', 'dossier.submitted', 'civil_status', 1, 'delivered', 'send', 0, 1, 1, 0, 0,
        0, 1772413200000001, 1772427600000000, 1772413200000000, 1772413200000008, 1, 1, 0, '', 'config-0', '', 1, 't2');
INSERT INTO tally (destination, state, number) VALUES ('civil_status', 'delivered', 1);
INSERT INTO dedup (source, operation, key, message_id, digest) VALUES ('portal', 'rest.dossiers', '1', 'm1', 'digest-1');
INSERT INTO seen (scope, key, until) VALUES ('wsse', 'nonce-1', 1772413200000000);
