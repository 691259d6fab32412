"""A system's file and its mappings as far as a service description says them; what it cannot say is marked.

Everything marked must be filled in by somebody who knows what the fields mean: ``check`` names what is left. Optional
fields stand there as comments. Nothing here is guessed about doubt, and no address is taken for a sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

from gateway.config.blanks import BLANK
from gateway.config.sources import file_of
from gateway.model.national import NATIONAL
from gateway.model.types.dossier import Dossier
from gateway.model.types.person import Person
from gateway.model.types.procedure import Procedure
from gateway.wire.shape import Called, Field, flat, one_line

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_SLUG = re.compile(r"[^a-z0-9]+")
_OURS = {
    "mahoso": "code:province",
    "chuhoso": "dossier.owner.name.whole",
    "hoten": "dossier.owner.name.whole",
    "magiaodich": "delivery.id",
    "masukien": "event.id",
}
_AS = {"int": "int", "bool": "bool", "any": "raw"}
_PLAIN = frozenset({"text", "int", "bool"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be written."""

    id: str
    name: str  #: Vietnamese
    dialect: str  #: ``rest`` or ``soap``
    source: str  #: the description's file name, for the comment
    operations: Sequence[Called]
    kinds: Mapping[str, str]  #: our kind of event by operation; of the others none is known
    wsdl: str = ""  #: below the configuration directory
    auth: Sequence[str] = ()  #: lines


def files_of(wanted: Wanted) -> dict[str, str]:
    """Return the texts by file name below the configuration directory."""
    mappings = {_mapping_file(wanted, one): _mapping(one) for one in wanted.operations if _is_written(wanted, one)}
    return {file_of(wanted.id): "\n".join(_system(wanted)) + "\n", **mappings}


def _is_written(wanted: Wanted, called: Called) -> bool:
    return not wanted.kinds or called.name in wanted.kinds


def _slug(called: Called) -> str:
    return _SLUG.sub("_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", called.name).lower()).strip("_") or "operation"


def _mapping_name(wanted: Wanted, called: Called) -> str:
    return f"{wanted.id}/{_slug(called)}"


def _mapping_file(wanted: Wanted, called: Called) -> str:
    return f"mappings/{_mapping_name(wanted, called)}.toml"


def _system(wanted: Wanted) -> Iterator[str]:
    yield f"# {wanted.name}: written from {one_line(wanted.source, 80)}. What says {BLANK} must be filled in;"
    yield "# `check` names what is left. All keys: docs/reference/system-files.md"
    yield from (
        f"id = {_quoted(wanted.id)}",
        'role = "system"',
        f'adapter = "{wanted.dialect}"',
        'mode = "sandbox"',
        "",
    )
    yield from ("[name]", f"vi = {_quoted(wanted.name)}", "", "[endpoint]")
    yield "# The address for tests, never the one for real work; `endpoint.live` beside it, once it is agreed."
    yield from (f"# The description says: {address}" for address in _addresses(wanted))
    yield f'sandbox = "{BLANK}"'
    yield ""
    yield "# If a reply is lost, is it safe to send again? Ask the partner, and write only what it confirms:"
    yield "# undeclared means that a person decides each time."
    yield from (
        '# [doubt."*"]',
        '# doubt = "resend"      # it recognises our Idempotency-Key',
        '# dedup_window = "7d"',
        "",
    )
    if wanted.dialect == "soap":
        version = "1.1" if any("1.1" in one.versions for one in wanted.operations) else "1.2"
        yield from ("[options]", f"wsdl = {_quoted(wanted.wsdl)}", f'version = "{version}"', "")
    yield from wanted.auth
    for called in wanted.operations:
        yield from _operation(wanted, called) if _is_written(wanted, called) else _mentioned(called)
    yield from _outcomes(wanted)


def _addresses(wanted: Wanted) -> list[str]:
    return list(dict.fromkeys(one.address for one in wanted.operations if one.address))


def _mentioned(called: Called) -> Iterator[str]:
    yield f"# not taken: {called.name}" + (f": {called.about}" if called.about else "")


def _operation(wanted: Wanted, called: Called) -> Iterator[str]:
    yield f"# --- {called.name}" + (f": {called.about}" if called.about else "")
    replies = flat(called.reply)
    if replies:
        yield f"# replies with: {one_line(', '.join(replies), 300)}"
    if called.faults:
        yield f"# declares the faults: {', '.join(called.faults)}"
    if called.statuses:
        yield f"# answers with HTTP {', '.join(called.statuses)}"
    kind = wanted.kinds.get(called.name, f"{BLANK} kind of event for {called.name}")
    yield f"[options.operations.{_quoted(kind)}]"
    if wanted.dialect == "soap":
        yield f"operation = {_quoted(called.name)}"
    else:
        yield from _rest(called)
    if called.request:
        yield f"mapping = {_quoted(_mapping_name(wanted, called))}"
    scheme = _key(f"{wanted.id}_receipt")
    yield f'# codes = {{ {scheme} = "…" }}   # where the reply says by which code it knows the dossier'
    yield ""


