"""How much is kept of what a partner replied to one of many tries.

What was answered first, what began a doubt, and what decided are evidence of what a ministry said, and stay whole. A
reply between them, to a try that is made again, stays whole too unless it is large: a partner that shows the same page
of megabytes for days would fill the disk with it.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from gateway.core.delivery import Attempt, Delivery, DoubtMark, State, Transition
from gateway.core.message import Payload

#: Bytes of a reply that are kept whatever it is a reply to.
MOST = 64 * 1024


def cut(attempt: Attempt, delivery: Delivery, transition: Transition) -> Attempt:
    """Return the attempt with the beginning of its reply where it is one of many; of the rest, size and SHA-256.

    ``delivery`` is as claimed, before this attempt is counted.
    """
    reply = attempt.reply
    begins_doubt = transition.doubt is DoubtMark.SET and delivery.in_doubt_since is None
    if reply is None or transition.to is not State.DELAYED or not delivery.tries or begins_doubt:
        return attempt
    whole = {"reply_bytes": str(len(reply.body)), "reply_sha256": hashlib.sha256(reply.body).hexdigest()}
    begin = Payload(body=reply.body[:MOST], media_type=reply.media_type)
    return replace(attempt, reply=begin, proof={**attempt.proof, **whole})
