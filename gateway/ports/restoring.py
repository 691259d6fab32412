"""A database that was put back to an earlier state."""

from __future__ import annotations

from typing import Protocol

from gateway.core.acts import Act, By
from gateway.core.restoring import Restoring


class Restores(Protocol):
    """For whoever has put a copy in the place of the database, before any gateway serves it."""

    async def restored(self, what: Restoring, *, by: By) -> Act:
        """Take nothing of the copy for the present, in one transaction; doing it again is harmless.

        The feeds get another epoch: every cursor of before has expired. Every system that is called is paused. Whatever
        is open, sent before or not, refused or not, is in doubt: it may have been acted on since the copy was made, and
        goes on by what its system has declared. Open proposals are rejected and replays cancelled: they may have been
        done since. What others hand over for a system from then on, until it is resumed, is in doubt from that moment
        on, too, and is looked up before it is sent: it may be there under an id that is gone. Raises StillServing.
        """
        ...
