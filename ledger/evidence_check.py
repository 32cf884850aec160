"""Looking through the evidence: is every file there and unaltered, and does none lie astray."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Optional

from ..model.evidence import Evidence
from .evidence import Hand, event, unlocked
from .evidence_attached import as_attached
from .evidence_cipher import Altered, OtherKey
from .evidence_folder import ENCRYPTED, EvidenceFolder, Progress, Unreadable

UNALTERED = "unaltered"
ALTERED = "altered"
MISSING = "missing"
UNREADABLE = "unreadable"
NOT_CHECKED = "not_checked"
STATES = (UNALTERED, ALTERED, MISSING, UNREADABLE, NOT_CHECKED)


@dataclasses.dataclass(frozen=True)
class FileState:
    """How the file of one record of evidence was found; ``sha256`` is that of its bytes now."""

    record: Evidence
    state: str
    note: str
    sha256: Optional[str] = None


@dataclasses.dataclass(frozen=True)
class EvidenceCheck:
    """What a check found; ``strays`` are files that no record speaks of."""

    files: list[FileState]
    strays: list[Path]
    logged: bool

    def count(self, state: str) -> int:
        """How many records have their file in that state."""
        return sum(file.state == state for file in self.files)


def check_evidence(
    ledger: Any,
    hand: Hand,
    passphrase: Optional[str] = None,
    step: Optional[Progress] = None,
) -> EvidenceCheck:
    """Read every file of evidence and hold it against its record, and that against its past.

    A record whose SHA-256 or size is no longer that of its first revision and of its custody
    counts as altered, whatever file it points to.

    Each record gets a row ``checked`` in the custody, unless the ledger cannot be written to
    (``logged`` is then False). Encrypted files need the passphrase, else they are not checked.
    """
    folder = unlocked(ledger, passphrase)
    records = ledger.read("evidence")
    found: dict[Optional[str], tuple] = {}
    for record in records:
        if record.sha256 not in found:
            found[record.sha256] = _look(folder, record.sha256, step)
    attached = [item for item in ledger.read("custody") if item.action == "attached"]
    changed = as_attached(ledger, records, attached)
    files = [
        FileState(record, *_told(found[record.sha256], changed.get(record.evidence_id)))
        for record in records
    ]
    strays = folder.strays({record.sha256 for record in records})
    logged = not ledger.readonly
    if logged and files:
        events = [
            event(file.record, "checked", hand, sha256=file.sha256, note=file.note)
            for file in files
        ]
        ledger.write_together({"custody": events}, hand.by, hand.why)
    return EvidenceCheck(files, strays, logged)


def _told(state: tuple, changed: Optional[str]) -> tuple:
    """The state of a file, or that its record was changed to speak of another."""
    return state if changed is None else (ALTERED, f"Altered: {changed}", state[2])


def _look(
    folder: EvidenceFolder, sha256: Optional[str], step: Optional[Progress]
) -> tuple[str, str, Optional[str]]:
    """State, sentence and hash of the bytes that should have that SHA-256."""
    place = folder.find(sha256)
    if place is None:
        return MISSING, f"Missing: there is no such file in “{folder.root}”.", None
    if place.suffix == ENCRYPTED and folder.is_locked() and not folder.what_it_is(place):
        return NOT_CHECKED, "Present, but encrypted: not checked without its passphrase.", None
    try:
        now = folder.sha256_of(place, step)
    except Altered as error:
        return ALTERED, f"Altered: {error}", None
    except (Unreadable, OtherKey) as error:
        return UNREADABLE, f"Unreadable: {error}", None
    if now != sha256:
        return ALTERED, "Altered: its SHA-256 is not that of the record.", now
    return UNALTERED, "Present and unaltered.", now
