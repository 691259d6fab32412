"""What an operator may write, as types. The commented file ``defaults.toml`` holds every default of ``Settings``.

Sizes are whole bytes.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from gateway.config.durations import Duration, Lasting, as_timedelta
from gateway.config.object_store import MaybeSecretRef, ObjectStore
from gateway.config.security import Security
from gateway.config.weather import BreakerConfig, ProbeConfig, RateText, WindowConfig, as_rate
from gateway.core.attention import Allowance, Patience
from gateway.core.calendar import Calendar
from gateway.core.deadline import Reckoning
from gateway.core.doubt import Declarations, Declared, Doubt
from gateway.core.existing import OnFirstExists
from gateway.core.ids import SystemId
from gateway.core.policy import RetryPolicy
from gateway.core.reconcile import MOST, SAMPLE
from gateway.core.retention import Rule
from gateway.core.routing import Connected, Mode, Order, Role, UnknownDossier
from gateway.core.statuses import GuardMode, StatusBook
from gateway.core.terms import Terms

Working = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,5}(\.[0-9]{1,6})?(m|h|d)\Z",
        description="working time: 30m, 4h; 3d are three working days; at most 99999d",
    ),
]
Name = Annotated[
    str, Meta(pattern=r"^[a-z][a-z0-9_]{1,40}\Z", description="2 to 41 lower-case letters, digits, _, a letter first")
]
SecretRef = Annotated[
    str, Meta(pattern=r"^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)\Z", description="env:NAME or file:/path")
]

_LOGIN = timedelta(seconds=5)  #: beside an exchange itself: a connection, a fresh session


def working_time(text: str, day: timedelta) -> timedelta:
    """Return the length of ``Working``, in which a day is as long as people work on it."""
    return float(text[:-1]) * day if text.endswith("d") else as_timedelta(text)


class _Table(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of a TOML file: unknown keys are errors."""


class Server(_Table, frozen=True):
    """Where the doors listen and what they let in."""

    host: str
    port: Annotated[int, Meta(ge=0, le=65535)]
    reuse_port: bool  #: whether other processes may listen on it too
    public_url: Annotated[
        str, Meta(pattern=r"^(https?://[^\s/?#@]+(/[^\s?#]*)?)?\Z", description="https://host, or nothing")
    ]
    body_limit: Annotated[int, Meta(gt=0)]  #: bytes of one JSON or XML document
    file_limit: Annotated[int, Meta(gt=0)]  #: bytes of one uploaded file
    read_timeout: Lasting  #: to send a whole JSON or XML document
    upload_timeout: Lasting  #: to send a whole file
    keepalive: Lasting
    shutdown: Duration  #: how long what is in flight may take to finish
    feed_wait: Duration  #: the longest long poll
    connections: Annotated[int, Meta(ge=8, le=50_000)]  #: open at once; one more is answered 503
    bodies: Annotated[int, Meta(gt=0)]  #: bytes of documents in memory at once, and as much again of files on their way
    room_wait: Duration  #: how long a caller waits for room for its body before it is answered 503


class StoreSettings(_Table, frozen=True):
    """Where everything is kept: in the embedded database, or in PostgreSQL."""

    postgres: MaybeSecretRef  #: the reference to the database's address; empty: the embedded database
    attachments: str  #: the folder of attachments; empty: in the data folder
    synchronous: Literal["FULL", "OFF"]  #: OFF gives up the promise; for measurements only
    busy_timeout: Duration
    reserve: Annotated[int, Meta(ge=0)]  #: bytes of free disk below which new dossiers are refused
    s3: ObjectStore  #: a bucket of attachments in place of the folder


class Relay(_Table, frozen=True):
    """How deliveries leave."""

    lease: Duration
    batch: Annotated[int, Meta(gt=0)]  #: deliveries claimed at once
    idle: Duration  #: the longest time between two looks at the store


class Logs(_Table, frozen=True):
    """Where the log lines go."""

    to: Literal["file", "stdout", "both"]
    level: Literal["debug", "info", "warning", "error"]
    size: Annotated[int, Meta(ge=65536)]  #: bytes after which a new file is begun
    keep: Annotated[int, Meta(ge=1, le=1000)]  #: how many full files stay beside it


