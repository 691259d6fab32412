"""Keys as people read them in the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.text import Text

from gateway.cli.screen import Lines, moment, plain_table, table_or
from gateway.ingress.bodies import KeyBody

#: What a key opens, for people.
ROLES = {"system": "hệ thống", "operator": "người vận hành"}


def keys(found: Sequence[KeyBody]) -> Iterable[RenderableType]:
    """Return the keys; their texts are nowhere."""
    table = plain_table("mã", "vai trò", "tên", "cấp lúc", "thu hồi lúc")
    for key in found:
        table.add_row(*_key(key), style="dim" if key.revoked_at else None)
    return table_or(table, (line for key in found for line in _key_in_lines(key)))


def _key(key: KeyBody) -> tuple[str, str, str, str, str]:
    made, revoked = (moment(at, "%d/%m/%Y %H:%M") for at in (key.created_at, key.revoked_at))
    return key.id, ROLES.get(key.role, key.role), key.name, made, revoked


def _key_in_lines(key: KeyBody) -> Lines:
    known, role, name, made, revoked = _key(key)
    style = "dim" if key.revoked_at else ""
    yield Text.assemble((known, "bold"), f"  {name}", style=style)
    yield Text(f"    {role}, cấp lúc {made}" + (f", thu hồi lúc {revoked}" if key.revoked_at else ""), style=style)
