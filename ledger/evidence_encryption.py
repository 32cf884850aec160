"""Setting the passphrase of the evidence, and changing it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Optional

from ..model.errors import CeasefireError
from .evidence import Hand, event
from .evidence_cipher import check_passphrase
from .evidence_folder import (
    INCOMING,
    PART,
    EvidenceFolder,
    Progress,
    key_is_missing,
    needs_passphrase,
)


@dataclasses.dataclass
class Encryption:
    """What was done: whether the passphrase is ``set`` for the first time or ``changed``, how
    many files were ``encrypted`` now, and what was left as it was, with the reason. ``removed``
    counts leftovers of stopped copies, ``plain`` names what else in the folder is not encrypted."""

    set: bool = False
    changed: bool = False
    encrypted: int = 0
    left: list[str] = dataclasses.field(default_factory=list)
    removed: int = 0
    plain: list[Path] = dataclasses.field(default_factory=list)


def encrypt_evidence(
    ledger: Any,
    passphrase: Optional[str],
    new_passphrase: Optional[str],
    hand: Hand,
    step: Optional[Progress] = None,
) -> Encryption:
    """Set a passphrase and encrypt every file, change it, or finish what was interrupted.

    Where none is set, ``new_passphrase``, or else ``passphrase``, is set. Where one is set,
    ``passphrase`` must be it; ``new_passphrase`` then takes its place, and files stay as they
    are: only their wrapped key is written anew. A file whose bytes are not those of its record
    is left as it is and told. Stopped or killed in between, every file can still be read, and
    running it again goes on.
    """
    folder = EvidenceFolder(Path(ledger.evidence_folder))
    done = Encryption()
    if folder.key_file.exists():
        if not passphrase:
            raise CeasefireError(needs_passphrase())
        folder.unlock(passphrase)
        if new_passphrase and new_passphrase != passphrase:
            _set(ledger, folder, new_passphrase, hand)
            done.changed = True
    else:
        if folder.has_lost_its_key() or ledger.has_encrypted_evidence():
            raise CeasefireError(key_is_missing(folder.key_file))
        chosen = new_passphrase or passphrase
        if not chosen:
            raise CeasefireError(
                "No passphrase was given: choose an authentication configuration of QGIS, or set "
                "the environment variable CEASEFIRE_PASSPHRASE."
            )
        _set(ledger, folder, chosen, hand, first=True)
        done.set = True
    _encrypt_files(ledger, folder, hand, done, step)
    _see_to_strays(ledger, folder, done, step)
    return done


def _set(
    ledger: Any, folder: EvidenceFolder, passphrase: str, hand: Hand, first: bool = False
) -> None:
    """Write the key file while nobody else can: two new keys at once would lose one's files."""
    check_passphrase(passphrase)

    def write() -> None:
        if first and folder.key_file.exists():
            raise CeasefireError(
                "Somebody else has just set a passphrase for this evidence: ask for it, and run "
                "this again with it."
            )
        folder.set_passphrase(passphrase)

    ledger.write_together({}, hand.by, hand.why, last=write)


def _encrypt_files(
    ledger: Any,
    folder: EvidenceFolder,
    hand: Hand,
    done: Encryption,
    step: Optional[Progress],
) -> None:
    by_hash: dict[str, list] = {}
    for record in ledger.read("evidence"):
        by_hash.setdefault(record.sha256, []).append(record)
    for sha256, records in by_hash.items():
        plain = folder.path_of(sha256, False)
        whole = folder.path_of(sha256, True)
        if not plain.is_file():
            if not whole.is_file():
                done.left.append(f"“{records[0].file_name}” ({sha256}) is missing.")
            elif not all(record.encrypted for record in records):
                _tell_records(ledger, records, hand)
            continue
        if not folder.holds(whole, sha256) and not _encrypt_one(folder, plain, sha256, step):
            done.left.append(f"“{records[0].file_name}” ({sha256}) was altered.")
            continue
        _tell_records(ledger, records, hand)
        plain.unlink()
        done.encrypted += 1


def _see_to_strays(
    ledger: Any, folder: EvidenceFolder, done: Encryption, step: Optional[Progress]
) -> None:
    """Leave nothing plain that no record speaks of, or name it.

    A plain copy that was stopped goes; one still under way is refused its name, and says so. A
    file under its SHA-256 may be all that is left of something: it is encrypted.
    """
    incoming = folder.root / INCOMING
    known = {record.sha256 for record in ledger.read("evidence")}
    for path in folder.strays(known):
        if not folder.is_plain(path):
            continue
        sha256 = folder.hash_of_name(path)
        regular = not folder.what_it_is(path)
        if regular and path.parent == incoming and path.suffix == PART:
            path.unlink()
            done.removed += 1
        elif regular and sha256 not in (None, *known) and _encrypt_one(folder, path, sha256, step):
            path.unlink()
            done.encrypted += 1
        else:
            done.plain.append(path)


def _encrypt_one(
    folder: EvidenceFolder, plain: Path, sha256: str, step: Optional[Progress]
) -> bool:
    received = folder.receive(folder.blocks(plain), step)
    try:
        if received.sha256 == sha256:
            folder.place(received)
            return True
        return False
    finally:
        folder.drop(received)


def _tell_records(ledger: Any, records: list, hand: Hand) -> None:
    changed = [dataclasses.replace(record, encrypted=True) for record in records]
    events = [event(record, "encrypted", hand) for record in changed]
    ledger.write_together({"evidence": changed, "custody": events}, hand.by, hand.why)
