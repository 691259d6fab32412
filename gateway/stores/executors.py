"""What an approved proposal does, by its verb, inside the approving transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from gateway.core.acts import By, Verb
from gateway.core.planning import Planner
from gateway.core.proposals import Proposal
from gateway.stores.editing import replace_message
from gateway.stores.listing import settle_by_list
from gateway.stores.replays import begin_proposed
from gateway.stores.tables import Transaction

#: Does what was proposed and returns what it came to; what it raises undoes the approval, too. Of what is much it does
#: the next part, and returns what all of them came to, and ``core.proposals.LEFT`` until it is done.
Execute: TypeAlias = Callable[[Transaction, Proposal, By, Planner], Mapping[str, str]]

EXECUTORS: Mapping[Verb, Execute] = MappingProxyType(
    {
        Verb.EDIT: replace_message,
        Verb.SETTLE: settle_by_list,
        Verb.REPLAY: begin_proposed,
    }
)
