"""Why something did not simply go through: a closed list of codes that may be logged."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum


class Why(StrEnum):
    """Reason codes. Stable: partners, dashboards and tests rely on them.

    Of a code that only a later version knows, and has written before it was exchanged for this one, a member is made as
    it is read: a row that this version cannot read would end it at every start.
    """

    DNS = "dns"  #: the name could not be resolved: nothing was sent
    CONNECTION_REFUSED = "connection_refused"  #: nobody listens: nothing was sent
    CONNECT_TIMEOUT = "connect_timeout"  #: no connection in time: nothing was sent
    TLS = "tls"  #: no trust between us: nothing was sent
    NOT_SENT = "not_sent"  #: any other failure before the first byte
    TIMEOUT = "timeout"  #: bytes left, no reply in time
    RESET = "reset"  #: bytes left, the connection broke
    EARLY_REPLY = "early_reply"  #: answered before the request was read
    REPLY_TOO_LARGE = "reply_too_large"
    REPLY_UNREADABLE = "reply_unreadable"  #: not what the partner's format promises
    REPLY_UNTRUSTED = "reply_untrusted"  #: nothing proves that it is the partner's answer to this request
    REPLY_UNMATCHED = "reply_unmatched"  #: no rule says what this reply means
    THROTTLED = "throttled"  #: 429, or 503 with Retry-After
    SERVER_ERROR = "server_error"  #: 5xx
    REDIRECTED = "redirected"  #: a 3xx that no rule names: it is never followed
    CLIENT_ERROR = "client_error"  #: a 4xx that no rule names
    CREDENTIALS = "credentials"  #: 401, 403, or a login that failed
    REFUSED_BY_PARTNER = "refused_by_partner"  #: a rule names this reply a refusal
    RETRY_BY_PARTNER = "retry_by_partner"  #: a rule names this reply a request to come again
    TRANSPORT = "transport"  #: the way between us refused it: a security server, a bus
    ALREADY_EXISTS = "already_exists"  #: the partner says that it has it
    CANNOT_RENDER = "cannot_render"  #: the mapping misses something this partner requires
    NO_OPERATION = "no_operation"  #: the system's file declares no operation for this kind
    ADAPTER_BUG = "adapter_bug"  #: our adapter failed; what it had sent is unknown
    WORKER_LOST = "worker_lost"  #: the process vanished between begin and settle
    RESTORED = "restored"  #: in doubt: the database was put back, and what was sent since is not known
    VERSION_LOST = "version_lost"  #: in doubt, and the configuration that it was sent by cannot be had any more
    BYTES_DIFFER = "bytes_differ"  #: in doubt, and what would leave now is not what left
    QUARANTINED = "quarantined"  #: three workers in a row died over it
    DAMAGED = "damaged"  #: what the store keeps of it cannot be read
    EXPIRED = "expired"  #: past expires_at
    ATTEMPTS_EXHAUSTED = "attempts_exhausted"
    NOT_FOUND_THERE = "not_found_there"  #: a look-up's final no
    LOOKUP_UNCLEAR = "lookup_unclear"  #: a look-up that gave no final answer
    LOOKUP_MISSING = "lookup_missing"  #: declared, but the adapter has no look-up for this kind
    SHADOW = "shadow"  #: rendered and validated, never sent
    WITHDRAWN = "withdrawn"  #: the citizen withdrew before it was begun
    SUPERSEDED = "superseded"  #: a file was not here, or its code not known, and what was stated since goes instead
    CALLED_OFF = "called_off"  #: a named person ended a submission of which its system surely has nothing
    NEVER_GIVEN = "never_given"  #: the system was never given the dossier that this is about
    MATCHED = "matched"  #: a parked message found its dossier
    UNMATCHED = "unmatched"  #: nobody has bound this code yet
    UNREADABLE = "unreadable"  #: what came in could not be read
    IMPOSSIBLE_STATUS = "impossible_status"  #: cannot follow what its source stated before: a person lets it go
    FILE_MISSING = "file_missing"  #: a named file could not be fetched or proved
    FILE_NOT_THERE = "file_not_there"  #: who keeps a named file says that it is not at its address
    FILE_DIFFERS = "file_differs"  #: a named file is not the one whose digest was announced
    FILE_TOO_LARGE = "file_too_large"  #: a named file has more bytes than one may have
    UNFETCHABLE = "unfetchable"  #: a file is named by an address that none can ever come from
    SYSTEM_OFF = "system_off"  #: the system's mode is off: no leg
    ADOPTED = "adopted"  #: the system has the dossier from before the gateway: no leg
    HANDED_BACK = "handed_back"  #: never sent: a named person gave it back to the way before
    TEST_EVENT = "test_event"  #: test events go to sandbox systems only
    ERASED = "erased"  #: the dossier has ended, and what was kept of it is erased by age
    TEST_DOSSIER = "test_dossier"  #: one of the two is a test, and the other is not
    WAITS_IN_CIRCLE = "waits_in_circle"  #: routes wait for each other: this wait is left out
    NO_ROUTE = "no_route"  #: accepted, but no route names a destination
    CODE_SHAPE = "code_shape"  #: a code differs from its scheme's pattern: a warning
    CODE_NOT_YOURS = "code_not_yours"  #: a number that only the portal gives: not bound, a warning
    CODES_CONFLICT = "codes_conflict"  #: the codes belong to different dossiers
    UNKNOWN_DOSSIER = "unknown_dossier"
    NOT_AUTHORISED = "not_authorised"  #: this system has no part in this dossier
    KIND_NOT_YOURS = "kind_not_yours"  #: this system may not state this kind
    NOT_WHOLE = "not_whole"  #: an amendment that does not carry the whole dossier
    STORE_FULL = "store_full"
    BACKLOG = "backlog"  #: more waits for the destinations than may
    JUDGED = "judged"  #: a named person said what the partner has
    RETRIED = "retried"  #: a named person let it be sent again
    SKIPPED = "skipped"  #: a named person let the lane go on without it
    EDITED = "edited"  #: a corrected message took its place

    @classmethod
    def _missing_(cls, value: object) -> Why | None:
        if not isinstance(value, str):
            return None
        later = str.__new__(cls, value)
        later._name_ = later._value_ = value
        return later


#: What a database may refuse in a text: NUL, and lone surrogates, which have no form in UTF-8.
_UNWRITABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Reason:
    """A code for machines and logs, and the partner's own words for those who may read them."""

    code: Why
    detail: str = field(default="", repr=False)  #: may hold personal data, never logged; U+FFFD for what no store keeps

    def __post_init__(self) -> None:
        """Let nothing that a partner says keep its own refusal from being written down."""
        if _UNWRITABLE.search(self.detail):
            object.__setattr__(self, "detail", _UNWRITABLE.sub("\ufffd", self.detail))
