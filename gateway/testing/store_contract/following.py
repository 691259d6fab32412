"""What follows a dossier: that it is a test, and where its events came from."""

from __future__ import annotations

from gateway.core.delivery import State
from gateway.core.message import Code, Refused
from gateway.core.reason import Reason, Why
from gateway.core.routing import Mode, Route
from gateway.testing.books import CIVIL_STATUS, PORTAL, a_book, a_draft, a_route, a_status, a_system
from gateway.testing.store_contract.world import StoreCase, World

_N = (Code("national", "N-1"),)
_SANDBOX = a_system(CIVIL_STATUS, mode=Mode.SANDBOX)


class FollowContract(StoreCase):
    """What the dossier knows of itself holds for all that is said about it."""

    async def test_what_is_said_about_a_test_dossier_is_a_test(self, world: World) -> None:
        """Model rule 16: a partner's answer to a test never reaches a live portal."""
        world.use(a_book(systems=[_SANDBOX]))
        await world.receive(a_draft(test=True))
        answer = await world.receive(a_status())
        assert answer.deliveries == ()
        assert Reason(Why.TEST_EVENT, PORTAL) in answer.warnings
        message = await world.store.message(answer.message_id)
        assert message is not None
        assert message.test

    async def test_a_sandbox_portal_sees_that_it_is_a_test(self, world: World) -> None:
        """The mark stands on the event that it gets, the gateway's own news among them."""
        world.use(a_book(systems=[_SANDBOX, a_system(PORTAL, mode=Mode.SANDBOX)]))
        await world.receive(a_draft(test=True))
        sent = await world.claim_one()
        assert sent.message.test
        await world.settle(sent, then=(a_status(),))
        told = await world.claim_one(PORTAL)
        assert told.message.test

    async def test_a_parked_word_about_a_test_dossier_is_a_test_once_it_is_matched(self, world: World) -> None:
        """It came before anybody knew which dossier it was about."""
        world.use(a_book(systems=[_SANDBOX, a_system(PORTAL, mode=Mode.SANDBOX)]))
        await world.receive(a_draft(test=True))
        await world.receive(a_status(codes=_N))
        await world.settle(await world.claim_one(), codes={"national": "N-1"})
        assert (await world.claim_one(PORTAL)).message.test

    async def test_a_real_submission_is_never_taken_for_a_test(self, world: World) -> None:
        """G2: the receipt of the test would be a promise that nobody keeps."""
        world.use(a_book(systems=[_SANDBOX]))
        await world.receive(a_draft(test=True))
        (answer,) = await world.accept(a_draft())
        assert isinstance(answer, Refused)
        assert answer.reason.code is Why.TEST_DOSSIER

    async def test_a_translation_never_goes_back_to_whoever_stated_it(self, world: World) -> None:
        """Model rule 15: the portal passes on what the ministry said; the ministry does not hear its own words."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS)]))
        await world.receive(a_draft())
        stated = await world.receive(a_status())
        passed_on = await world.receive(a_status(source=PORTAL, causes=stated.message_id))
        assert passed_on.deliveries == ()

    async def test_an_answer_does_go_back(self, world: World) -> None:
        """Model rule 15: an event of another kind is an answer, not an echo."""
        world.use(a_book(routes=[a_route(CIVIL_STATUS)]))
        await world.receive(a_draft())
        await world.settle(await world.claim_one())
        asked = await world.receive(a_status(kind="supplement.requested", status=None))
        answer = await world.receive(
            a_draft(text="here", kind="supplement.submitted", document=None, causes=asked.message_id)
        )
        assert await world.states(answer) == [State.READY]

    async def test_an_echo_is_recognised_through_others(self, world: World) -> None:
        """Each link of the chain counts, however the event came back."""
        others = Route(id="others", source="*", to=(CIVIL_STATUS, PORTAL), kinds=("status.changed",))
        world.use(a_book(routes=[a_route(CIVIL_STATUS), others]))
        await world.receive(a_draft())
        stated = await world.receive(a_status())
        noted = await world.receive(
            a_draft(text="note", kind="progress.recorded", document=None, causes=stated.message_id)
        )
        echo = await world.receive(a_status(source=PORTAL, text="again", causes=noted.message_id))
        assert echo.deliveries == ()
