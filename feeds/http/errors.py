"""Why a feed's request failed, as a reason that code reads and a sentence that people read."""

from __future__ import annotations

from enum import Enum
from typing import Optional

from ...model.errors import CeasefireError


class Reason(Enum):
    """What kind of failure it was; the sentence of the error says the rest."""

    UNREACHABLE = "unreachable"
    UNAUTHORISED = "unauthorised"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not found"
    GONE = "gone"
    LIMITED = "limited"
    BROKEN = "broken"
    TOO_LARGE = "too large"
    SLOW = "slow"
    REDIRECTED = "redirected"
    OFFLINE = "offline"
    TRUNCATED = "truncated"
    SCHEMA = "schema"
    EMBARGO = "embargo"
    REFUSED = "refused"


class FeedError(CeasefireError):
    """A feed could not be read: the text is one sentence, ``reason`` its kind.

    ``retry_after_s`` is how many seconds the source asked us to wait, None where it did not say.
    ``status`` is the HTTP status of the last reply, None where there was none.
    ``body`` is the first text of an error reply with every secret hidden (at most 2,000 signs),
    for sources whose protocol says in it what is wrong; it never reaches a log by itself.
    ``transient``: the same request may succeed a moment later, and the client asks again.
    """

    def __init__(
        self,
        sentence: str,
        reason: Reason = Reason.BROKEN,
        retry_after_s: Optional[float] = None,
        status: Optional[int] = None,
        body: str = "",
        transient: bool = False,
    ):
        super().__init__(sentence)
        self.reason = reason
        self.retry_after_s = retry_after_s
        self.status = status
        self.body = body
        self.transient = transient
