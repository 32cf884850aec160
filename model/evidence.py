"""Raw evidence, the log of its custody, and the values that may have to be forgotten."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Optional

from .field import boolean, instant, integer, text


@dataclasses.dataclass
class Evidence:
    """One file of evidence, known by the SHA-256 of its bytes, and what it is attached to.

    The bytes lie in a folder beside the ledger, under that SHA-256. Where the file is encrypted,
    the SHA-256 is that of the bytes as they were given. Times are aware datetimes in UTC.
    """

    evidence_id: str = text("Evidence", default="")
    sha256: Optional[str] = text("SHA-256")
    file_name: Optional[str] = text("File name")
    media_type: Optional[str] = text("Media type")
    size_bytes: Optional[int] = integer("Size (bytes)")
    kind: Optional[str] = text("Kind")
    record_table: Optional[str] = text("Attached to the table")
    record_id: Optional[str] = text("Attached to the record")
    taken_at: Optional[datetime] = instant("Taken at (UTC)")
    collected_at: Optional[datetime] = instant("Collected at (UTC)")
    collected_where: Optional[str] = text("Collected where")
    tool: Optional[str] = text("Collected with")
    encrypted: Optional[int] = boolean("Encrypted")
    description: Optional[str] = text("Description")
    sensitivity: Optional[str] = text("Sensitivity", default="confidential")


@dataclasses.dataclass
class CustodyEvent:
    """One thing done with a file of evidence; never changed. ``happened_at`` is aware, UTC."""

    event_id: str = text("Event", default="")
    evidence_id: Optional[str] = text("Evidence")
    action: Optional[str] = text("Action")
    happened_at: Optional[datetime] = instant("At (UTC)")
    by_whom: Optional[str] = text("By")
    place: Optional[str] = text("Place")
    tool: Optional[str] = text("Tool")
    recipient: Optional[str] = text("To")
    sha256: Optional[str] = text("SHA-256 then")
    note: Optional[str] = text("Note")


@dataclasses.dataclass
class Protected:
    """That a protected value of a record is kept, and the salted commitment to it.

    ``commitment`` is the SHA-256, in hexadecimal digits, of the salt's 32 bytes and the value's
    UTF-8 bytes. Value and salt lie in the table ``protected_values`` and can be erased;
    ``erased_at`` then says so (aware, UTC).
    """

    protected_id: str = text("Protected value", default="")
    record_table: Optional[str] = text("Of the table")
    record_id: Optional[str] = text("Of the record")
    field: Optional[str] = text("What it is")
    commitment: Optional[str] = text("Commitment (SHA-256)")
    kept_at: Optional[datetime] = instant("Kept since (UTC)")
    erased_at: Optional[datetime] = instant("Erased at (UTC)")
    erased_why: Optional[str] = text("Erased because")