class Attention(_Table, frozen=True):
    """What operators are asked to look at."""

    after: Working  #: not delivered after so much working time
    tries: Annotated[int, Meta(ge=1, le=1000)]  #: tried in vain so often
    files_after: Duration  #: its files are not here after so long
    calm: Duration  #: a cause is over when nothing was seen of it for so long
    every: Duration  #: between two looks for the log's alerts
    deadline_lead: Annotated[int, Meta(ge=0, le=60)]  #: working days before a due date


class Retention(_Table, frozen=True):
    """How long is kept what has ended."""

    dossiers: Annotated[
        str, Meta(pattern=r"^([0-9]{1,5}(\.[0-9]{1,6})?d)?\Z", description="days, 1825d, or nothing")
    ]  #: after the last that was said or done; empty: for ever

    def rule(self) -> Rule | None:
        """Return by what dossiers are erased; None: nothing is."""
        return Rule(term=as_timedelta(self.dossiers)) if self.dossiers else None


class Codes(_Table, frozen=True):
    """What codes look like: a mismatch is a warning, never a refusal."""

    patterns: dict[str, str]


class Statuses(_Table, frozen=True):
    """What is done about a status that cannot be true; the table itself is ``statuses.toml``."""

    guard: GuardMode


class LinkSettings(_Table, frozen=True):
    """Links to files for partners that download from us."""

    keys: tuple[SecretRef, ...]  #: the first signs, every one opens
    lifetime: Lasting  #: each lives so long at least, and twice as long at most


class PlugInCodes(_Table, frozen=True):
    """``error_code`` as the plug-in door writes it: no source states the whole list."""

    done: str
    refused: str
    exists: str  #: a new dossier that is known with other content
    session: str  #: no session that stands: log in again


class PlugIn(_Table, frozen=True):
    """The plug-in door, which speaks the national portal's protocol to portals."""

    session: Lasting  #: how long a login lasts
    failures: Annotated[int, Meta(ge=1, le=1000)]  #: failed logins per minute before a caller is not listened to
    prefixes: tuple[Annotated[str, Meta(pattern=r"^(/[A-Za-z0-9._~-]+)+\Z", description="/path")], ...]
    codes: PlugInCodes


class Settings(_Table, frozen=True):
    """``gateway.toml``: everything that is not about one system."""

    server: Server
    store: StoreSettings
    relay: Relay
    logs: Logs
    attention: Attention
    retention: Retention
    codes: Codes
    statuses: Statuses
    links: LinkSettings
    plug_in: PlugIn


class Names(_Table, frozen=True):
    """A name for people."""

    vi: str
    en: str = ""


class Endpoint(_Table, frozen=True):
    """Where a system answers; which of the two is called follows from its mode."""

    live: str = ""
    sandbox: str = ""
    files: tuple[str, ...] = ()  #: scheme, host and port of where else files are fetched that an event names


class Timeouts(_Table, frozen=True):
    """How long one exchange may take."""

    connect: Lasting = "5s"
    total: Lasting = "30s"


class Tls(_Table, frozen=True):
    """How a system of ``https://`` and we know each other; PEM texts by reference."""

    identity: SecretRef | None = None  #: our private key, its certificate and the chain below: a client certificate
    authorities: SecretRef | None = None  #: who may vouch for the system; None: whom the machine trusts


class Limits(_Table, frozen=True):
    """How hard we may press a system."""

    concurrency: Annotated[int, Meta(ge=1, le=1000)] = 8
    rate: RateText = ""  #: calls in a period; empty: as many as it answers
    burst: Annotated[int, Meta(ge=1, le=1000)] = 1  #: of these so many at once, after a rest
    backlog: Annotated[int, Meta(ge=1)] = 500_000  #: deliveries that may wait before new dossiers for it are refused
    reply: Annotated[int, Meta(gt=0)] = 8 * 1024 * 1024  #: bytes of one reply
    reply_files: Annotated[int, Meta(gt=0)] = 200 * 1024 * 1024  #: bytes of the files beside it


class Reconciling(_Table, frozen=True):
    """How often our books are compared with what a system says, and about how many dossiers it is asked."""

    every: Lasting | None = None  #: None: only when somebody asks
    list: str = ""  #: the question that says what the system has; empty: it is asked about each
    sample: Annotated[int, Meta(ge=1, le=MOST)] = SAMPLE


class Polling(_Table, frozen=True):
    """How often a system is asked for news that does not call us."""

    every: Lasting = "60s"  #: between two rounds of questions; the pages of one follow one another
    window: WindowConfig = WindowConfig()  #: the hours in which it is asked, within those in which it is called


