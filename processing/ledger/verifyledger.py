"""``ceasefire:verifyledger``: whether anything in a ledger was silently changed."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFile,
)

from ...model.errors import CeasefireError
from ..base import CeasefireAlgorithm

TOLD = 20


class VerifyLedger(CeasefireAlgorithm):
    """Checks the custody chain, the current states, protected values, heads and time-stamps."""

    NAME = "verifyledger"
    TITLE = "Verify ledger"
    GROUP = "Ledger"
    GROUP_ID = "ledger"
    HELP = (
        "Checks that nothing in a ledger was altered, removed, inserted or reordered, and names "
        "the first thing that does not hold. Every sealed revision is checked against the custody "
        "chain, every current state against its last revision (an edit around the triggers is "
        "found), every protected value against its commitment (an erased one is “erased”, not "
        "broken), and the heads that were kept against the chain. What would hide or fake records "
        "is found, too: triggers, views and indices that are not as the ledger makes them, records "
        "that stand twice or that a map would not show, another reference system. Tables, columns "
        "and triggers that somebody added are told as notes.\n\n"
        "LEDGER is only read.\n"
        "HEAD is a head that was exported earlier with “Export head of ledger” and kept elsewhere. "
        "Without one, a chain that somebody made anew from some point on, or cut at its end, "
        "cannot be told from a true one.\n"
        "AUTHORITY holds the certificates that you trust of a time-stamp authority; with it, the "
        "time-stamps in the ledger are checked, too, without network.\n\n"
        "The same check runs without QGIS: python3 ledger/verify.py LEDGER --head HEAD. "
        "docs/custody.md says what a chain proves and what not."
    )

    LEDGER = "LEDGER"
    HEAD = "HEAD"
    AUTHORITY = "AUTHORITY"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add(
            QgsProcessingParameterFile(
                self.LEDGER, self.tr("Ledger"), fileFilter="GeoPackage (*.gpkg);;All files (*)"
            ),
            self.tr("The ledger to check; it is only read."),
        )
        self.add(
            QgsProcessingParameterFile(
                self.HEAD, self.tr("Exported head"), fileFilter="JSON (*.json)", optional=True
            ),
            self.tr("A head of this ledger that was exported earlier and kept elsewhere."),
        )
        self.add(
            QgsProcessingParameterFile(
                self.AUTHORITY, self.tr("Time-stamp authority's certificates"), optional=True
            ),
            self.tr("A PEM file with the certificates that you trust of a time-stamp authority."),
        )
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))
        self.addOutput(QgsProcessingOutputString("VERDICT", self.tr("Verdict")))
        self.addOutput(QgsProcessingOutputString("FIRST", self.tr("First thing that fails")))
        self.addOutput(QgsProcessingOutputString("HASH", self.tr("Hash of the chain's head")))
        for name, title in (
            ("HOLDS", self.tr("1 where all holds, else 0")),
            ("FAULTS", self.tr("Things that do not hold")),
            ("CHECKED", self.tr("Sealed revisions checked")),
            ("UNSEALED", self.tr("Revisions not yet sealed")),
            ("STATES", self.tr("Current states compared")),
            ("ERASED", self.tr("Protected values erased")),
            ("HEADS", self.tr("Kept heads compared")),
            ("TIMESTAMPS", self.tr("Time-stamps that hold")),
            ("REMARKS", self.tr("Things to know that are no faults")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, title))

    def work(self, parameters, context, feedback, outputs):
        """Check, and tell what was found."""
        from .place import open_place

        path = self.parameterAsFile(parameters, self.LEDGER, context)
        head = self._head(self.parameterAsFile(parameters, self.HEAD, context))
        authority = _content(self.parameterAsFile(parameters, self.AUTHORITY, context))
        with open_place(path, readonly=True) as ledger:
            found = ledger.verify(head)
            stamps = ledger.check_timestamps(authority) if authority else []
        faults = [fault.sentence for fault in found.faults]
        faults += self._told_stamps(feedback, stamps)
        count = found.fault_count + len(faults) - len(found.faults)
        self._tell(feedback, found, faults, count)
        return {
            self.LEDGER: path,
            "VERDICT": self._verdict(count),
            "FIRST": faults[0] if faults else "",
            "HASH": found.hash,
            "HOLDS": int(count == 0),
            "FAULTS": count,
            "CHECKED": found.checked,
            "UNSEALED": found.unsealed,
            "STATES": found.states,
            "ERASED": found.erased,
            "HEADS": found.heads,
            "TIMESTAMPS": sum(fault is None for _, fault in stamps),
            "REMARKS": len(found.remarks),
        }

    def _head(self, path):
        from ...ledger.verify import CannotCheck, read_head

        if not path:
            return None
        try:
            return read_head(Path(path))
        except CannotCheck as error:
            raise CeasefireError(str(error)) from None

    def _verdict(self, count):
        if count == 0:
            return self.tr("The ledger holds: nothing was altered, removed, inserted or reordered.")
        return self.tr("The ledger does not hold; faults found: %1.").replace("%1", f"{count:,}")

    def _tell(self, feedback, found, faults, count):
        tell = feedback.pushInfo if count == 0 else feedback.pushWarning
        tell(self._verdict(count))
        for sentence in faults[:TOLD]:
            feedback.pushWarning(sentence)
        if count > TOLD:
            feedback.pushWarning(self.tr("And %1 more.").replace("%1", f"{count - TOLD:,}"))
        feedback.pushInfo(
            self.tr(
                "Checked %1 sealed revisions; %2 are not yet sealed. Compared %3 current states "
                "and %4 kept heads. Of the protected values %5 are kept and %6 erased."
            )
            .replace("%1", f"{found.checked:,}")
            .replace("%2", f"{found.unsealed:,}")
            .replace("%3", f"{found.states:,}")
            .replace("%4", f"{found.heads:,}")
            .replace("%5", f"{found.protected:,}")
            .replace("%6", f"{found.erased:,}")
        )
        for sentence in found.remarks:
            feedback.pushInfo(self.tr("Note: %1").replace("%1", sentence))
        feedback.pushInfo(
            self.tr("Head of the chain: position %1, hash %2.")
            .replace("%1", str(found.position))
            .replace("%2", found.hash)
        )

    def _told_stamps(self, feedback, stamps):
        """Tell of the time-stamps that hold; returns what is wrong with the others."""
        faults = []
        for head, fault in stamps:
            if fault is not None:
                faults.append(f"{self.tr('Head %1:').replace('%1', str(head.head_id))} {fault}")
                continue
            feedback.pushInfo(
                self.tr("Position %1 of the chain was time-stamped at %2 UTC by %3.")
                .replace("%1", str(head.position))
                .replace("%2", f"{head.token_time:%Y-%m-%d %H:%M:%S}")
                .replace("%3", head.token_authority or "")
            )
        return faults


def _content(path):
    return Path(path).read_bytes() if path else None
