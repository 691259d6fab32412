"""Messages in SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any, TypeAlias

from msgspec.structs import replace as changed

from gateway.core.ids import DossierId, FileId, MessageId, SystemId
from gateway.core.message import Blob, Code, Draft, Missed, Payload, PendingFile, Seen
from gateway.core.reason import Reason, Why
from gateway.stores.rows import Stored
from gateway.stores.sql import columns as c
from gateway.stores.sql.access import Access, Ask, Many, Row

_COLUMNS = (
    "id, dossier_id, source, digest, accepted_at, revision, has_files, head, payload, payload_type, document,"
    " document_type, raw, raw_type, document_at, document_size"
)
# Keep a message.
ADD = Many(f"INSERT INTO message ({_COLUMNS})", 16)
# Keep a file of a message.
ADD_BLOB = Many(f"INSERT INTO message_blob (message_id, file_id, {c.BLOB})", 7)
# Keep a file that is still to be fetched.
ADD_PENDING = Many("INSERT INTO pending_file (message_id, file_id, url, sha256, name)", 5)
_SELECT = f"SELECT {_COLUMNS} FROM message "  # noqa: S608 - constants of this module
# One message.
GET = _SELECT + "WHERE id = ?"
# Many messages.
GET_ALL = Many(f"SELECT {_COLUMNS} FROM (", 1, ") AS asked CROSS JOIN message ON id = asked.column1")  # noqa: S608 - constants
# A dossier's messages in the order accepted.
OF_DOSSIER = _SELECT + "WHERE dossier_id = ? ORDER BY seq"
# The files of a message that are here.
BLOBS = f"SELECT {c.BLOB}, file_id FROM message_blob WHERE message_id = ? ORDER BY seq"  # noqa: S608 - constants
# Those that are not.
PENDING = """
SELECT file_id, url, sha256, name, reason, detail, failed_at, told FROM pending_file WHERE message_id = ? ORDER BY seq
"""
# Move a parked message to its dossier.
REHOME = "UPDATE message SET dossier_id = ?, revision = ?, head = ? WHERE id = ?"
# What a source's own id was used for.
KEYED = "SELECT message_id, digest FROM dedup WHERE source = ? AND operation = ? AND key = ?"
# What each of many was used for.
ALL_KEYED = Many(
    "SELECT source, operation, key, message_id, digest FROM (",
    3,
    ") AS asked CROSS JOIN dedup ON source = asked.column1 AND operation = asked.column2 AND key = asked.column3",
)
# Remember what it is used for.
REMEMBER = Many("INSERT INTO dedup (source, operation, key, message_id, digest)", 5)
# A source's last message about a dossier.
LAST = "SELECT id, digest FROM message WHERE dossier_id = ? AND source = ? ORDER BY seq DESC LIMIT 1"
# Remember that a message waits for a code.
PARK = """
INSERT INTO parked (value, scheme, message_seq, message_id)
SELECT ?, ?, seq, id FROM message WHERE id = ? ON CONFLICT DO NOTHING
"""
# Forget it.
UNPARK = "DELETE FROM parked WHERE message_id = ?"
# Whether a message waits for any code.
IS_PARKED = "SELECT 1 FROM parked WHERE message_id = ? LIMIT 1"
# Whether any message waits for any code: none does for what its dossier did not take, which lies under the empty one.
ANY_PARKED = "SELECT EXISTS (SELECT 1 FROM parked WHERE value > '')"
# Who waits for a code.
PARKED = "SELECT message_seq, message_id FROM parked WHERE value = ? AND scheme = ?"
# A pending file is here.
FETCHED = "DELETE FROM pending_file WHERE message_id = ? AND file_id = ?"
# A pending file could not be had.
MISS = "UPDATE pending_file SET reason = ?, detail = ?, failed_at = ? WHERE message_id = ? AND file_id = ?"
# Its message's source was told so.
TELL = "UPDATE pending_file SET told = ? WHERE message_id = ?"
# Nobody will be sent what its files belong to.
FORGO = "DELETE FROM pending_file WHERE message_id = ?"
# The files to fetch next: those not tried for longest first, then the oldest.
FETCHES = """
SELECT seq, message_id, file_id, url, sha256, name FROM pending_file ORDER BY tried_at, seq LIMIT ?
"""
# A fetch is being tried.
TRIED = "UPDATE pending_file SET tried_at = ? WHERE seq = ?"


_MOST = 512  #: messages at hand between two transactions
_LARGEST = 16 * 1024  #: bytes of an event that is kept at hand when it is added
_SIGHT = 64  #: bytes of a document by which it is found in its payload
_Key: TypeAlias = tuple[SystemId, str, str]


class SqlMessages:
    """``message_tables.MessageTable`` over one connection."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._run = access.run
        self._keyed: dict[_Key, Seen | None] = {}  #: looked up for the whole batch
        self._learned: dict[MessageId, Stored] = {}  #: looked up for a whole claim
        self._at_hand: dict[MessageId, Stored] = {}  #: the last that were added: what is claimed next
        self._any_parked: bool | None = None  #: None: nobody has looked

    def asks(self, drafts: Iterable[Draft]) -> Ask:
        """Return the question what the drafts' dedup keys were used for, which a batch will ask."""
        self._keyed = dict.fromkeys(_key(draft) for draft in drafts if draft.dedup_key is not None)
        return ALL_KEYED, list(self._keyed)

    def foresee(self, found: Iterable[Row]) -> None:
        """Hear the answer."""
        for source, operation, key, message, digest in found:
            self._keyed[source, operation, key] = Seen(message, digest)

    def begin(self) -> None:
        """Begin a transaction: know only the last messages, and whether any is parked."""
        self._keyed, self._learned = {}, {}
        for message in list(islice(self._at_hand, max(len(self._at_hand) - _MOST, 0))):
            del self._at_hand[message]

    def forget(self) -> None:
        """Know nothing: a transaction was undone."""
        self._at_hand, self._any_parked = {}, None
        self.begin()

    def add(self, stored: Stored) -> None:
        draft = stored.draft
        document, raw = draft.document, draft.raw
        at = _inside(draft.payload, document) if document else None
        values = (
            stored.id,
            stored.dossier_id,
            draft.source,
            draft.digest,
            c.micros(stored.accepted_at),
            stored.revision,
            bool(draft.blobs or draft.pending),
            c.head_of(stored),
            draft.payload.body,
            draft.payload.media_type,
            document.body if document and at is None else None,
            document and document.media_type,
            raw and raw.body,
            raw and raw.media_type,
            at,
            len(document.body) if document and at is not None else None,
        )
        self._access.add(ADD, values)
        for blob in draft.blobs:
            self._add_blob(stored.id, blob)
        for file in draft.pending:
            self._access.add(ADD_PENDING, (stored.id, file.file_id, file.url, file.sha256, file.name))
        if raw is None and not draft.blobs and not draft.pending and len(draft.payload.body) <= _LARGEST:
            self._at_hand[stored.id] = stored

    def _add_blob(self, message: MessageId, blob: Blob) -> None:
        row = (message, blob.file_id, blob.key, blob.sha256, blob.size, blob.content_type, blob.name)
        self._access.add(ADD_BLOB, row)

    def learn(self, messages: Iterable[MessageId]) -> None:
        at_hand, learned = self._at_hand, self._learned
        wanted = [(one,) for one in dict.fromkeys(messages) if one not in at_hand and one not in learned]
        learned |= {row[0]: self._stored(row) for row in self._access.find(GET_ALL, wanted)}

    def get(self, message: MessageId) -> Stored | None:
        known = self._at_hand.get(message) or self._learned.get(message)
        if known is not None:
            return known
        row = self._run(GET, (message,)).fetchone()
        return None if row is None else self._stored(row)

    def _stored(self, row: tuple[Any, ...]) -> Stored:
        head, damage = c.head(row[7])
        draft = c.draft_of(row[2], row[3], head, Payload(body=row[8], media_type=row[9]), _document(row))
        stored = Stored(
            id=row[0],
            dossier_id=row[1],
            draft=draft,
            accepted_at=c.moment(row[4]),
            revision=row[5],
            route_version=head.route_version,
            anomalies=head.anomalies,
            warnings=head.warnings,
            damage=damage,
        )
        return self._completed(row, stored) if row[6] or row[12] is not None else stored

    def _completed(self, row: tuple[Any, ...], stored: Stored) -> Stored:
        """Add the raw form and the files, which few messages have."""
        blobs = self._run(BLOBS, (row[0],)).fetchall()
        pending = self._run(PENDING, (row[0],)).fetchall()
        draft = replace(
            stored.draft,
            raw=c.payload_or_none(row[12], row[13]),
            blobs=tuple(c.blob(item) for item in blobs),
            pending=tuple(_pending(item) for item in pending),
        )
        return changed(
            stored,
            draft=draft,
            missed={file[0]: missed for file in pending if (missed := _missed(file[4:7])) is not None},
            told=next((Why(file[7]) for file in pending if file[7] is not None), None),
        )

    def of_dossier(self, dossier: DossierId) -> Sequence[Stored]:
        return [self._stored(row) for row in self._run(OF_DOSSIER, (dossier,)).fetchall()]

    def rehome(self, stored: Stored) -> None:
        self._forget(stored.id)
        self._run(REHOME, (stored.dossier_id, stored.revision, c.head_of(stored), stored.id))

    def keyed(self, draft: Draft) -> Seen | None:
        key = _key(draft)
        if key in self._keyed:
            return self._keyed[key]
        row = self._run(KEYED, key).fetchone()
        return None if row is None else Seen(*row)

    def remember(self, draft: Draft, message: MessageId) -> None:
        key = _key(draft)
        self._access.add(REMEMBER, (*key, message, draft.digest))
        if key in self._keyed:
            self._keyed[key] = Seen(message, draft.digest)

    def last(self, source: SystemId, dossier: DossierId) -> Seen | None:
        row = self._run(LAST, (dossier, source)).fetchone()
        return None if row is None else Seen(*row)

    def let_go(self, messages: Iterable[MessageId]) -> None:
        """Know nothing of messages that are erased."""
        self._any_parked = None
        for message in messages:
            self._forget(message)

    def _forget(self, message: MessageId) -> None:
        self._at_hand.pop(message, None)
        self._learned.pop(message, None)

    def park(self, message: MessageId, codes: Iterable[Code]) -> None:
        self._any_parked = None
        self._forget(message)
        for code in codes:
            self._run(PARK, (code.value, code.scheme, message))

    def unpark(self, message: MessageId) -> None:
        self._any_parked = None
        self._run(UNPARK, (message,))

    def is_parked(self, message: MessageId) -> bool:
        return self._run(IS_PARKED, (message,)).fetchone() is not None

    def parked(self, codes: Iterable[Code]) -> Sequence[MessageId]:
        if self._any_parked is None:
            self._any_parked = bool(self._access.look(ANY_PARKED).fetchone()[0])
        if not self._any_parked:
            return ()
        found = {
            (row[0], MessageId(row[1]))
            for code in codes
            for row in self._run(PARKED, (code.value, code.scheme)).fetchall()
        }
        return [message for _, message in sorted(found)]

    def attach(self, message: MessageId, file: FileId, blob: Blob) -> bool:
        if self._run(FETCHED, (message, file)).rowcount == 0:
            return False
        self._add_blob(message, blob)
        self._forget(message)
        return True

    def miss(self, message: MessageId, file: FileId, missed: Missed) -> bool:
        self._forget(message)
        reason = missed.reason
        values = (reason.code, reason.detail, c.micros(missed.at), message, file)
        return self._run(MISS, values).rowcount > 0

    def tell(self, message: MessageId, why: Why) -> None:
        self._forget(message)
        self._run(TELL, (why, message))

    def forgo(self, message: MessageId) -> None:
        self._forget(message)
        self._run(FORGO, (message,))

    def fetches(self, limit: int, now: datetime) -> Sequence[tuple[MessageId, PendingFile]]:
        rows = self._run(FETCHES, (limit,)).fetchall()
        for row in rows:
            self._run(TRIED, (c.micros(now), row[0]))
        return [(MessageId(row[1]), _pending(row[2:])) for row in rows]


def _inside(payload: Payload, document: Payload) -> int | None:
    """Return where the document stands in the payload, None where it does not at first sight."""
    at = payload.body.find(document.body[:_SIGHT])
    return at if at >= 0 and payload.body.startswith(document.body, at) else None


def _document(row: tuple[Any, ...]) -> Payload | None:
    """Return the document of a row, from its own column or from the payload."""
    at, size = row[14], row[15]
    return c.payload_or_none(row[10] if at is None else row[8][at : at + size], row[11])


def _key(draft: Draft) -> _Key:
    return draft.source, draft.operation, draft.dedup_key or ""


def _missed(row: tuple[Any, ...]) -> Missed | None:
    return None if row[0] is None else Missed(reason=Reason(Why(row[0]), row[1]), at=c.moment(row[2]))


def _pending(row: tuple[Any, ...]) -> PendingFile:
    return PendingFile(file_id=row[0], url=row[1], sha256=row[2], name=row[3])
