"""What became of one exchange, as a verdict: the table of transport failures, then the system's own rules.

A 2xx that no rule names, that cannot be read, or that came before the request was read, is never taken for a yes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.core.hot_value import hot_value
from gateway.core.outcome import Ambiguous, Blame, Outcome, Rejected, Retryable, Trace, Unknown
from gateway.core.reason import Reason, Why
from gateway.sdk.paths import Path
from gateway.sdk.rules import Reply, Rule, Then, first_match
from gateway.sdk.words import as_text
from gateway.wire.charsets import BLANK
from gateway.wire.http_failures import Broken, BrokenCause, NotSent, NotSentCause
from gateway.wire.retry_after import retry_after

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")  #: what would write elsewhere on a terminal, or as if in our name
_USER = re.compile(r"//[^/]*@")
_DETAIL = 500  #: characters of a partner's words that are kept as the reason's detail
_UNAUTHORISED = frozenset({401, 403})
_TOO_MANY, _UNAVAILABLE = 429, 503
_OK, _REDIRECT, _CLIENT, _SERVER = 200, 300, 400, 500
_HARMLESS = frozenset({Then.RETRY, Then.AMBIGUOUS, Then.CREDENTIALS})
_FINDING = frozenset({Then.DELIVERED, Then.EXISTS, Then.REPEATED, Then.ABSENT})
_NO = frozenset({Then.ABSENT})
_CLIENT_FAULTS = frozenset({"Client", "VersionMismatch", "MustUnderstand"})

_UNSENT: Mapping[NotSentCause, Why] = {
    NotSentCause.DNS: Why.DNS,
    NotSentCause.REFUSED: Why.CONNECTION_REFUSED,
    NotSentCause.TLS: Why.TLS,
    NotSentCause.TIMEOUT_CONNECT: Why.CONNECT_TIMEOUT,
}
_BROKEN: Mapping[BrokenCause, Why] = {
    BrokenCause.TIMEOUT: Why.TIMEOUT,
    BrokenCause.RESET: Why.RESET,
    BrokenCause.TOO_LARGE: Why.REPLY_TOO_LARGE,
    BrokenCause.UNREADABLE: Why.REPLY_UNREADABLE,
    BrokenCause.NOT_KEPT: Why.REPLY_UNREADABLE,
    BrokenCause.BODY: Why.RESET,
}
_SAID: Mapping[Then, Why] = {
    Then.EXISTS: Why.ALREADY_EXISTS,
    Then.REPEATED: Why.ALREADY_EXISTS,
    Then.RETRY: Why.RETRY_BY_PARTNER,
    Then.REJECT: Why.REFUSED_BY_PARTNER,
    Then.AMBIGUOUS: Why.REPLY_UNMATCHED,
    Then.CREDENTIALS: Why.CREDENTIALS,
}


@hot_value
class Verdict:
    """What one exchange means. ``why`` is empty only for delivered and absent."""

    then: Then
    why: Why | None = None
    detail: str = field(default="", repr=False)
    blame: Blame = Blame.SYSTEM
    retry_after: timedelta | None = None

    @property
    def reason(self) -> Reason:
        """The code and the partner's words."""
        return Reason(self.why or Why.REPLY_UNMATCHED, self.detail)

    def outcome(self, trace: Trace) -> Outcome:
        """Return what the relay is told of a send that was not simply delivered."""
        match self.then:
            case Then.RETRY | Then.CREDENTIALS:
                return Retryable(reason=self.reason, blame=self.blame, retry_after=self.retry_after, trace=trace)
            case Then.REJECT:
                return Rejected(reason=self.reason, trace=trace)
            case _:
                return Ambiguous(reason=self.reason, trace=trace)

    def unknown(self, trace: Trace) -> Unknown:
        """Return what the relay is told of a look-up without a final answer."""
        return Unknown(reason=self.reason, retry_after=self.retry_after, trace=trace)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """One system's way to read replies."""

    rules: tuple[Rule, ...]
    clean_3xx: bool = False  #: its redirections surely had no effect
    clean_5xx: bool = False  #: its 5xx surely had no effect
    words: tuple[Path, ...] = ()  #: where its own words are

    def of(self, reply: Reply, now: datetime) -> Verdict:
        """Return what a whole reply means."""
        if reply.distrusted:
            return Verdict(then=Then.AMBIGUOUS, why=Why.REPLY_UNTRUSTED, detail=reply.problem[:_DETAIL])
        carried = first_match(self.rules, reply) if reply.transport else None
        if carried is not None:  # what the way between us says counts for more than the status that it says it with
            return self._matched(carried, reply, now)
        refusal = self._refused(reply, now)
        if refusal is not None:  # what was refused before it was read has surely not been taken
            return refusal
        if reply.early:
            return Verdict(then=Then.AMBIGUOUS, why=Why.EARLY_REPLY, detail=self._said(reply))
        rule = first_match(self._fit(reply), reply)
        return self._unmatched(reply) if rule is None else self._matched(rule, reply, now)

    def _fit(self, reply: Reply) -> Iterable[Rule]:
        """Return the rules that may judge a reply: none that looks at nothing takes a page for a yes or a no.

        Nor does it take a fault for a yes, or for the plain no of a look-up, under whatever status it comes; or what
        should be an envelope and is none; or what cannot be read where other rules look into it, since nobody knows
        whether they would have held. There a refusal by its status alone stays one, and so does that it exists.
        """
        if reply.is_page:
            return (rule for rule in self.rules if not rule.is_blind or rule.then in _HARMLESS)
        if reply.fault is not None or (reply.problem and reply.body):
            return (rule for rule in self.rules if not rule.is_blind or rule.then not in _FINDING)
        if not reply.readable and reply.body.strip(BLANK) and any(rule.reads for rule in self.rules):
            untold = _FINDING if reply.status < _REDIRECT else _NO
            return (rule for rule in self.rules if not rule.is_blind or rule.then not in untold)
        return self.rules

    def _refused(self, reply: Reply, now: datetime) -> Verdict | None:
        """Return what the status decides before the rules are asked."""
        if reply.status in _UNAUTHORISED:
            # unless a rule names this very code: its writer knows better what it means at this partner
            rule = None if reply.early else first_match((one for one in self.rules if one.names(reply.status)), reply)
            if rule is not None:
                return self._matched(rule, reply, now)
            return Verdict(then=Then.CREDENTIALS, why=Why.CREDENTIALS, detail=self._said(reply))
        if reply.status not in (_TOO_MANY, _UNAVAILABLE):
            return None
        wait = retry_after(reply.headers, now)
        if reply.status == _TOO_MANY or wait is not None:
            return Verdict(then=Then.RETRY, why=Why.THROTTLED, detail=self._said(reply), retry_after=wait)
        return None

    def _matched(self, rule: Rule, reply: Reply, now: datetime) -> Verdict:
        why = self._carried(rule, reply) if reply.transport else _SAID.get(rule.then)
        if why is None:  # a plain yes or no needs no words
            return Verdict(then=rule.then)
        wait = retry_after(reply.headers, now) if rule.then is Then.RETRY else None
        return Verdict(then=rule.then, why=why, detail=self._said(reply), blame=rule.blame, retry_after=wait)

    @staticmethod
    def _carried(rule: Rule, reply: Reply) -> Why:
        if rule.then is Then.AMBIGUOUS:
            return Why.SERVER_ERROR
        if rule.then is not Then.RETRY:
            return _SAID[rule.then]
        return Why.THROTTLED if reply.status in (_TOO_MANY, _UNAVAILABLE) else Why.TRANSPORT

    def _unmatched(self, reply: Reply) -> Verdict:
        detail = self._said(reply)
        # A fault's code says more than its status.
        is_refused = _CLIENT <= reply.status < _SERVER and reply.fault is None
        if reply.fault in _CLIENT_FAULTS or is_refused:
            return Verdict(then=Then.RETRY, why=Why.CLIENT_ERROR, detail=detail)
        if reply.fault is not None or reply.status >= _SERVER:
            then = Then.RETRY if self.clean_5xx else Then.AMBIGUOUS
            return Verdict(then=then, why=Why.SERVER_ERROR, detail=detail)
        if _REDIRECT <= reply.status < _CLIENT:
            then = Then.RETRY if self.clean_3xx else Then.AMBIGUOUS
            return Verdict(then=then, why=Why.REDIRECTED, detail=detail or _elsewhere(reply))
        unread = _OK <= reply.status < _REDIRECT and not reply.readable
        return Verdict(then=Then.AMBIGUOUS, why=Why.REPLY_UNREADABLE if unread else Why.REPLY_UNMATCHED, detail=detail)

    def _said(self, reply: Reply) -> str:
        texts = (as_text(path.find(reply.document)) for path in self.words)
        words = next((text for text in texts if text), reply.problem)
        said = ": ".join(text for text in (reply.transport, words) if text)[:_DETAIL]
        return _CONTROL.sub(" ", said)


def _elsewhere(reply: Reply) -> str:
    """Return where a redirection points, for who corrects the address.

    What stands behind the path may be a session, and what stands before the host a password.
    """
    location = _USER.sub("//", re.split(r"[?#;]", reply.header("Location") or "", maxsplit=1)[0])
    return _CONTROL.sub(" ", f"Location: {location}"[:_DETAIL]) if location else ""


def unsent(result: NotSent) -> Verdict:
    """Return the verdict on a request of which no byte left; a header that cannot be sent now cannot be sent later."""
    if result.cause is NotSentCause.HEADER:
        return Verdict(then=Then.REJECT, why=Why.CANNOT_RENDER, detail=result.detail)
    return Verdict(then=Then.RETRY, why=_UNSENT.get(result.cause, Why.NOT_SENT), detail=result.detail)


def broken(result: Broken) -> Verdict:
    """Return the verdict on a request that may have arrived, without a whole reply."""
    return Verdict(then=Then.AMBIGUOUS, why=_BROKEN[result.cause], detail=result.detail)
