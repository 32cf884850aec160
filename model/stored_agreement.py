"""An agreement as the ledger keeps it: its whole text, one row a version."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import datetime
from typing import Optional

from .field import instant
from .field import text as words


@dataclasses.dataclass
class StoredAgreement:
    """One version of an agreement's file; an amended agreement is another version.

    ``text`` is the file's JSON as it was read, ``sha256`` of its UTF-8 bytes.
    """

    version_id: str = words("Version", default="")
    agreement_id: Optional[str] = words("Agreement")
    title: Optional[str] = words("Title")
    text: Optional[str] = words("Text (JSON)")
    sha256: Optional[str] = words("SHA-256")
    valid_from: Optional[datetime] = instant("In force from (UTC)")
    valid_to: Optional[datetime] = instant("In force until (UTC)")
    recorded_at: Optional[datetime] = instant("Recorded at (UTC)")


def sha256_of(text_of_file: str) -> str:
    """The SHA-256 of an agreement's text, as 64 hexadecimal digits."""
    return hashlib.sha256(text_of_file.encode("utf-8")).hexdigest()