class Querying(_Table, frozen=True):
    """Who may ask a system questions that are answered in the same call, and how much."""

    callers: tuple[str, ...] = ()  #: systems; operators always may
    rate: RateText = "60/m"  #: of each caller; empty: as many as they like
    burst: Annotated[int, Meta(ge=1, le=1000)] = 10  #: of these so many at once
    timeout: Lasting = "15s"  #: from the question at our door to the answer


class Promise(_Table, frozen=True):
    """What the partner promises for one kind of event, should we not know whether it took it."""

    doubt: Doubt
    dedup_window: Lasting | None = None
    quiet: Duration = "0s"
    after_window: Doubt = Doubt.HOLD

    def declared(self) -> Declared:
        """Return the core's value."""
        window = as_timedelta(self.dedup_window) if self.dedup_window else None
        return Declared(
            doubt=self.doubt, dedup_window=window, quiet=as_timedelta(self.quiet), after_window=self.after_window
        )


class Retry(_Table, frozen=True):
    """How patient we are."""

    first_wait: Lasting = "5s"
    factor: Annotated[float, Meta(ge=1, le=10)] = 2.0
    longest_wait: Lasting = "15m"
    max_attempts: Annotated[int, Meta(ge=1, le=100)] = 8


class PlugInLogin(_Table, frozen=True):
    """A name and a password of its own for the plug-in door, where a portal cannot be given an API key."""

    username: str = ""
    password: SecretRef | None = None


class SystemConfig(_Table, frozen=True):
    """``systems/<id>.toml``: one system on the other side. The file's name is its id."""

    id: str
    name: Names
    role: Role
    adapter: str  #: ``rest``, ``soap``, ``webhook``, ``feed``, or the name of an installed adapter
    mode: Mode = Mode.SANDBOX
    agency: str = ""  #: electronic identifier of the body that runs it now
    valid_from: date | None = None
    valid_to: date | None = None
    successor_of: tuple[str, ...] = ()
    unknown_dossier: UnknownDossier = UnknownDossier.PARK
    tell_relay: bool = True
    status_guard: GuardMode | None = None  #: about the statuses that it states; None: as ``statuses.guard`` says
    on_first_exists: OnFirstExists = OnFirstExists.LOOKUP_COMPARE  #: the partner has it, and surely not from us
    attention_after: Working | None = None  #: for this system, instead of ``attention.after``
    expect_first_status_within: Working | None = None  #: from taking a dossier until its first word
    order: Order = Order.ACCEPTED
    longest_wait: Duration = "4h"  #: with ``order = "due"``: the longest that later dossiers may go first
    endpoint: Endpoint = Endpoint()
    timeouts: Timeouts = Timeouts()
    tls: Tls = Tls()
    limits: Limits = Limits()
    retry: Retry = Retry()
    breaker: BreakerConfig = BreakerConfig()
    window: WindowConfig = WindowConfig()
    probe: ProbeConfig = ProbeConfig()
    reconcile: Reconciling = Reconciling()
    plug_in: PlugInLogin = PlugInLogin()
    poll: Polling = Polling()
    queries: Querying = Querying()
    security: Security = Security()  #: of its calls to the SOAP door
    doubt: dict[str, Promise] = {}
    secrets: dict[str, SecretRef] = {}
    options: dict[str, object] = {}  #: the adapter's own, validated by the adapter

    @property
    def reads_feed(self) -> bool:
        """Whether it reads its news from the feed; every other system is called."""
        return self.adapter == "feed"

    def address(self) -> str:
        """Return the endpoint that the mode allows: only ``live`` ever uses the live one."""
        return self.endpoint.live if self.mode is Mode.LIVE else self.endpoint.sandbox

    def connected(self, guard: GuardMode) -> Connected:
        """Return what planning must know; ``guard`` is what holds where its own file says nothing."""
        return Connected(
            id=SystemId(self.id),
            role=self.role,
            mode=self.mode,
            feed=self.reads_feed,
            unknown_dossier=self.unknown_dossier,
            successor_of=frozenset(SystemId(name) for name in self.successor_of),
            declarations=self.declarations(),
            expects_status=self.expect_first_status_within is not None,
            order=self.order,
            longest_wait=as_timedelta(self.longest_wait),
            tell_relay=self.tell_relay,
            status_guard=self.status_guard or guard,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )

    def declarations(self) -> Declarations:
        """Return the promises by kind."""
        return Declarations(by_kind={kind: promise.declared() for kind, promise in self.doubt.items()})

    def exchange(self) -> timedelta:
        """Return how long one exchange may take with all that belongs to it."""
        return as_timedelta(self.timeouts.total) + _LOGIN

    def terms(self, calendar: Calendar) -> Terms:
        """Return on which terms it is called."""
        return Terms(
            concurrency=self.limits.concurrency,
            exchange=self.exchange(),
            breaker=self.breaker.policy(),
            refusals=self.breaker.refusals,
            rate=as_rate(self.limits.rate, self.limits.burst),
            window=self.window.window(calendar),
        )

    def policy(self, kind: str) -> RetryPolicy:
        """Return how patient we are with this system for one kind of event."""
        return RetryPolicy(
            first_wait=as_timedelta(self.retry.first_wait),
            factor=self.retry.factor,
            longest_wait=as_timedelta(self.retry.longest_wait),
            max_attempts=self.retry.max_attempts,
            declared=self.declarations().of(kind),
            exchange=self.exchange(),
        )