def _rest(called: Called) -> Iterator[str]:
    yield f"method = {_quoted(called.method)}"
    yield f"path = {_quoted(_path(called.path))}"
    for place, key in (("query", "query"), ("header", "headers")):
        fields = [one for one in called.parameters if one.type.startswith(f"{place} ")]
        for field in fields:
            yield f"# {key}: {field.name}: {_said(field)}"
        wanted = [one for one in fields if one.required]
        if wanted:
            yield f"{key} = {{ {', '.join(f'{_key(one.name)} = {_quoted(_blank_place())}' for one in wanted)} }}"
    encode = {"xml": "xml", "x-www-form-urlencoded": "form", "form-data": "multipart"}
    for ending, how in encode.items():
        if called.media_type.endswith(ending):
            yield f'encode = "{how}"' + (f'\nroot = "{BLANK}"' if how == "xml" else "")


def _path(path: str) -> str:
    return re.sub(r"\{[^{}]*\}", lambda _: _blank_place(), path)


def _blank_place() -> str:
    return f"{{{BLANK}}}"


def _outcomes(wanted: Wanted) -> Iterator[str]:
    yield "# What a yes looks like: nothing is delivered unless a rule says so, and a 200 can be a failure."
    taken = [one for one in wanted.operations if _is_written(wanted, one)]
    places = list(dict.fromkeys(chain.from_iterable(flat(one.reply) for one in taken)))
    if places:
        yield f"# places in the replies: {one_line(', '.join(places), 400)}"
    yield from (
        "[[options.outcomes]]",
        "http = [200]",
        f'path = "{BLANK}"',
        f'equals = ["{BLANK}"]',
        'then = "delivered"',
        "",
    )
    yield "# One rule for each refusal that you have a sample of:"
    yield from (
        "# [[options.outcomes]]",
        "# http = [200, 400, 422]",
        '# path = "…"',
        '# equals = ["…"]',
        '# then = "reject"',
    )


def _mapping(called: Called) -> str:
    rows = list(chain.from_iterable(_row(field, "") for field in called.request))
    lines = [
        f"# {called.name}: our event and dossier become its request.",
        f"# Required fields say {BLANK}; the others are comments.",
        'version = "1"',
        *([] if "[[row]]" in rows else ["row = [] # nothing is required: take this line out with the first row"]),
        "",
        *rows,
    ]
    return "\n".join(lines) + "\n"


def _row(field: Field, before: str) -> Iterator[str]:
    to = f"{before}{field.name}"
    if not _is_plain_name(field.name):
        yield f"# {one_line(to)}: {_said(field)}: a name that a table cannot write; ask for a written adapter"
        return
    if field.kind == "table" and not field.many:
        if not field.required:
            yield f"# {to} may be left out as a whole: then take its rows out, too"
        yield from chain.from_iterable(_row(one, f"{to}.") for one in field.fields)
        return
    lines = list(_list_row(field, to) if field.many else _value_row(field, to))
    yield f"# {to}: {_said(field)}" + _suggested(field)
    yield from lines if field.required else (f"# {line}" for line in lines)
    yield ""


def _value_row(field: Field, to: str) -> Iterator[str]:
    yield "[[row]]"
    yield f"to = {_quoted(to)}"
    yield f'from = "{BLANK}"'
    if field.kind in _AS:
        yield f'as = "{_AS[field.kind]}"'
    if field.required:
        yield "required = true"


def _list_row(field: Field, to: str) -> Iterator[str]:
    yield "[[row]]"
    yield f"to = {_quoted(f'{to}[]')}"
    if not field.fields:
        yield f'from = "{BLANK}"'
        yield 'as = "raw"'
        return
    yield f'each = "{BLANK}"'
    yield "rows = ["
    for one in field.fields:
        if one.kind in _PLAIN | {"file"} and not one.many and _is_plain_name(one.name):
            typed = f', as = "{_AS[one.kind]}"' if one.kind in _AS else ""
            source = "item.stream" if one.kind == "file" else BLANK
            mark = "" if one.required else "# "
            yield f"  {mark}{{ to = {_quoted(one.name)}, from = {_quoted(source)}{typed} }}, # {_said(one)}"
        else:
            yield f"  # {one_line(one.name)}: {_said(one)}: add rows for it"
    yield "]"


def _said(field: Field) -> str:
    words = [field.type, "required" if field.required else "optional"]
    if field.many:
        words.append("a list")
    if field.note:
        words.append(field.note)
    return one_line(", ".join(words), 240)


def _suggested(field: Field) -> str:
    found = _suggestions().get(_SLUG.sub("", field.name.lower()))
    return f" (perhaps {found})" if found and field.kind in _PLAIN else ""


@cache
def _suggestions() -> Mapping[str, str]:
    """Return our places by national names, in small letters."""
    tables = ((Person, "dossier.owner."), (Procedure, "dossier.procedure."), (Dossier, "dossier."))
    found = {name.lower(): before + field for kind, before in tables for field, name in NATIONAL[kind].items()}
    return {**found, **_OURS}


def _is_plain_name(name: str) -> bool:
    return bool(name) and not any(sign in name for sign in '.[]{} "\\') and name.isprintable() and name != "(body)"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    """Return a TOML basic string; names of a description may hold anything."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(sign if sign.isprintable() else f"\\U{ord(sign):08X}" for sign in escaped) + '"'
