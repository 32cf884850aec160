"""``ceasefire:eraseprotected``: the right to be forgotten."""

from __future__ import annotations

from qgis.core import QgsProcessingOutputNumber, QgsProcessingParameterBoolean

from ..evidence.evidencealgorithm import BY, LEDGER, WHY
from .protectedchoice import ProtectedChoice


class EraseProtected(ProtectedChoice):
    """Erases protected values for good, and names what it cannot reach."""

    NAME = "eraseprotected"
    TITLE = "Erase protected values"
    HELP = (
        "Erases protected values and their salts for good: of one id, of a record, or of a "
        "person's code. The history keeps that a value was kept and that it was erased, when, by "
        "whom and why; the custody chain stays whole, and “Verify ledger” says “erased”. The "
        "file's free pages and journals are cleared of the bytes.\n\n"
        "Copies that the ledger knows, and files beside it that are copies of it, are named, with "
        "whether they hold the values; with COPIES they are erased there too. What cannot be "
        "reached is said: text that somebody typed elsewhere is counted by table, and can no "
        "longer be searched for afterwards, so note it; exports, "
        "printed briefs, backups elsewhere and what a disk keeps of deleted files are outside of "
        "the ledger. Close the ledger in other programs first; if it is open there, run this "
        "again once it is closed.\n\nThere is no way back."
    )

    COPIES = "COPIES"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger()
        self.add_choice()
        self.add_hand(
            self.tr("Why they are erased; kept for good, so not the value itself."), optional=False
        )
        self.add(
            QgsProcessingParameterBoolean(
                self.COPIES, self.tr("Erase in copies too"), defaultValue=False
            ),
            self.tr("Whether the copies that are found are changed as well."),
        )
        for name, title in (
            ("ERASED", self.tr("Values erased now")),
            ("ERASED_BEFORE", self.tr("Values erased before")),
            ("CLEAN", self.tr("1 where the file is cleared of their bytes, else 0")),
            ("COPIES_HOLDING", self.tr("Copies that still hold them, or may")),
            ("ELSEWHERE", self.tr("Rows elsewhere with the same text; empty where not known")),
        ):
            self.addOutput(QgsProcessingOutputNumber(name, title))

    def work(self, parameters, context, feedback, outputs):
        """Erase, and tell what was done and what could not be."""
        from ...ledger.copies import Holding

        with self.open(parameters, context) as ledger:
            done = ledger.erase_protected(
                self.chosen_values(parameters, context, ledger),
                self.text(parameters, context, BY),
                self.text(parameters, context, WHY) or "",
                self.parameterAsBool(parameters, self.COPIES, context),
            )
        self._tell(feedback, done)
        self._tell_copies(feedback, done.copies)
        elsewhere = sum(done.elsewhere.values())
        holding = (Holding.HOLDS, Holding.FAILED, Holding.UNKNOWN)
        return {
            LEDGER: self.parameterAsFile(parameters, LEDGER, context),
            "ERASED": len(done.erased),
            "ERASED_BEFORE": len(done.before),
            "CLEAN": int(done.clean),
            "COPIES_HOLDING": sum(copy.holding in holding for copy in done.copies),
            # What could not be searched is not known to be nowhere.
            "ELSEWHERE": elsewhere if elsewhere or not done.unsearched else None,
        }

    def _tell(self, feedback, done) -> None:
        feedback.pushInfo(
            self.tr("%1 values were erased now; %2 had been erased before.")
            .replace("%1", str(len(done.erased)))
            .replace("%2", str(len(done.before)))
        )
        if done.clean:
            feedback.pushInfo(self.tr("The ledger's file is cleared of their bytes."))
        else:
            feedback.pushWarning(done.left)
        for table, count in done.elsewhere.items():
            feedback.pushWarning(
                self.tr(
                    "The same text stands in %1 rows of “%2”: somebody typed it there, and it is "
                    "not erased. Note it now, for it can no longer be searched for. What a "
                    "history or log of the ledger holds is never changed."
                )
                .replace("%1", f"{count:,}")
                .replace("%2", table)
            )
        if done.unsearched:
            feedback.pushWarning(
                self.tr(
                    "%1 of the values could not be searched for elsewhere in the ledger: they "
                    "were erased before, are shorter than 4 letters, or lie on a server."
                ).replace("%1", f"{done.unsearched:,}")
            )
        self._tell_files(feedback, done)
        for name, count in done.readers.items():
            feedback.pushWarning(
                self.tr("Read %1 times through the plugin by “%2”: ask for copies made then.")
                .replace("%1", f"{count:,}")
                .replace("%2", name or self.tr("not known"))
            )
        feedback.pushInfo(
            self.tr(
                "Out of reach: backups and copies elsewhere, exports, printed briefs, the files of "
                "evidence, and what a disk keeps of files that were deleted."
            )
        )

    def _tell_files(self, feedback, done) -> None:
        if done.attached:
            feedback.pushWarning(
                self.tr(
                    "%1 records of evidence are attached to the same records. Their files are not "
                    "erased: see whether they show or name the person."
                ).replace("%1", f"{done.attached:,}")
            )
        for folder, count in done.named.items():
            feedback.pushWarning(
                self.tr("%1 files in “%2” have the text in their names: rename or remove them.")
                .replace("%1", f"{count:,}")
                .replace("%2", str(folder))
            )

    def _tell_copies(self, feedback, copies) -> None:
        from ...ledger.copies import Holding

        sentences = {
            Holding.HOLDS: self.tr("The copy “%1” still holds them: run this with COPIES."),
            Holding.HOLDS_NOT: self.tr("The copy “%1” does not hold them."),
            Holding.ERASED: self.tr("Erased in the copy “%1” too."),
            Holding.FAILED: self.tr("The copy “%1” could not be cleared: %2"),
            Holding.GONE: self.tr("The copy “%1” is no longer there; was it moved?"),
            Holding.UNKNOWN: self.tr("“%1” may be a copy: %2"),
        }
        for copy in copies:
            words = sentences[copy.holding].replace("%1", str(copy.path)).replace("%2", copy.note)
            fine = copy.holding in (Holding.HOLDS_NOT, Holding.ERASED)
            (feedback.pushInfo if fine else feedback.pushWarning)(words)
