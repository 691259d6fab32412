"""The wrappers round an adapter."""

import asyncio

import pytest
from structlog.contextvars import bound_contextvars
from structlog.testing import capture_logs

from gateway.core.delivery import Step
from gateway.core.message import Payload
from gateway.core.outcome import Absent, Ambiguous, Delivered, Rejected, Retryable, Shadowed, Trace, Unknown
from gateway.core.reason import Reason, Why
from gateway.core.terms import Terms
from gateway.exchange.gate import Gate
from gateway.exchange.pipeline import Pipeline
from gateway.observability.metrics import MemoryMetrics
from gateway.testing.adapter import FakeAdapter, LookingAdapter, Scripted, fails, says
from gateway.testing.books import CIVIL_STATUS
from gateway.testing.clock import FakeClock
from gateway.testing.deliveries import CODE, a_delivery, a_message
from gateway.testing.ids import FakeIds

SECRET = "Lò Văn Mẫu"  # noqa: S105 - a citizen's name, not a password


class SendsOnly:
    """An adapter with the one capability that all have."""

    async def send(self, delivery, *, deadline):
        del delivery, deadline
        return Delivered()


class SaysNothing(SendsOnly):
    async def send(self, delivery, *, deadline):
        del delivery, deadline


class FailsToRehearse(FakeAdapter):
    async def rehearse(self, delivery):
        del delivery
        raise ValueError(SECRET)


def wrap(adapter, concurrency=2, clock=None, metrics=None) -> Pipeline:
    clock, metrics = clock or FakeClock(), metrics or MemoryMetrics()
    gate = Gate(CIVIL_STATUS, Terms(concurrency=concurrency), clock=clock, ids=FakeIds(), metrics=metrics)
    return Pipeline.for_system(adapter, gate=gate, clock=clock, metrics=metrics)


@pytest.mark.parametrize("error", [RuntimeError(SECRET), TimeoutError(), OSError(), KeyError(), AssertionError()])
async def test_what_an_adapter_raises_is_doubt(error):
    """G5: no exception of an adapter is a delivery."""
    adapter = FakeAdapter()
    adapter.script(CODE, fails(error))
    result = await wrap(adapter).send(a_delivery(), deadline=1)
    assert isinstance(result, Ambiguous)
    assert result.reason.code is Why.ADAPTER_BUG


@pytest.mark.parametrize("error", [SystemExit(SECRET), asyncio.CancelledError(SECRET), BaseException(SECRET)])
async def test_what_would_end_the_process_or_its_caller_is_doubt(error):
    """G5: a library that calls sys.exit() ends one attempt, and not the gateway; its text is in no log."""
    adapter = FakeAdapter()
    adapter.script(CODE, fails(error))
    with capture_logs() as lines:
        result = await wrap(adapter).send(a_delivery(), deadline=1)
    assert result == Ambiguous(reason=Reason(Why.ADAPTER_BUG, type(error).__name__))
    (told,) = [line for line in lines if line["event"] == "adapter_bug"]
    assert (told["error"], told["where"].rpartition(" ")[2]) == (type(error).__name__, "send")
    assert SECRET not in str(lines)


@pytest.mark.parametrize(
    "answer",
    [
        Delivered(trace=None),
        Delivered(codes=["H01"]),
        Delivered(codes={"province": 1}),
        Delivered(codes={"province": "\ud800"}),
        Delivered(facts={"id": object()}),
        Delivered(replies=None),
        Delivered(replies=("status",)),
        Delivered(trace=Trace(http_status=f"200 {SECRET}")),
        Delivered(trace=Trace(request_digest=7)),
        Delivered(trace=Trace(proof={"id": 7})),
        Delivered(trace=Trace(reply=SECRET)),
        Delivered(trace=Trace(reply=Payload(body=SECRET, media_type="text/plain"))),
        Ambiguous(reason=None),
        Ambiguous(reason=Reason("made_up")),
        Ambiguous(reason=Reason(Why.RESET), trace=Trace(sent=None)),
        Rejected(reason=Reason(Why.REFUSED_BY_PARTNER), holds=None),
        Retryable(reason=SECRET),
        Retryable(reason=Reason(Why.NOT_SENT), blame="nobody"),
        Retryable(reason=Reason(Why.NOT_SENT), retry_after=5),
        Retryable(reason=Reason(Why.NOT_SENT), notes={"step": object()}),
    ],
)
async def test_an_outcome_that_holds_something_else_than_it_should_is_doubt(answer):
    """G5: it would fail to be settled, and be told as a fault of ours once its lease has ended."""
    adapter = FakeAdapter()
    adapter.script(CODE, says(answer))
    with capture_logs() as lines:
        result = await wrap(adapter).send(a_delivery(), deadline=1)
    assert result == Ambiguous(reason=Reason(Why.ADAPTER_BUG, type(answer).__name__))
    assert SECRET not in str(lines)


async def test_an_answer_that_is_none_is_doubt():
    """G5: forgetting to answer is not a delivery."""
    result = await wrap(SaysNothing()).send(a_delivery(), deadline=1)
    assert isinstance(result, Ambiguous)


