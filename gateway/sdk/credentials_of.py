"""``[options.auth]`` as far as an OpenAPI description says how callers show who they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from gateway.config.blanks import BLANK
from gateway.wire.shape import one_line

Table = Mapping[str, object]


def auth_lines(system: str, ways: Mapping[str, Table]) -> tuple[str, ...]:
    """Return the lines of the first way that we can go, with the names of its secrets; the others are comments."""
    lines: list[str] = []
    is_taken = False
    for name, way in ways.items():
        found = [] if is_taken else list(_lines(system.upper(), way))
        if found:
            is_taken = True
            lines += found
        else:
            lines.append(f"# it also names: {one_line(name, 60)} ({one_line(way.get('type') or '', 30)})")
    return (*lines, "") if lines else ()


def _lines(prefix: str, way: Table) -> Iterator[str]:
    kind, scheme = str(way.get("type")), str(way.get("scheme")).lower()
    if kind == "apiKey" and way.get("in") in {"header", "query"}:
        yield from ("[secrets]", f'api_key = "env:{prefix}_API_KEY"', "")
        put = f'in = "{way["in"]}", name = {_quoted(way.get("name"))}'
        yield from ("[options.auth]", 'kind = "api_key"', f"put = {{ {put} }}")
    elif kind == "basic" or (kind == "http" and scheme == "basic"):
        yield from ("[secrets]", f'username = "env:{prefix}_USERNAME"', f'password = "env:{prefix}_PASSWORD"', "")
        yield from ("[options.auth]", 'kind = "basic"')
    elif kind == "http" and scheme == "bearer":
        yield from ("[secrets]", f'token = "env:{prefix}_TOKEN"', "", "[options.auth]", 'kind = "bearer"')
    elif kind == "oauth2" and _token_url(way) is not None:
        yield from (
            "[secrets]",
            f'client_id = "env:{prefix}_CLIENT_ID"',
            f'client_secret = "env:{prefix}_CLIENT_SECRET"',
        )
        yield from ("", "[options.auth]", 'kind = "client_credentials"')
        yield f"# tokens, as the description says: {one_line(_token_url(way) or '')}"
        yield f'path = "/{BLANK}"'


def _token_url(way: Table) -> str | None:
    """Return where tokens are given for client credentials; None where they are not."""
    if way.get("flow") == "application":
        return str(way.get("tokenUrl"))
    flows = way.get("flows")
    flow = cast("Table", flows).get("clientCredentials") if isinstance(flows, dict) else None
    return str(cast("Table", flow).get("tokenUrl")) if isinstance(flow, dict) else None


def _quoted(value: object) -> str:
    text = one_line(value, 60).replace("\\", "").replace('"', "")
    return f'"{text}"'
