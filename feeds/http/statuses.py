"""What each HTTP status that is no success means for a feed, as one sentence."""

from __future__ import annotations

from typing import Optional

from .errors import FeedError, Reason

TRANSIENT = {408, 425, 429, 500, 502, 503, 504}
SENTENCES = {
    400: (Reason.REFUSED, "did not understand what was asked", "check the feed's options"),
    401: (
        Reason.UNAUTHORISED,
        "does not accept the credentials, or got none",
        "enter them again in the feed's authentication (AUTHCFG) or, where it has none, in its "
        "environment variables (CEASEFIRE_FEED_…, see “Add a feed”)",
    ),
    402: (Reason.FORBIDDEN, "asks for a payment", "ask the source about your account"),
    403: (
        Reason.FORBIDDEN,
        "does not let this account read the data",
        "ask the source for the right to it",
    ),
    404: (
        Reason.NOT_FOUND,
        "has nothing at this address",
        "check the address and the names in the feed's options",
    ),
    407: (Reason.REFUSED, "is behind a proxy that wants a log-in", "see the proxy's settings"),
    408: (Reason.SLOW, "waited too long for the request", "try again later"),
    410: (
        Reason.GONE,
        "has withdrawn this data for good",
        "look on its site for where the data is now; what was fetched stays in the ledger",
    ),
    413: (Reason.REFUSED, "finds the question too large", "ask for a shorter span"),
    414: (Reason.REFUSED, "finds the question too long", "choose fewer fields or areas"),
    429: (Reason.LIMITED, "was asked too often", "try again later or make the interval longer"),
    451: (Reason.FORBIDDEN, "may not give this data for legal reasons", "ask the source"),
}


def status_error(
    status: int, host: str, retry_after_s: Optional[float] = None, body: str = ""
) -> FeedError:
    """The FeedError for a reply's status; ``body`` is what the source said, secrets hidden."""
    if status in SENTENCES:
        reason, what, advice = SENTENCES[status]
    elif status >= 500:
        reason, what, advice = Reason.UNREACHABLE, "has an error of its own", "try again later"
    elif 300 <= status < 400:
        reason, what = Reason.REDIRECTED, "redirects without saying where to"
        advice = "check the feed's address"
    elif status >= 400:
        reason, what, advice = Reason.REFUSED, "refused the request", "check the feed's options"
    else:
        reason, what = Reason.BROKEN, "answered with a part or with nothing that can be read"
        advice = "try again later, and tell the source if it stays so"
    asked = ""
    if retry_after_s:
        asked = f", in {waiting_time(retry_after_s)} as it asks"
        advice = "try again later"
    return FeedError(
        f"“{host}” {what} (HTTP {status}): {advice}{asked}.",
        reason,
        retry_after_s,
        status,
        body,
        transient=status in TRANSIENT,
    )


def waiting_time(seconds: float) -> str:
    """A wait in words: “40 seconds”, “12 minutes”, “3 hours”, “2 days”."""
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}s"
    count = max(round(seconds), 1)
    return f"{count} second{'' if count == 1 else 's'}"
