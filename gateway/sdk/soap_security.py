"""WS-Security towards a partner that we call: our requests prove who we are, its replies that they are its own."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.config.security import Security as SecurityTable
from gateway.config.settings import SystemConfig
from gateway.core.errors import StoreError
from gateway.ports.clock import Clock
from gateway.ports.uses import Use, Uses
from gateway.sdk.link import Context
from gateway.sdk.reading import Reader
from gateway.sdk.soap_layers import CannotProve, Distrusted
from gateway.security.wsse.agreement import Agreement, AgreementReader
from gateway.security.wsse.believing import Once, believe
from gateway.security.wsse.names import SECURITY
from gateway.security.wsse.protecting import protect
from gateway.security.wsse.refusal import Unbelievable
from gateway.security.wsse.signing import NoValidKey
from gateway.wire.soap_message import SoapMessage
from gateway.wire.xml import Element, XmlLimits

#: Header blocks that are dealt with, where replies must prove something.
UNDERSTOOD = frozenset({SECURITY})
_NOBODYS = "no certificate of the partner's is valid now: add its new one to security.expect.certificates"


@dataclass(frozen=True, slots=True, kw_only=True)
class WsSecurity:
    """``soap_layers.Security`` as a system's file agrees it."""

    scope: str  #: whose proofs are told apart from everybody else's
    agreement: Agreement
    clock: Clock
    random: Callable[[int], bytes] = field(repr=False)
    limits: XmlLimits
    uses: Uses | None

    @property
    def covers(self) -> bool:
        """Whether something covers the whole message, so that nothing may travel beside it."""
        return self.agreement.sending.signing is not None

    @property
    def asks(self) -> bool:
        """Whether replies must prove something."""
        return not self.agreement.expected.is_empty

    async def protect(self, message: SoapMessage) -> None:
        """Write the Security header; raises CannotProve.

        Also where no certificate of the partner's is valid now: whatever it answered, all would be in doubt.
        """
        pinned = self.agreement.expected.certificates
        if pinned and not any(one.is_valid(self.clock.now()) for one in pinned):
            raise CannotProve(_NOBODYS)
        try:
            await to_thread(protect, message, self.agreement.sending, now=self.clock.now(), random=self.random)
        except NoValidKey as error:
            raise CannotProve(str(error)) from error

    async def accept(self, root: Element, *, about: str) -> Element:
        """Return of a reply's Envelope what is proved to be its partner's, and to answer this; raises Distrusted."""
        if not self.asks:
            return root
        try:
            believed = await to_thread(believe, root, self.agreement.expected, now=self.clock.now(), limits=self.limits)
        except Unbelievable as error:
            raise Distrusted(f"WS-Security: {error}") from error
        if believed.once is not None:
            await self._use(believed.once, about)
        return believed.envelope

    async def _use(self, once: Once, about: str) -> None:
        """Refuse a reply that was given to something else before: who recorded it could answer anything with it."""
        if self.uses is None:
            raise Distrusted("WS-Security: nothing here remembers which replies were used")
        keep_for = once.until - self.clock.now()
        try:
            used = await self.uses.use(self.scope, once.token.hex(), content=about, keep_for=keep_for)
        except StoreError as error:
            raise Distrusted("WS-Security: it cannot be looked up whether this reply was used before") from error
        if used is Use.OTHER:
            raise Distrusted("WS-Security: replayed: the reply was given to another request before")


def compile_security(table: SecurityTable, config: SystemConfig, context: Context, reader: Reader) -> WsSecurity | None:
    """Return what ``[options.security]`` says, None where it says nothing; problems are noted."""
    if table.send is None and table.expect is None:
        return None
    agreed = AgreementReader(
        file=reader.file,
        key="options.security",
        references=config.secrets,
        secrets=context.secrets,
        directory=context.directory,
    )
    agreement = agreed.read(table)
    if agreement.sending.confirms:
        remedy = "leave it out; what is agreed for its own calls stands under [security.send]"
        reader.wrong("options.security.send.confirm", "a request confirms nothing", remedy)
    reader.problems += agreed.problems
    return WsSecurity(
        scope=f"soap.reply/{config.id}",
        agreement=agreement,
        clock=context.clock,
        random=context.random,
        limits=XmlLimits(max_bytes=config.limits.reply),
        uses=context.uses,
    )
