"""What a ledger knows about its theatre, and the checks on it."""

from __future__ import annotations

import configparser
import re
import uuid
from datetime import datetime, timezone
from pathlib import Path
from typing import Mapping, Optional
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..model.errors import CeasefireError
from .connection import Connection, bound
from .reviewsettings import REVIEW_DEFAULTS, checked_review_setting
from .rows import instant_text
from .schema import SCHEMA_VERSION

METADATA = Path(__file__).resolve().parent.parent / "metadata.txt"
DEFAULTS = {"theatre": "", "timezone": "UTC", "reporting_day_start": "00:00"}
SET = (
    'INSERT INTO settings("key", "value") VALUES ($key, $value) '
    'ON CONFLICT("key") DO UPDATE SET "value" = excluded."value"'
)
# Set when a ledger is made; never changed by hand.
FIXED = ("schema_version", "ledger_id", "created_at", "created_by")


def with_what() -> str:
    """This program and its version, as the history names it."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(METADATA, encoding="utf-8")
    version = parser.get("general", "version", fallback="")
    return f"Ceasefire Monitor {version}".strip()


def checked(key: str, value: Optional[str]) -> Optional[str]:
    """The value of a setting if it may stand; else CeasefireError says what would."""
    if value is None:
        return None
    text = str(value).strip()
    if key == "timezone":
        _check_timezone(text)
    if key in REVIEW_DEFAULTS:
        return checked_review_setting(key, text)
    if key == "reporting_day_start" and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise CeasefireError(
            f"“{text}” is no time of day for the start of the reporting day: write hours and "
            "minutes, such as 00:00 or 19:30."
        )
    return text


def settings_of_new(given: Optional[Mapping[str, object]]) -> dict[str, Optional[str]]:
    """The settings that a new ledger starts with: the given ones, checked, and its own."""
    own = {
        "schema_version": str(SCHEMA_VERSION),
        "ledger_id": str(uuid.uuid4()),
        "created_at": instant_text(datetime.now(timezone.utc)),
        "created_by": with_what(),
    }
    chosen = {**DEFAULTS, **{key: value for key, value in (given or {}).items() if value != ""}}
    kept = {key: checked(key, value) for key, value in chosen.items() if key not in FIXED}
    return {**own, **kept}


def read_settings(connection: Connection) -> dict[str, Optional[str]]:
    """All settings by key."""
    return dict(connection.rows('SELECT "key", "value" FROM settings ORDER BY setting_id'))


def write_setting(connection: Connection, key: str, value: Optional[str]) -> None:
    """Set one setting, inside a transaction of the caller."""
    connection.run(bound(SET, key=key, value=value))


def _check_timezone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CeasefireError(
            f"“{name}” is not a time zone that this computer knows: write its name as in the "
            "IANA list, such as UTC, Europe/Athens or Asia/Seoul."
        ) from None
