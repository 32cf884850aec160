"""Instants as texts that read the same whatever other rows stand beside them.

The importer decides for a table as a whole what 00:00 means and whether seconds were kept. A feed
comes in replies, and a row must not change because its neighbours did: so an instant is written
with seconds only where it has them, in UTC, and midnight as the bare day where that is meant.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any, Optional

UTC = timezone.utc
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ISO = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[T ](?P<clock>\d\d:\d\d)(?::(?P<s>\d\d)(?:[.,]\d+)?)?\s*"
    r"(?P<zone>Z|z|[+-]\d\d(?::?\d\d)?)?"
)


def instant_text(moment: datetime, midnight_is_a_day: bool = True) -> str:
    """An aware datetime as ``2026-01-31T18:47Z``, with seconds where it has them.

    Midnight in UTC is the bare day where ``midnight_is_a_day``.
    """
    utc = moment.astimezone(UTC)
    if midnight_is_a_day and not (utc.hour or utc.minute or utc.second):
        return utc.date().isoformat()
    clock = "seconds" if utc.second else "minutes"
    return utc.replace(microsecond=0, tzinfo=None).isoformat(timespec=clock) + "Z"


def of_milliseconds(value: Any) -> Optional[datetime]:
    """The instant of milliseconds since 1970 (negative: before); None where it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return EPOCH + timedelta(milliseconds=value)
    except (OverflowError, ValueError):
        return None


def iso_instant(text: Optional[str]) -> Optional[datetime]:
    """The aware instant of an ISO 8601 text with a zone; None where it is none."""
    found = ISO.fullmatch((text or "").strip())
    if found is None or found["zone"] is None:
        return None
    zone = found["zone"].upper().replace("Z", "+00:00").replace(":", "")
    if len(zone) == 3:
        zone += "00"
    whole = f"{found['day']}T{found['clock']}:{found['s'] or '00'}{zone}"
    try:
        return datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S%z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def steady(value: Any, midnight_is_a_day: bool = True) -> Any:
    """A text that is an ISO date and time in the steady form; every other value as it is.

    Midnight becomes the day as it was written, in its own zone.
    """
    if not isinstance(value, str):
        return value
    found = ISO.fullmatch(value.strip())
    if found is None:
        return value
    seconds = found["s"] if found["s"] not in (None, "00") else None
    if midnight_is_a_day and found["clock"] == "00:00" and seconds is None:
        return found["day"]
    if found["zone"] is None:
        return f"{found['day']}T{found['clock']}" + (f":{seconds}" if seconds else "")
    moment = iso_instant(value)
    return value if moment is None else instant_text(moment, midnight_is_a_day=False)
