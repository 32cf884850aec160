"""What a ledger does with evidence and with values that may have to be forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Mapping, Optional, Sequence

from ..model.evidence import Evidence, Protected
from ..model.tables import table as table_named
from . import erasure, evidence, evidence_check, evidence_encryption, protected
from .connection import Connection, Session
from .evidence import Hand, Source
from .evidence_folder import Progress
from .settings import with_what
from .upsert import upsert


class Safekeeping:
    """Methods of a ledger in a file; one that lies elsewhere has its own of the same names."""

    _connection: Connection

    @property
    def readonly(self) -> bool:
        """Whether the ledger was opened for reading, or may not be written to."""
        return not self._connection.update

    @property
    def evidence_folder(self) -> Path:
        """Where the files of evidence lie: beside the ledger, named after it."""
        path = self._connection.path
        return path.with_name(f"{path.stem}.evidence")

    def has_encrypted_evidence(self) -> bool:
        """Whether a record of evidence says that its file is encrypted."""
        return self._connection.rows("SELECT 1 FROM evidence WHERE encrypted LIMIT 1") != []

    def write_together(
        self,
        records: Mapping[str, Sequence[Any]],
        who: Optional[str],
        why: str,
        last: Optional[Callable[[], None]] = None,
    ) -> None:
        """Write records of several tables in one transaction.

        ``last`` is called when all is written and only the commit is left; where it raises,
        nothing was written.
        """
        with self._connection.transaction(Session(who, why, with_what())):
            for name, some in records.items():
                upsert(self._connection, table_named(name), some)
            if last is not None:
                last()

    def store_evidence(
        self,
        source: Source,
        about: Evidence,
        hand: Hand,
        collected_by: Optional[str] = None,
        passphrase: Optional[str] = None,
        step: Optional[Progress] = None,
    ) -> Evidence:
        """Keep a file or stream as evidence; see ``evidence.store_evidence``."""
        return evidence.store_evidence(self, source, about, hand, collected_by, passphrase, step)

    def take_evidence(
        self,
        evidence_id: str,
        destination: Path,
        hand: Hand,
        recipient: Optional[str] = None,
        passphrase: Optional[str] = None,
        step: Optional[Progress] = None,
    ) -> Evidence:
        """Copy a file of evidence out, and log it; see ``evidence.take_evidence``."""
        return evidence.take_evidence(
            self, evidence_id, destination, hand, recipient, passphrase, step
        )

    def check_evidence(
        self, hand: Hand, passphrase: Optional[str] = None, step: Optional[Progress] = None
    ) -> evidence_check.EvidenceCheck:
        """Hold every file of evidence against its record; see ``evidence_check``."""
        return evidence_check.check_evidence(self, hand, passphrase, step)

    def encrypt_evidence(
        self,
        passphrase: Optional[str],
        new_passphrase: Optional[str],
        hand: Hand,
        step: Optional[Progress] = None,
    ) -> evidence_encryption.Encryption:
        """Set or change the passphrase of the evidence; see ``evidence_encryption``."""
        return evidence_encryption.encrypt_evidence(self, passphrase, new_passphrase, hand, step)

    def set_protected(
        self, table: str, record_id: str, field: str, value: str, who: Optional[str], why: str
    ) -> Protected:
        """Keep a value apart, where it can be erased; see ``protected.set_protected``."""
        session = Session(who, why, with_what())
        return protected.set_protected(self._connection, table, record_id, field, value, session)

    def find_protected(
        self,
        protected_id: Optional[str] = None,
        table: Optional[str] = None,
        record_id: Optional[str] = None,
        person: Optional[str] = None,
    ) -> list[Protected]:
        """The records of protected values, without these; see ``protected.find_protected``."""
        return protected.find_protected(self._connection, protected_id, table, record_id, person)

    def protected_values(self) -> list[protected.Value]:
        """The protected values themselves; ``read_protected`` logs who reads them."""
        return protected.values_of(self._connection)

    def read_protected(
        self, records: Sequence[Protected], who: str, why: str
    ) -> list[protected.Opened]:
        """The values behind those records, each reading logged; see ``protected``."""
        return protected.read_protected(self, records, who, why)

    def erase_protected(
        self,
        records: Sequence[Protected],
        who: Optional[str],
        why: str,
        in_copies: bool = False,
    ) -> erasure.Erasure:
        """Erase the values behind those records for good; see ``erasure.erase_protected``."""
        session = Session(who, why, with_what())
        return erasure.erase_protected(self._connection, records, session, in_copies)
