"""What the sources share of a trial, and of deciding when everything is read anew."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Callable, Mapping, Optional

from ..http.errors import FeedError, Reason
from ..source import Asked, Checked

UNREACHED = {Reason.UNREACHABLE, Reason.SLOW, Reason.OFFLINE}
NOT_LET_IN = {Reason.UNAUTHORISED, Reason.FORBIDDEN}
EVERY_HOURS = 24


def trial(asked: Asked, look: Callable[[Asked, Checked], None]) -> Checked:
    """Run ``look``, which fills a Checked; a FeedError becomes its sentence."""
    found = Checked(reachable=True, authorised=True)
    try:
        look(asked, found)
    except FeedError as error:
        found.reachable = error.reason not in UNREACHED
        found.authorised = found.reachable and error.reason not in NOT_LET_IN
        found.sentences.append(str(error))
    return found


def due_in_full(asked: Asked, mark: Mapping[str, Any]) -> bool:
    """Whether the last whole reading is longer ago than the option ``full_every_hours``."""
    told = mark.get("full_at")
    try:
        last = datetime.fromisoformat(str(told))
    except ValueError:
        return True
    hours = asked.options.get("full_every_hours")
    every = timedelta(hours=float(EVERY_HOURS if hours is None else hours))
    return last.tzinfo is None or asked.now - last >= every or last > asked.now


def validators_in(mark: Mapping[str, Any]) -> Optional[dict[str, str]]:
    """The validators that a mark holds, for ``Client.get``; None where it holds none."""
    found = {name: mark[name] for name in ("etag", "last_modified") if mark.get(name)}
    return found or None
