"""What a ledger knows of a feed: where it comes from and how it is kept in step."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Optional

from .field import boolean, instant, integer, text


@dataclasses.dataclass
class Feed:
    """One feed that a ledger is kept in step with; nothing of it is a secret.

    ``source`` is a name in the registry of sources, ``options`` and ``mapping`` are JSON objects as
    text. ``authcfg`` is the id of a QGIS authentication configuration, never what is in it, and
    ``address`` holds no user, password or key. Nothing earlier than ``since`` is wanted.
    ``quiet_from`` and ``quiet_to`` are times of the theatre's day ("22:00").
    ``redistribution``: rows, aggregates or none may be handed on.
    """

    feed_id: str = text("Feed", default="")
    feed_name: Optional[str] = text("Name")
    source: Optional[str] = text("Source")
    address: Optional[str] = text("Address, without secrets")
    options: Optional[str] = text("Options")
    authcfg: Optional[str] = text("Authentication configuration")
    preset: Optional[str] = text("Preset")
    mapping: Optional[str] = text("Mapping of columns")
    timezone: Optional[str] = text("Time zone")
    since: Optional[datetime] = instant("Nothing before (UTC)")
    interval_minutes: Optional[int] = integer("Interval (minutes)")
    quiet_from: Optional[str] = text("Quiet from")
    quiet_to: Optional[str] = text("Quiet to")
    enabled: Optional[bool] = boolean("Enabled", default=True)
    keep_raw: Optional[bool] = boolean("Keep the raw replies", default=False)
    redistribution: Optional[str] = text("May be handed on")
    attribution: Optional[str] = text("Attribution")
    notes: Optional[str] = text("Notes")
