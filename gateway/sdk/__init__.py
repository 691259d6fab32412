"""The only package that an adapter may import: classification, configuration-driven REST and SOAP, the registry.

May import ``exchange`` and what lies below it; never its siblings (intake, relay, query, ops, stores, observability,
evidence). What is named here is stable; a written adapter needs nothing else.
"""

from gateway.config.settings import SystemConfig
from gateway.core.asking import OpenDossier
from gateway.core.delivery import Delivery, Step
from gateway.core.doubt import Doubt
from gateway.core.errors import ConfigError, Problem
from gateway.core.existing import OnFirstExists
from gateway.core.ids import FileId
from gateway.core.message import Blob, Draft, ItemResult, Payload
from gateway.core.outcome import (
    Absent,
    Ambiguous,
    Blame,
    Delivered,
    Finding,
    Outcome,
    Rejected,
    Retryable,
    Shadowed,
    Trace,
    Unknown,
)
from gateway.core.query import Answer as QueryAnswer
from gateway.core.query import Declined, Found, Nothing, Officer, Query, Unanswered
from gateway.core.reason import Reason, Why
from gateway.core.whatif import Fields, Outline
from gateway.ports.adapter import (
    PAGE_MOST,
    Adapter,
    Call,
    CallUnreadable,
    Guard,
    Health,
    NoAnswer,
    Page,
    QueryField,
    QueryForm,
    Received,
    Rendered,
    Turn,
    Unread,
)
from gateway.sdk.assembly import Assembly, Options
from gateway.sdk.auth import Auth, AuthCompiler, LoginFailed
from gateway.sdk.classify import Judge, Verdict
from gateway.sdk.configured import ConfiguredAdapter, Parts
from gateway.sdk.documents import idempotency, source_of
from gateway.sdk.enclosed import Enclosed, keep
from gateway.sdk.files import Files, FilesUnfit
from gateway.sdk.formats import DateFormat
from gateway.sdk.link import Context, Link
from gateway.sdk.mapping import CannotRender, Direction, Gap, Mapping
from gateway.sdk.mapping_check import Use
from gateway.sdk.mapping_compiler import compile_mapping
from gateway.sdk.partner import Answer, Partner, Question
from gateway.sdk.plan import Operation, OperationTable
from gateway.sdk.reading import Reader, Table
from gateway.sdk.registry import GROUP, build
from gateway.sdk.replies import read_json
from gateway.sdk.request import JSON, Outgoing, in_order
from gateway.sdk.rest import RestAdapter, build_rest
from gateway.sdk.rules import Check, Reply, Rule, Then, compile_rules
from gateway.sdk.source import OUTBOUND, Reference, Source
from gateway.sdk.statement import Stating, Unstatable
from gateway.sdk.words import as_text
from gateway.wire.http import HttpReply

__all__ = [
    "GROUP",
    "JSON",
    "OUTBOUND",
    "PAGE_MOST",
    "Absent",
    "Adapter",
    "Ambiguous",
    "Answer",
    "Assembly",
    "Auth",
    "AuthCompiler",
    "Blame",
    "Blob",
    "Call",
    "CallUnreadable",
    "CannotRender",
    "Check",
    "ConfigError",
    "ConfiguredAdapter",
    "Context",
    "DateFormat",
    "Declined",
    "Delivered",
    "Delivery",
    "Direction",
    "Doubt",
    "Draft",
    "Enclosed",
    "Fields",
    "FileId",
    "Files",
    "FilesUnfit",
    "Finding",
    "Found",
    "Gap",
    "Guard",
    "Health",
    "HttpReply",
    "ItemResult",
    "Judge",
    "Link",
    "LoginFailed",
    "Mapping",
    "NoAnswer",
    "Nothing",
    "Officer",
    "OnFirstExists",
    "OpenDossier",
    "Operation",
    "OperationTable",
    "Options",
    "Outcome",
    "Outgoing",
    "Outline",
    "Page",
    "Partner",
    "Parts",
    "Payload",
    "Problem",
    "Query",
    "QueryAnswer",
    "QueryField",
    "QueryForm",
    "Question",
    "Reader",
    "Reason",
    "Received",
    "Reference",
    "Rejected",
    "Rendered",
    "Reply",
    "RestAdapter",
    "Retryable",
    "Rule",
    "Shadowed",
    "Source",
    "Stating",
    "Step",
    "SystemConfig",
    "Table",
    "Then",
    "Trace",
    "Turn",
    "Unanswered",
    "Unknown",
    "Unread",
    "Unstatable",
    "Use",
    "Verdict",
    "Why",
    "as_text",
    "build",
    "build_rest",
    "compile_mapping",
    "compile_rules",
    "idempotency",
    "in_order",
    "keep",
    "read_json",
    "source_of",
]
