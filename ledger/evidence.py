"""Raw evidence: files attached to records by their hash, and the log of their custody."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import stat
import uuid
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, BinaryIO, Callable, Iterator, Optional, Union

from ..model.errors import CeasefireError
from ..model.evidence import CustodyEvent, Evidence
from ..model.tables import CUSTODY, EVIDENCE
from .evidence_attached import as_attached
from .evidence_cipher import Altered, OtherKey
from .evidence_folder import (
    EvidenceFolder,
    Progress,
    Received,
    Unreadable,
    blocks_from,
    blocks_of,
    file_errors,
    key_is_missing,
    write_whole,
)
from .evidence_types import kind_of, media_type_of
from .settings import with_what
from .upsert import upsert

Source = Union[str, os.PathLike, BinaryIO]


@dataclasses.dataclass(frozen=True)
class Hand:
    """Who does something with evidence, and why; ``place`` and ``tool`` where they are known."""

    by: Optional[str]
    why: str
    place: Optional[str] = None
    tool: Optional[str] = None


def store_evidence(
    ledger: Any,
    source: Source,
    about: Evidence,
    hand: Hand,
    collected_by: Optional[str] = None,
    passphrase: Optional[str] = None,
    step: Optional[Progress] = None,
) -> Evidence:
    """Keep the bytes of ``source`` (a path or a binary stream) as evidence; the record made.

    ``about`` says what is known of it (kind, record_table and record_id, taken_at, collected_at,
    collected_where, tool, description, sensitivity; file_name for a stream). Its hash, size and
    id are filled in here. The same bytes given twice are one file and two records. ``hand`` is
    who attaches it. Memory does not grow with the file. Anything wrong is a CeasefireError, and
    then nothing is kept.
    """
    _refuse_no_record(ledger, about)
    with received_evidence(ledger, source, about, hand, collected_by, passphrase, step) as kept:
        # The file gets its name as the last act before the commit: no record lacks its file.
        ledger.write_together(
            {"evidence": [kept.made], "custody": kept.events}, hand.by, hand.why, last=kept.place
        )
    return kept.made


@dataclasses.dataclass(frozen=True)
class ReceivedEvidence:
    """A file that lies in the folder of evidence without its name yet, and its records."""

    made: Evidence
    events: list[CustodyEvent]
    place: Callable[[], None]

    def write(self, connection: Any) -> None:
        """Keep it within a transaction of the caller, whose commit must come soon."""
        upsert(connection, EVIDENCE, [self.made])
        upsert(connection, CUSTODY, self.events)
        self.place()


@contextlib.contextmanager
def received_evidence(
    ledger: Any,
    source: Source,
    about: Evidence,
    hand: Hand,
    collected_by: Optional[str] = None,
    passphrase: Optional[str] = None,
    step: Optional[Progress] = None,
) -> Iterator[ReceivedEvidence]:
    """The bytes of ``source``, whole and hashed, as evidence that is yet to be kept.

    What nobody kept by the end is dropped. See ``store_evidence``.
    """
    folder = unlocked(ledger, passphrase)
    _refuse_to_store_plain(ledger, folder, passphrase)
    blocks, name = _opened(ledger, source)
    received = folder.receive(blocks, step)
    try:
        if received.size == 0:
            raise CeasefireError(
                f"“{name or 'The stream'}” is empty (0 bytes), so there is nothing to keep: look "
                "whether it was copied or downloaded whole."
            )
        made = _completed(about, received, about.file_name or name)
        repaired = _found_altered(folder, received)
        events = _first_events(made, hand, collected_by, repaired)
        yield ReceivedEvidence(made, events, lambda: folder.place(received))
    finally:
        folder.drop(received)


def take_evidence(
    ledger: Any,
    evidence_id: str,
    destination: Union[str, os.PathLike],
    hand: Hand,
    recipient: Optional[str] = None,
    passphrase: Optional[str] = None,
    step: Optional[Progress] = None,
) -> Evidence:
    """Copy a file of evidence out, once its SHA-256 is seen to hold, and log it.

    It is an access, or with ``recipient`` a transfer. CeasefireError where the file is missing
    or altered, nobody signs, or the destination exists; then nothing appears there.
    """
    if not hand.by or not hand.why:
        raise CeasefireError("Say who takes the evidence and why: both are kept in its custody.")
    record = evidence_of(ledger, evidence_id)
    attached = [
        item
        for item in ledger.read("custody")
        if (item.evidence_id, item.action) == (evidence_id, "attached")
    ]
    changed = as_attached(ledger, [record], attached).get(evidence_id)
    if changed:
        raise CeasefireError(f"“{evidence_id}” is not given out: {changed}")
    final = _free_place(Path(destination))
    folder = unlocked(ledger, passphrase)
    place = folder.find(record.sha256)
    if place is None:
        raise CeasefireError(
            f"The file of “{evidence_id}” is missing from “{folder.root}”: restore it from a copy "
            "of that folder, and check the evidence."
        )
    beside = write_whole(final, _checked_blocks(folder, place, record, step))
    action = "transferred" if recipient else "accessed"
    taken = event(record, action, hand, recipient=recipient, note=hand.why)
    try:
        ledger.write_together(
            {"custody": [taken]}, hand.by, hand.why, last=lambda: _put(beside, final)
        )
    finally:
        beside.unlink(missing_ok=True)
    return record


def evidence_of(ledger: Any, evidence_id: str) -> Evidence:
    """The record of that id; CeasefireError where there is none."""
    found = ledger.read("evidence", ids=[evidence_id])
    if not found:
        raise CeasefireError(
            f"The ledger has no evidence “{evidence_id}”: look its id up in the register."
        )
    return found[0]


def event(record: Evidence, action: str, hand: Hand, **more: Any) -> CustodyEvent:
    """One row of the custody log, now, with this program as its tool unless told otherwise."""
    told = {
        "event_id": f"custody:{uuid.uuid4().hex}",
        "evidence_id": record.evidence_id,
        "action": action,
        "happened_at": datetime.now(timezone.utc),
        "by_whom": hand.by,
        "place": hand.place,
        "tool": hand.tool or with_what(),
        "sha256": record.sha256,
    }
    return CustodyEvent(**{**told, **more})


def unlocked(ledger: Any, passphrase: Optional[str]) -> EvidenceFolder:
    """The ledger's folder of evidence, with its passphrase taken if one is given."""
    folder = EvidenceFolder(Path(ledger.evidence_folder))
    folder.unlock(passphrase)
    return folder