class Named(_Table, frozen=True):
    """A code of a catalogue, and what people call it."""

    code: Annotated[str, Meta(min_length=1, max_length=100)]
    name: str = ""


class RouteConfig(_Table, frozen=True):
    """``[[route]]`` of ``routes.toml``; with ``on`` a chained one, which begins a dossier of its own."""

    id: Name
    to: Annotated[tuple[str, ...], Meta(min_length=1)]
    source: str = "*"
    kinds: tuple[str, ...] = ("*",)
    procedures: tuple[str, ...] = ("*",)
    agencies: tuple[str, ...] = ("*",)
    after: tuple[str, ...] = ()
    expires: Lasting | None = None
    tell_relay: bool = True
    on: Literal["result.issued"] | None = None  #: what triggers it
    procedure: Named | None = None  #: of the dossier that it begins
    agency: Named | None = None  #: that receives it; None: the one of the dossier it follows from
    mode: Literal["live", "shadow"] = "live"
    valid_from: date | None = None
    valid_to: date | None = None


class ServiceConfig(_Table, frozen=True):
    """``[[service]]`` of ``services.toml``: one procedure of the province's catalogue."""

    code: str
    name: str
    level: Annotated[int, Meta(ge=1, le=4)]  #: mức độ
    tier: Literal["province", "district", "commune"]
    provided_by: Literal["province", "ministry"] = "province"  #: whose online service it is
    agency: str = ""  #: electronic identifier of the body that carries it out
    field: str = ""  #: lĩnh vực, as people call it
    system: tuple[str, ...] = ()  #: for people: which systems process it (routes decide)
    valid_from: date | None = None
    valid_to: date | None = None


class Configuration(Struct, frozen=True, kw_only=True):
    """Everything loaded and valid. ``version`` is a digest of all files, pinned to what was made with it."""

    version: str
    directory: str
    settings: Settings
    systems: dict[str, SystemConfig]
    routes: tuple[RouteConfig, ...]
    services: tuple[ServiceConfig, ...]
    mappings: dict[str, object]  #: ``mappings/<name>.toml`` by name, read by the adapters
    calendar: Calendar  #: working days and hours, of ``calendar.toml``
    statuses: StatusBook  #: which status may follow which, of ``statuses.toml``
    files: dict[str, bytes] = {}  #: everything that was read, by file name; but for secrets that lie among it
    overrides: dict[str, str] = {}  #: ``--set`` keys and texts that it was read with

    def patience(self) -> Patience:
        """Return when something needs a person."""
        rules, day = self.settings.attention, self.calendar.day_length
        return Patience(
            reckoning=Reckoning(calendar=self.calendar, lead=rules.deadline_lead),
            tries=rules.tries,
            files_after=as_timedelta(rules.files_after),
            calm=as_timedelta(rules.calm),
            systems={SystemId(name): _allowance(system, rules, day) for name, system in self.systems.items()},
        )


def _allowance(system: SystemConfig, rules: Attention, day: timedelta) -> Allowance:
    first = system.expect_first_status_within
    return Allowance(
        delivery=working_time(system.attention_after or rules.after, day),
        first_status=working_time(first, day) if first else None,
    )
