"""When a claim says that it happened, where it tells no more than a day."""

from __future__ import annotations

import dataclasses
from datetime import datetime, time, timedelta, timezone, tzinfo

from ..model.claim import Claim


def of_whole_day(claim: Claim, zone: tzinfo) -> tuple[Claim, bool]:
    """The claim with its alleged end, and whether it tells a day alone.

    A date without a time is stored as its first moment, in the theatre's ``zone``: a beginning at
    midnight without a later end is taken as all of that day. What was said to have been exactly at
    midnight is then looked for in more hours, never in fewer.
    """
    start, end = claim.alleged_from, claim.alleged_to
    if start is None or end not in (None, start) or start != _day_start(start, zone):
        return claim, False
    tomorrow = start.astimezone(zone).date() + timedelta(days=1)
    last = datetime.combine(tomorrow, time(), zone).astimezone(timezone.utc)
    return dataclasses.replace(claim, alleged_to=last), True


def _day_start(moment: datetime, zone: tzinfo) -> datetime:
    """The first moment of a moment's day in a zone; midnight, or what clocks made of it."""
    today = datetime.combine(moment.astimezone(zone).date(), time(), zone)
    return today.astimezone(timezone.utc)
