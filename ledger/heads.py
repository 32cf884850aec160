"""Heads of the custody chain: its last position and hash, kept, exported and time-stamped.

A head that lies outside of the ledger proves what the ledger held when it was made: nobody can
make the chain anew without its hash becoming another one.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Optional

from ..model.errors import CeasefireError, MissingLibrary
from .chain import end_of_chain
from .connection import Connection, bound
from .rows import instant_of, instant_text
from .settings import read_settings
from .timestamps import Stamp, checked_stamp, request_for

FORMAT = "ceasefire_monitor ledger head 1"
_ADD = (
    "INSERT INTO heads(position, hash, made_at, why, request) "
    "VALUES ($position, $hash, $made_at, $why, $request)"
)
_READ = (
    "SELECT head_id + 0 AS head_id, position + 0 AS position, hash, made_at || '' AS made_at, "
    "why, request, token, token_time || '' AS token_time, token_authority FROM heads "
    "ORDER BY head_id"
)
_STAMP = (
    "UPDATE heads SET token = $token, token_time = $time, token_authority = $authority "
    "WHERE head_id = CAST($head AS INTEGER)"
)
_WITH_HASH = "SELECT position + 0 AS position FROM chain WHERE hash = $hash"
_REVISIONS = (
    "SELECT 'incidents' AS name, count(*) AS n FROM incident_history UNION ALL "
    "SELECT table_name, count(*) FROM record_history GROUP BY table_name"
)


@dataclass(frozen=True)
class Head:
    """Where the chain of a ledger ends: ``position`` revisions are sealed, ``hash`` is the last
    link as 64 hexadecimal digits. ``made_at`` is aware, UTC."""

    ledger_id: str
    position: int
    hash: str
    made_at: datetime


@dataclass(frozen=True)
class KeptHead:
    """A head that was written into the ledger. ``request`` and ``token`` are DER bytes;
    ``token_time`` is when ``token_authority`` countersigned the hash."""

    head_id: int
    position: int
    hash: str
    made_at: Optional[datetime]
    why: Optional[str] = None
    request: Optional[bytes] = None
    token: Optional[bytes] = None
    token_time: Optional[datetime] = None
    token_authority: Optional[str] = None


def head_of(connection: Connection) -> Optional[Head]:
    """The head of the chain now; None where an older ledger, open for reading, has no chain."""
    if "chain" in connection.absent:
        return None
    position, digest = end_of_chain(connection)
    identifier = read_settings(connection).get("ledger_id") or ""
    return Head(identifier, position, digest.hex(), datetime.now(timezone.utc))


def kept_heads(connection: Connection) -> list[KeptHead]:
    """The heads that were kept, the oldest first."""
    if "heads" in connection.absent:
        return []
    return [_kept(row) for row in connection.rows(_READ)]


def keep_head(connection: Connection, why: Optional[str]) -> KeptHead:
    """Write the head of now with a time-stamp request, inside a transaction of the caller."""
    head = head_of(connection)
    return _keep(connection, head.position, head.hash, why)


def keep_token(connection: Connection, stamp: Stamp) -> KeptHead:
    """Put a checked time-stamp to the head that it is for, inside a transaction of the caller.

    A head that was made elsewhere, such as by a colleague who may only read, is written first.
    """
    candidates = [head for head in kept_heads(connection) if head.hash == stamp.digest]
    if any(head.token == stamp.token for head in candidates):
        raise CeasefireError("The ledger has this time-stamp already; there is nothing to add.")
    free = [head for head in candidates if head.token is None]
    head = free[-1] if free else _keep(connection, *_place_of(connection, stamp), None)
    connection.run(
        bound(
            _STAMP,
            token=stamp.token.hex(),
            time=instant_text(stamp.time),
            authority=stamp.authority,
            head=str(head.head_id),
        )
    )
    return next(item for item in kept_heads(connection) if item.head_id == head.head_id)


def request_of(connection: Connection, digest: str) -> Optional[bytes]:
    """The latest time-stamp request that was made for a hash."""
    heads = [head for head in kept_heads(connection) if head.hash == digest and head.request]
    return heads[-1].request if heads else None


def head_as_text(connection: Connection, head: KeptHead) -> str:
    """A kept head as the JSON text that is exported; `docs/custody.md` says what each key is."""
    settings = read_settings(connection)
    contents: dict[str, Any] = {
        "format": FORMAT,
        "ledger_id": settings.get("ledger_id") or "",
        "theatre": settings.get("theatre") or "",
        "position": head.position,
        "hash": head.hash,
        "made_at": instant_text(head.made_at),
        "why": head.why,
        "revisions": dict(connection.rows(_REVISIONS)),
    }
    return json.dumps(contents, ensure_ascii=False, indent=1) + "\n"


def fault_of_token(head: KeptHead, authority: bytes) -> Optional[str]:
    """What does not hold of a kept head's time-stamp; None where it holds."""
    try:
        stamp = checked_stamp(head.token or b"", authority, head.request)
    except MissingLibrary:
        raise
    except CeasefireError as error:
        return str(error)
    if stamp.digest != head.hash:
        return "The time-stamp is for another hash than the head's."
    if instant_text(stamp.time) != instant_text(head.token_time):
        return f"The time-stamp was made at {instant_text(stamp.time)}, not when the head says."
    if stamp.authority != (head.token_authority or ""):
        return f"The time-stamp is signed by “{stamp.authority}”, not by whom the head says."
    return None


def _keep(connection: Connection, position: int, digest: str, why: Optional[str]) -> KeptHead:
    request = request_for(bytes.fromhex(digest), secrets.randbits(63))
    connection.run(
        bound(
            _ADD.replace("$position", str(int(position))),
            hash=digest,
            made_at=instant_text(datetime.now(timezone.utc)),
            why=why,
            request=request.hex(),
        )
    )
    return kept_heads(connection)[-1]


def _place_of(connection: Connection, stamp: Stamp) -> tuple[int, str]:
    rows = connection.rows(bound(_WITH_HASH, hash=stamp.digest))
    if not rows:
        raise CeasefireError(
            "The time-stamp is for another hash than any of this ledger's chain "
            f"({stamp.digest}): choose the reply to a request that was exported from this ledger."
        )
    return rows[0][0], stamp.digest


def _kept(row: tuple) -> KeptHead:
    number, position, digest, made_at, why, request, token, time, authority = row
    return KeptHead(
        head_id=number,
        position=position,
        hash=digest,
        made_at=instant_of(made_at),
        why=why,
        request=bytes.fromhex(request) if request else None,
        token=bytes.fromhex(token) if token else None,
        token_time=instant_of(time),
        token_authority=authority,
    )
