"""Who calls, told by what a message proves: for a door where nobody shows a key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.core.ids import SystemId
from gateway.security.wsse.agreement import Agreement
from gateway.security.wsse.anatomy import only, take_apart
from gateway.security.wsse.names import ds
from gateway.security.wsse.picking import pick
from gateway.security.wsse.refusal import Breach, Unbelievable
from gateway.security.wsse.usernames import user_of
from gateway.wire.xml import Element

_NOTHING = Agreement()


@dataclass(frozen=True, slots=True)
class Partners:
    """What is agreed with each system about its calls."""

    agreements: Mapping[SystemId, Agreement] = field(default_factory=dict[SystemId, Agreement])

    @property
    def can_name(self) -> bool:
        """Whether any system can be known by its messages alone."""
        return any(one.expected.certificates or one.expected.account for one in self.agreements.values())

    def of(self, system: SystemId | None) -> Agreement:
        """Return what is agreed with a system."""
        return self.agreements.get(system, _NOTHING) if system is not None else _NOTHING

    def claimed(self, envelope: Element) -> SystemId:
        """Return whom a message claims to come from: nothing is proved yet. Raises Unbelievable."""
        parts = take_apart(envelope)
        if parts.signature is not None:
            known = {one: name for name, agreed in self.agreements.items() for one in agreed.expected.certificates}
            meant = pick(only(parts.signature, ds("KeyInfo"), Breach.MISSING), parts, tuple(known))
            systems = {known[one] for one in meant}
        elif parts.username is not None:
            user = user_of(parts.username)
            systems = {name for name, agreed in self.agreements.items() if _is_called(agreed, user)}
        else:
            raise Unbelievable(Breach.MISSING, "Signature, UsernameToken")
        if len(systems) != 1:
            raise Unbelievable(Breach.CREDENTIALS if parts.signature is None else Breach.UNKNOWN_KEY)
        return systems.pop()


def _is_called(agreement: Agreement, user: str) -> bool:
    account = agreement.expected.account
    return account is not None and account.user == user
