"""``[options.receive.<path>]``: the tables of a partner's own calls, compiled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec

from gateway.config.settings import SystemConfig
from gateway.ports.adapter import Guard
from gateway.ports.secrets import Secrets
from gateway.sdk.answering import Answer
from gateway.sdk.guarding import EnvelopeTable, GuardCompiler, OurKeyTable, ProofTable
from gateway.sdk.incoming import Format, Incoming, Inside
from gateway.sdk.link import Context
from gateway.sdk.mapping import Direction
from gateway.sdk.mapping import Mapping as MappingTable
from gateway.sdk.mapping_check import misfits
from gateway.sdk.paths import Path
from gateway.sdk.reading import Reader, Table
from gateway.sdk.receive import CallBack, ItemAnswers, Receiver
from gateway.sdk.source import Source
from gateway.wire.soap_message import read_message

_CALL = frozenset({"body", "query"})
_REPLY = frozenset({"count", "accepted", "refused", "receipt"}) | _CALL
_REFUSAL = frozenset({"reason"})
_ITEM = frozenset({"item", "receipt", "reason"}) | _CALL
_HTTP = Annotated[int, msgspec.Meta(ge=200, le=599)]
_JSON = "application/json; charset=utf-8"
_UNKNOWN = "không rõ bên gọi"
Text = str | dict[str, object]


def _plain_refusal() -> Text:
    return {"error": "{reason}"}


class InsideTable(Table, frozen=True, kw_only=True):
    """A document that travels as a text inside the body."""

    path: str
    format: Literal["json", "xml", "form"] = "json"
    base64: bool = False


class AnswersTable(Table, frozen=True, kw_only=True):
    """What is said of each item: items are taken or refused one by one."""

    accepted: Text
    refused: Text


class ReceiveTable(Table, frozen=True, kw_only=True):
    """One ``[options.receive.<path>]``."""

    mapping: str
    methods: Annotated[tuple[Literal["POST", "PUT", "PATCH", "GET"], ...], msgspec.Meta(min_length=1)] = ("POST",)
    format: Format = "json"
    lists: tuple[str, ...] = ()
    inside: tuple[InsideTable, ...] = ()
    each: str | None = None  #: where in the body the list of items is; the body is the one item where it is left out
    auth: tuple[ProofTable, ...] = ()
    reply: Text = msgspec.field(default_factory=dict[str, object])
    refusal: Text = msgspec.field(default_factory=_plain_refusal)
    answers: AnswersTable | None = None
    media_type: str = _JSON
    status: _HTTP = 200
    refusal_status: _HTTP = 400
    auth_status: _HTTP = 401
    secure_replies: bool = False  #: replies to whoever was let in carry what ``[security.send]`` says


class ReceiveCompiler:
    """Compiles the paths of one system; problems are noted."""

    def __init__(self, config: SystemConfig, secrets: Secrets, reader: Reader) -> None:
        self._config = config
        self._reader = reader
        self._guards = GuardCompiler(config, secrets, reader)

    def compile(
        self,
        raws: Mapping[str, dict[str, object]],
        mappings: Mapping[tuple[str, Direction], MappingTable],
        context: Context,
    ) -> Receiver:
        """Return the receiver of everything that could be read."""
        backs: dict[str, CallBack] = {}
        for path, raw in raws.items():
            key = f"options.receive.{path}"
            table = self._reader.read(ReceiveTable, raw, key)
            mapping = mappings.get((table.mapping, Direction.IN)) if table else None
            back = self._reader.made(key, self._back, table, mapping, key) if table and mapping else None
            if back is not None:
                check_events(back.mapping, self._config, f"{key}.mapping", self._reader)
                backs[path.strip("/")] = back
        return Receiver(self._config, context.blobs, backs)

    def _back(self, table: ReceiveTable, mapping: MappingTable, key: str) -> CallBack:
        if table.answers is not None and table.each is None:
            raise ValueError("`answers` speak of the items of a list: name it in `each`")
        refusal = Answer(table.refusal, table.media_type, _REFUSAL)
        answers = table.answers
        return CallBack(
            methods=table.methods,
            incoming=_incoming(table),
            mapping=mapping,
            each=Path.parse(table.each) if table.each else None,
            reply=Answer(table.reply, table.media_type, _REPLY),
            refusal=refusal,
            answers=ItemAnswers(
                accepted=Answer(answers.accepted, table.media_type, _ITEM),
                refused=Answer(answers.refused, table.media_type, _ITEM),
            )
            if answers
            else None,
            status=table.status,
            refusal_status=table.refusal_status,
            guard=self._guard(table, mapping, refusal, key),
        )

    def _guard(self, table: ReceiveTable, mapping: MappingTable, refusal: Answer, key: str) -> Guard | None:
        proofs = self._guards.compile(table.auth, key, reads_query="query" in mapping.roots)
        by_envelope = any(isinstance(one, EnvelopeTable) for one in table.auth)
        if by_envelope and table.format != "xml":
            self._reader.wrong(f"{key}.format", "an envelope is XML", 'write "xml"')
        if table.secure_replies:
            self._check_secured(table, refusal, key)
        if not proofs and not by_envelope:
            return None
        return Guard(
            proofs=proofs,
            by_envelope=by_envelope,
            our_key=any(isinstance(one, OurKeyTable) for one in table.auth),
            secures=table.secure_replies,
            refusal=refusal.fill(table.auth_status, Source({"reason": _UNKNOWN})),
        )

    def _check_secured(self, table: ReceiveTable, refusal: Answer, key: str) -> None:
        """Note what stands in the way of replies with a Security header."""
        key = f"{key}.secure_replies"
        if self._config.security.send is None:
            self._reader.wrong(key, "nothing is agreed of what replies carry", "add [security.send.signature]")
        if not table.auth:
            self._reader.wrong(
                key, "a caller with a key of ours alone is not answered so", "say in `auth` how it calls"
            )
        for name, answer in (("reply", Answer(table.reply, table.media_type, _REPLY)), ("refusal", refusal)):
            try:
                read_message(answer.fill(table.status, Source({})).body.body)
            except ValueError as error:
                self._reader.wrong(key, f"`{name}`: {error}", "write <s:Envelope …><s:Body>…</s:Body></s:Envelope>")


def check_events(mapping: MappingTable, config: SystemConfig, key: str, reader: Reader) -> None:
    """Note where a table makes of what comes in nothing that we could accept."""
    for text, remedy in misfits(mapping, config):
        reader.wrong(key, text, remedy)


def _incoming(table: ReceiveTable) -> Incoming:
    lists = frozenset(table.lists)
    inside = (
        Inside(path=Path.parse(one.path), format=one.format, in_base64=one.base64, lists=lists) for one in table.inside
    )
    return Incoming(format=table.format, lists=lists, inside=tuple(inside))
