"""Writes docs/reference/model.md from the model's own tables: ``python -m tools.model_reference [--check]``.

With ``--check`` nothing is written; exit status 1 where the file on disk differs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import cast

from msgspec import NODEFAULT, inspect

from gateway.ingress.openapi_fields import meanings
from gateway.model.kinds import KINDS, Kind
from gateway.model.leaves import Shape, shape
from gateway.model.national import NATIONAL
from gateway.model.texts import text
from gateway.model.texts.anomalies import ANOMALIES
from gateway.model.types import CLOSING_ALLOWED, REASON_REQUIRED, SCHEMES, STATUSES, Record

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "model.md"
_HEAD = """\
# The model

Written by `python -m tools.model_reference` from the tables of `gateway.model`; change those, not this page.

The same documents are spoken with English names (`application/json`) and with national names
(`application/vnd.qcvn120+json`): structure and values are equal, only the names differ. Unknown fields are refused,
all faults are named at once, in the sender's own names. Times are RFC 3339 with zone; money is whole đồng.

`POST /v1/events` takes one [NewEvent](#newevent) or `{"items": [...]}` with 1 to 200 of them, each answered by itself.
`POST /v1/dossiers` and `PUT /v1/dossiers/{code}` take a [NewDossier](#newdossier). What is delivered, by feed or
webhook, is an [Event](#event). `data` has the type of the kind.
"""


def render() -> str:
    """Return the whole page."""
    parts = (_HEAD, _kinds(), _statuses(), _anomalies(), _schemes(), *map(_struct, NATIONAL))
    return "\n".join(parts)


def _table(title: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(title)
    lines = [head, ["---"] * len(head), *(list(row) for row in rows)]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _kinds() -> str:
    rows = (
        (
            f"`{kind.name}`",
            text(f"kind.{kind.name}", "vi"),
            " ".join(sorted(kind.stated_by)),
            _link(kind.data),
            _note(kind),
        )
        for kind in KINDS.values()
    )
    opaque = (
        "\n`x.<system>.<name>` is carried opaque: `data` is any JSON. `shipment.*` and `document.*` are reserved and"
        " refused. Any other kind is refused by name, with the nearest known one.\n"
    )
    return "## Kinds\n\n" + _table(("kind", "Vietnamese", "stated by", "data", "note"), rows) + opaque


def _note(kind: Kind) -> str:
    notes = ["the whole dossier: makes a revision"] if kind.whole else []
    notes += [f"`{field}` required" for field in kind.required]
    return ", ".join(notes)


def _statuses() -> str:
    rows = (
        (str(number), name, text(f"status.{number}", "vi"), _status_note(number)) for number, name in STATUSES.items()
    )
    closings = ", ".join(
        f"`{name}` ({text(f'status.closing.{name}', 'vi')})" for name in ("granted", "refused", "returned", "withdrawn")
    )
    belongs = (
        f"\n`closing`: {closings}.\n\nA status belongs to a dossier at one system. A code that this table lacks goes"
        " into `source_status`, verbatim, with `status` left out.\n"
    )
    return "## Status\n\n" + _table(("status", "name", "Vietnamese", "note"), rows) + belongs


def _status_note(number: int) -> str:
    if number in REASON_REQUIRED:
        return "`reason` required"
    return "`closing` allowed" if number in CLOSING_ALLOWED else ""


def _anomalies() -> str:
    rows = ((f"`{code}`", words.vi, words.en) for code, words in ANOMALIES.items())
    said = "What the gateway adds to a `status.changed` that it relays all the same, in `anomalies`.\n\n"
    return "## Anomalies\n\n" + said + _table(("code", "Vietnamese", "English"), rows)


def _schemes() -> str:
    rows = ((f"`{item.name}`", ", ".join(f"`{name}`" for name in item.national)) for item in SCHEMES.values())
    return (
        "## Reference schemes\n\n"
        + _table(("scheme", "partners' field"), rows)
        + "\nOther schemes are accepted as data.\n"
    )


def _link(type_: type[Record]) -> str:
    return f"[{type_.__name__}](#{type_.__name__.lower()})"


def _struct(type_: type[Record]) -> str:
    about = (type_.__doc__ or "").strip()
    one_of = f"\nAt least one of {', '.join(f'`{name}`' for name in type_.one_of)} is given.\n" if type_.one_of else ""
    table = _table(("field", "national name", "type", "required", "meaning"), _fields(type_))
    return f"## {type_.__name__}\n\n{about}\n{one_of}\n{table}"


def _fields(type_: type[Record]) -> Iterator[tuple[str, str, str, str, str]]:
    info, meant = cast("inspect.StructType", inspect.type_info(type_)), meanings((type_,))[type_]
    for field in info.fields:
        is_required = field.default is NODEFAULT and field.default_factory is NODEFAULT
        yield (
            f"`{field.name}`",
            f"`{NATIONAL[type_][field.name]}`",
            _type(shape(field.type)),
            "yes" if is_required else "",
            meant[field.name].replace("``", "`"),
        )


def _type(wanted: Shape) -> str:
    match wanted.info:
        case inspect.StructType(cls=cls):
            return _link(cast("type[Record]", cls))
        case inspect.VarTupleType(item_type=item, max_length=limit):
            return f"list of {_type(shape(item))}" + (f", at most {limit}" if limit else "")
        case inspect.LiteralType(values=values):
            return " · ".join(f"`{value}`" for value in values)
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType() if not wanted.description:
            return "whole number"
        case _:
            return wanted.description or "text"


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` only say whether it is up to date."""
    page = render()
    if "--check" not in arguments:
        PAGE.write_text(page, encoding="utf-8")
        return 0
    if PAGE.read_text(encoding="utf-8") == page:
        return 0
    print(f"{PAGE} is out of date: run python -m tools.model_reference", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