async def test_a_finding_is_no_answer_to_a_send():
    """G5: only an outcome ends a send."""
    adapter = FakeAdapter()
    adapter.script(CODE, says(Absent()))
    assert isinstance(await wrap(adapter).send(a_delivery(), deadline=1), Ambiguous)


async def test_past_the_deadline_bytes_may_have_left():
    """G4: a hanging exchange ends at its deadline, in doubt, before its lease is another's, whatever the time is."""
    adapter, clock = FakeAdapter(), FakeClock()
    clock.advance(600)
    adapter.script(CODE, Scripted(hangs=True))
    result = await wrap(adapter, clock=clock).send(a_delivery(), deadline=600.01)
    assert result == Ambiguous(reason=Reason(Why.TIMEOUT))


async def test_nothing_is_sent_after_the_deadline():
    """What has no time left is not begun."""
    adapter, clock = FakeAdapter(), FakeClock()
    clock.advance(600)
    result = await wrap(adapter, clock=clock).send(a_delivery(), deadline=600)
    assert isinstance(result, Retryable)
    assert adapter.sent == []


async def test_without_room_until_the_deadline_nothing_is_sent():
    """Waiting for a seat is not doubt."""
    adapter = FakeAdapter()
    adapter.script(CODE, Scripted(hangs=True))
    pipeline = wrap(adapter, concurrency=1)
    first = asyncio.create_task(pipeline.send(a_delivery(), deadline=60))
    await asyncio.sleep(0)
    result = await pipeline.send(a_delivery(), deadline=0.01)
    first.cancel()
    await asyncio.wait((first,))
    assert isinstance(result, Retryable)
    assert len(adapter.sent) == 1


async def test_cancelling_passes_and_frees_the_seat():
    """A cancelled exchange is told in the log and leaves room for the next."""
    adapter = FakeAdapter()
    adapter.script(CODE, Scripted(hangs=True))
    pipeline = wrap(adapter, concurrency=1)
    task = asyncio.create_task(pipeline.send(a_delivery(), deadline=60))
    await asyncio.sleep(0)
    with capture_logs() as lines:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert [line["outcome"] for line in lines] == ["cancelled"]
    assert isinstance(await pipeline.send(a_delivery(), deadline=1), Delivered)


async def test_a_failed_lookup_says_nothing():
    """What a look-up raises is Unknown, never a finding."""
    adapter = LookingAdapter()
    adapter.find(Rejected(reason=Reason(Why.REFUSED_BY_PARTNER)), "nonsense")
    pipeline = wrap(adapter)
    assert isinstance(await pipeline.lookup(a_delivery(step=Step.LOOKUP), deadline=1), Rejected)
    assert isinstance(await pipeline.lookup(a_delivery(step=Step.LOOKUP), deadline=1), Unknown)


async def test_an_adapter_without_a_lookup_says_so():
    """A person decides where nobody can be asked."""
    result = await wrap(SendsOnly()).lookup(a_delivery(), deadline=1)
    assert result == Unknown(reason=Reason(Why.LOOKUP_MISSING))


async def test_a_kind_without_a_lookup_says_so():
    """The adapter knows which kinds it can ask about."""
    adapter = LookingAdapter()
    result = await wrap(adapter).lookup(a_delivery(a_message("fee.paid")), deadline=1)
    assert result == Unknown(reason=Reason(Why.LOOKUP_MISSING))


async def test_an_adapter_that_cannot_rehearse_sends_nothing():
    """Shadow mode never sends, whatever the adapter can."""
    assert isinstance(await wrap(SendsOnly()).rehearse(a_delivery(), deadline=1), Shadowed)


async def test_a_rehearsal_that_fails_is_never_in_doubt():
    """Nothing left, so the message may be tried again."""
    assert isinstance(await wrap(FailsToRehearse()).rehearse(a_delivery(), deadline=1), Retryable)


async def test_one_line_per_attempt_without_personal_data():
    """G9: ids, codes and numbers; no word of a partner or a citizen."""
    adapter, metrics = FakeAdapter(), MemoryMetrics()
    refusal = Rejected(reason=Reason(Why.REFUSED_BY_PARTNER, SECRET), trace=Trace(http_status=422))
    adapter.script(CODE, says(refusal), fails(RuntimeError(SECRET)))
    pipeline = wrap(adapter, metrics=metrics)
    with capture_logs() as lines, bound_contextvars(trace_id="t-1"):
        await pipeline.send(a_delivery(tries=2), deadline=1)
        await pipeline.send(a_delivery(), deadline=1)
    assert SECRET not in repr(lines)
    line = next(line for line in lines if line["event"] == "attempt")
    assert (
        line.items()
        >= {
            "dossier": CODE,
            "delivery": "0195-delivery-1",
            "system": "driver_licence",
            "step": "send",
            "attempt": 3,
            "outcome": "rejected",
            "reason": "refused_by_partner",
            "http_status": 422,
            "trace_id": "t-1",
        }.items()
    )
    assert metrics.value("relay_attempts_total", system="driver_licence", outcome="rejected") == 1
