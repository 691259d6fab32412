"""The conformance suite of stores: what is not tested here is not a behaviour.

Subclass ``StoreContract`` in a test module and say how a store is opened; pytest does the rest.
"""

from gateway.testing.store_contract.accepting import AcceptContract
from gateway.testing.store_contract.acting import ActContract
from gateway.testing.store_contract.adopting import AdoptContract
from gateway.testing.store_contract.amending import AmendContract
from gateway.testing.store_contract.chaining import ChainContract
from gateway.testing.store_contract.claiming import ClaimContract
from gateway.testing.store_contract.deciding import DecideContract
from gateway.testing.store_contract.feeding import FeedContract
from gateway.testing.store_contract.filing import FileContract
from gateway.testing.store_contract.following import FollowContract
from gateway.testing.store_contract.guarding import GuardContract
from gateway.testing.store_contract.handing import HandContract
from gateway.testing.store_contract.matching import MatchContract
from gateway.testing.store_contract.opening import OpenContract
from gateway.testing.store_contract.outwaiting import OutwaitContract
from gateway.testing.store_contract.promising import PromiseContract
from gateway.testing.store_contract.proposing import ProposeContract
from gateway.testing.store_contract.proving import EvidenceContract
from gateway.testing.store_contract.querying import QueryContract
from gateway.testing.store_contract.reading import LedgerContract
from gateway.testing.store_contract.reconciling import ReconcileContract
from gateway.testing.store_contract.reopening import ReopenContract
from gateway.testing.store_contract.replaying import ReplayContract
from gateway.testing.store_contract.restoring import RestoreContract
from gateway.testing.store_contract.retaining import RetainContract
from gateway.testing.store_contract.rounding import RoundContract
from gateway.testing.store_contract.serving import ServeContract
from gateway.testing.store_contract.settling import SettleContract
from gateway.testing.store_contract.timing import TimeContract
from gateway.testing.store_contract.using import UseContract
from gateway.testing.store_contract.watching import WatchContract
from gateway.testing.store_contract.weathering import WeatherContract
from gateway.testing.store_contract.withdrawing import WithdrawContract
from gateway.testing.store_contract.world import World

__all__ = ["StoreContract", "World"]


class StoreContract(
    AcceptContract,
    MatchContract,
    ChainContract,
    ClaimContract,
    SettleContract,
    FeedContract,
    FollowContract,
    GuardContract,
    WithdrawContract,
    OpenContract,
    ServeContract,
    FileContract,
    LedgerContract,
    EvidenceContract,
    ActContract,
    AdoptContract,
    AmendContract,
    HandContract,
    DecideContract,
    ProposeContract,
    WeatherContract,
    PromiseContract,
    ReconcileContract,
    QueryContract,
    ReplayContract,
    ReopenContract,
    RestoreContract,
    RetainContract,
    OutwaitContract,
    TimeContract,
    RoundContract,
    UseContract,
    WatchContract,
):
    """Everything that every store does."""
