"""Uploaded and attached files in SQL."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from gateway.core.ids import FileId, SystemId
from gateway.core.message import Blob
from gateway.stores.rows import Upload
from gateway.stores.sql import columns as c
from gateway.stores.sql.access import Access

# Keep an upload.
ADD = c.replace_one("file", f"id, owner, created_at, {c.BLOB}", key="id")
# One upload.
GET = f"SELECT {c.BLOB}, id, owner, created_at FROM file WHERE id = ?"  # noqa: S608 - constants
# A file of any message.
ATTACHED = f"""
SELECT {c.BLOB}, file_id FROM message_blob WHERE file_id = ? AND sha256 LIKE ? ORDER BY seq LIMIT 1
"""  # noqa: S608 - constants
# A file of a message that a system sent or was sent, by itself or within the dossier's snapshot.
ATTACHED_TO = """
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
) ORDER BY b.seq LIMIT 1
"""
# Whether an upload or a message refers to a blob.
IS_KEPT = "SELECT EXISTS (SELECT 1 FROM file WHERE key = ?) OR EXISTS (SELECT 1 FROM message_blob WHERE key = ?)"
# Drop old uploads that no message refers to.
FORGET = """
DELETE FROM file WHERE created_at < ?
    AND NOT EXISTS (SELECT 1 FROM message_blob WHERE message_blob.key = file.key)
"""


class SqlUploads:
    """``message_tables.UploadTable`` over one connection."""

    def __init__(self, access: Access) -> None:
        self._run = access.run

    def add(self, upload: Upload) -> None:
        blob, created_at = upload.blob, c.micros(upload.created_at)
        file = (blob.key, blob.sha256, blob.size, blob.content_type, blob.name)
        self._run(ADD, (blob.file_id, upload.owner, created_at, *file))

    def get(self, file: FileId) -> Upload | None:
        row = self._run(GET, (file,)).fetchone()
        return None if row is None else Upload(blob=c.blob(row), owner=row[6], created_at=c.moment(row[7]))

    def attached(self, file: FileId, caller: SystemId | None, digest: str = "") -> Blob | None:
        like = f"{digest}%"  # hexadecimal digits: none of them stands for others
        found = (
            self._run(ATTACHED, (file, like))
            if caller is None
            else self._run(ATTACHED_TO, {"file": file, "digest": like, "caller": caller})
        )
        row = found.fetchone()
        return None if row is None else c.blob(row)

    def kept(self, keys: Collection[str]) -> set[str]:
        return {key for key in keys if self._run(IS_KEPT, (key, key)).fetchone()[0]}

    def forget(self, before: datetime) -> int:
        return self._run(FORGET, (c.micros(before),)).rowcount
