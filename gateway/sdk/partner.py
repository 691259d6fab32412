"""One question to a partner: credentials, one exchange, its meaning; once more with fresh credentials if refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import field

from gateway.core.hot_value import hot_value
from gateway.core.outcome import NO_TRACE, Trace
from gateway.sdk.aside import SMALL, aside
from gateway.sdk.auth import Auth, LoginFailed
from gateway.sdk.classify import Judge, Verdict, broken, unsent
from gateway.sdk.link import Link
from gateway.sdk.replies import kept
from gateway.sdk.request import Outgoing, digest_of
from gateway.sdk.rules import Reply, Then
from gateway.wire.http import HttpReply
from gateway.wire.http_failures import NotSent

NO_REPLY = Reply(status=0, readable=False)


@hot_value
class Answer:
    """What became of one question."""

    verdict: Verdict
    reply: Reply = NO_REPLY
    trace: Trace = NO_TRACE
    credential: str = field(default="", repr=False)  #: the one that was shown
    outgoing: Outgoing = field(repr=False)  #: what was asked, without credentials


@hot_value
class Question:
    """What to ask, and how to understand the answer."""

    outgoing: Outgoing
    judge: Judge
    read: Callable[[HttpReply], Awaitable[Reply]]
    fresh: bool = False
    about: str = ""  #: the id of the delivery or query


class Partner:
    """One system, as far as it answers questions."""

    def __init__(self, link: Link, auth: Auth) -> None:
        self.link = link
        self.auth = auth

    async def ask(self, question: Question, *, until: float) -> Answer:
        """Ask; where the partner does not know us, ask once more after a fresh login."""
        first = await self._once(question, until, "")
        if first.verdict.then is not Then.CREDENTIALS or not self.auth.renewable or not first.credential:
            return first
        return await self._once(question, until, first.credential)

    async def _once(self, question: Question, until: float, stale: str) -> Answer:
        carried = self.link.carried(question.outgoing, question.about)
        try:
            outgoing, credential = await self.auth.sign(carried, until=until, stale=stale)
        except LoginFailed as failure:
            return Answer(verdict=failure.verdict, outgoing=question.outgoing)
        return await self._exchange(question, outgoing, until, credential)

    async def _exchange(self, question: Question, outgoing: Outgoing, until: float, credential: str) -> Answer:
        request = outgoing.encode()
        digest = digest_of(request)
        result = await self.link.exchange(request, until=until, fresh=question.fresh)
        reply = NO_REPLY
        if isinstance(result, HttpReply):
            reply = self.link.transport.heard(await question.read(result))
            judge, now = question.judge, self.link.clock.now()
            # rules that look for words in all of a large reply take seconds
            verdict = await aside(lambda: judge.of(reply, now), large=len(reply.body) > SMALL)
            proof = {**reply.proof, **outgoing.proof}
            trace = Trace(request_digest=digest, http_status=result.status, reply=kept(result), proof=proof)
        elif isinstance(result, NotSent):
            verdict, trace = unsent(result), Trace(request_digest=digest)
        else:
            verdict = broken(result)
            trace = Trace(request_digest=digest, http_status=result.status, proof=outgoing.proof)
        return Answer(verdict=verdict, reply=reply, trace=trace, credential=credential, outgoing=question.outgoing)