def _refuse_no_record(ledger: Any, about: Evidence) -> None:
    if bool(about.record_table) != bool(about.record_id):
        raise CeasefireError("Give both the table and the id of the record, or neither of them.")
    if about.record_table and not ledger.read(about.record_table, ids=[about.record_id]):
        raise CeasefireError(
            f"The table “{about.record_table}” of the ledger has no record “{about.record_id}”: "
            "correct the id, or add the record first."
        )


def _refuse_to_store_plain(ledger: Any, folder: EvidenceFolder, passphrase: Optional[str]) -> None:
    """CeasefireError where somebody may believe that it will be encrypted, and it would not."""
    if folder.key_file.exists():
        return
    if folder.has_lost_its_key() or ledger.has_encrypted_evidence():
        raise CeasefireError(key_is_missing(folder.key_file))
    if passphrase:
        raise CeasefireError(
            "A passphrase was given, but none is set for the evidence of this ledger, so the file "
            "would not be encrypted: set it first with “Encrypt evidence”, or give none."
        )


def _opened(ledger: Any, source: Source) -> tuple[Iterator[bytes], Optional[str]]:
    """The blocks of a source and its name; CeasefireError where it is no readable file."""
    if hasattr(source, "read"):
        return blocks_from(source), None
    path = Path(source)
    with file_errors(path):
        status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise CeasefireError(f"“{path}” is a folder: attach its files one by one, or as one ZIP.")
    if not stat.S_ISREG(status.st_mode):
        raise CeasefireError(f"“{path}” is not a file but a device or a pipe: attach a file.")
    own = getattr(ledger, "path", None)
    if isinstance(own, (str, os.PathLike)) and os.path.samefile(path, own):
        raise CeasefireError(f"“{path}” is the ledger itself: it cannot be evidence in itself.")
    return _steady(path, status), path.name


