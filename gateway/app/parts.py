"""What the gateway is made of: what lives as long as the process, and what one configuration makes of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.app.fleet import Crew, Fleet
from gateway.app.layout import Layout
from gateway.app.machine import Machine
from gateway.app.versions import Versions
from gateway.app.vouching import Vouching
from gateway.config.settings import Configuration
from gateway.core.ids import NodeId
from gateway.core.planning import Planning
from gateway.ports.secrets import Secrets
from gateway.relay.link import RelayConfig
from gateway.security.entry import Entry
from gateway.security.failures import Failures
from gateway.security.keys import Authenticator
from gateway.security.links import FileLinks
from gateway.security.wsse.partners import Partners
from gateway.stores.sql.store import SqlStore
from gateway.stores.watched import WatchedBlobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What stays, whatever the configuration."""

    layout: Layout
    machine: Machine
    secrets: Secrets = field(repr=False)
    store: SqlStore
    blobs: WatchedBlobs
    fleet: Fleet
    versions: Versions
    authenticator: Authenticator
    failures: Failures  #: of logins
    predecessor: NodeId | None  #: who served from this data folder before, where its process is surely gone


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What one configuration makes of the parts."""

    configuration: Configuration
    crew: Crew
    planning: Planning
    links: FileLinks
    entry: Entry
    partners: Partners  #: what systems prove in their SOAP messages
    vouching: Vouching  #: whom to trust where files are fetched
    relay: RelayConfig