def _steady(path: Path, before: os.stat_result) -> Iterator[bytes]:
    """The blocks of a file; CeasefireError where it changes while it is read.

    A file that somebody keeps writing to is not followed for ever.
    """
    read = 0
    for block in blocks_of(path):
        yield block
        read += len(block)
        if read > before.st_size:
            break
    with file_errors(path):
        after = path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise CeasefireError(
            f"“{path}” changed while it was read: wait until it is written whole, and attach it "
            "again; nothing was kept."
        )


def _completed(about: Evidence, received: Received, name: Optional[str]) -> Evidence:
    media_type = about.media_type or media_type_of(name)
    return dataclasses.replace(
        about,
        evidence_id=about.evidence_id or f"evidence:{uuid.uuid4().hex}",
        sha256=received.sha256,
        size_bytes=received.size,
        file_name=name,
        media_type=media_type,
        kind=about.kind or kind_of(media_type),
        encrypted=received.encrypted,
        sensitivity=about.sensitivity or "confidential",
    )


def _found_altered(folder: EvidenceFolder, received: Received) -> bool:
    """Whether the folder holds a file of that name whose bytes are no longer true."""
    place = folder.path_of(received.sha256, received.encrypted)
    return place.is_file() and not folder.holds(place, received.sha256)


def _first_events(
    made: Evidence, hand: Hand, collected_by: Optional[str], repaired: bool
) -> list[CustodyEvent]:
    events = []
    if collected_by or made.collected_at or made.collected_where:
        collector = Hand(collected_by, hand.why, made.collected_where, made.tool)
        told = {"happened_at": made.collected_at, "tool": made.tool}
        events.append(event(made, "collected", collector, **told))
    note = "The stored file had been altered; these bytes took its place." if repaired else hand.why
    return [*events, event(made, "attached", hand, note=note)]


def _checked_blocks(
    folder: EvidenceFolder, place: Path, record: Evidence, step: Optional[Progress]
) -> Iterator[bytes]:
    """The file's plain bytes; at their end CeasefireError unless they are those attached."""
    import hashlib

    digest = hashlib.sha256()
    try:
        for block in folder.blocks(place):
            digest.update(block)
            if step is not None:
                step(len(block))
            yield block
    except Altered as error:
        raise CeasefireError(_altered(record, place, str(error))) from None
    except (OtherKey, Unreadable) as error:
        raise CeasefireError(
            f"The file of “{record.evidence_id}”, “{place}”, was not copied: {error}"
        ) from None
    if digest.hexdigest() != record.sha256:
        raise CeasefireError(_altered(record, place, "Its SHA-256 is not that of the record."))


def _altered(record: Evidence, place: Path, what: str) -> str:
    return (
        f"The file of “{record.evidence_id}” is not the one that was attached, so it was not "
        f"copied: {what} Restore “{place}” from a copy of the folder, and check the evidence."
    )


def _free_place(final: Path) -> Path:
    if final.is_dir():
        raise CeasefireError(f"“{final}” is a folder: give the copy a file name in it.")
    if final.exists() or final.is_symlink():
        raise CeasefireError(f"“{final}” exists already: give the copy another name.")
    if not final.parent.is_dir():
        raise CeasefireError(f"The folder “{final.parent}” does not exist: make it first.")
    return final


def _put(beside: Path, final: Path) -> None:
    with file_errors(final):
        os.replace(beside, final)
