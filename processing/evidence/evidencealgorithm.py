"""What the algorithms for evidence and protected values share."""

from __future__ import annotations

from typing import Optional

from qgis.core import (
    QgsProcessingOutputString,
    QgsProcessingParameterAuthConfig,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from ...model.errors import Cancelled, CeasefireError
from ...model.tables import CUSTODY, EVIDENCE, LEDGER_TABLES, PROTECTED
from ..base import CeasefireAlgorithm
from .passphrase import PASSPHRASE, passphrase_of

TABLES = [table.name for table in LEDGER_TABLES if table not in (EVIDENCE, CUSTODY, PROTECTED)]
LEDGER = "LEDGER"
TABLE = "TABLE"
RECORD_ID = "RECORD_ID"
BY = "BY"
WHY = "WHY"
AUTHCFG = "AUTHCFG"
# QGIS's own filter, *.*, refuses names without an ending.
ANY_FILE = "All files (*)"


class EvidenceAlgorithm(CeasefireAlgorithm):
    """Base of the group: its parameters, the passphrase, and progress over bytes.

    ``SECRETS`` names the parameters that hold an authentication configuration, each with the
    environment variable that stands in for it; ``secret`` gives their values.
    """

    GROUP = "Evidence and protected values"
    GROUP_ID = "evidence"
    SECRETS: dict = {AUTHCFG: PASSPHRASE}

    def prepareAlgorithm(self, parameters, context, feedback):
        """Fetch the secrets on the main thread; they stay out of parameters and log."""
        self._secrets, self._trouble = {}, ""
        try:
            for name, variable in self.SECRETS.items():
                chosen = self.parameterAsString(parameters, name, context).strip()
                self._secrets[name] = passphrase_of(chosen, variable)
        except CeasefireError as error:
            # Raised here, QGIS would keep the sentence to itself.
            self._trouble = str(error)
        return super().prepareAlgorithm(parameters, context, feedback)

    def secret(self, name: str) -> Optional[str]:
        """The secret of one of ``SECRETS``; CeasefireError where it could not be had."""
        if self._trouble:
            raise CeasefireError(self._trouble)
        return self._secrets[name]

    def add_ledger(self) -> None:
        """The ledger, in and out."""
        self.add(
            QgsProcessingParameterFile(
                LEDGER, self.tr("Ledger"), fileFilter="GeoPackage (*.gpkg);;All files (*)"
            ),
            self.tr("The ledger's file; “Create ledger” makes one."),
        )
        self.addOutput(QgsProcessingOutputString(LEDGER, self.tr("Ledger")))

    def add_record(self, tables: list, words: str, optional: bool = True) -> None:
        """The table and id of a record."""
        self.add(
            QgsProcessingParameterEnum(
                TABLE,
                self.tr("Table of the record"),
                options=tables,
                usesStaticStrings=True,
                optional=optional,
            ),
            words,
        )
        self.add(
            QgsProcessingParameterString(RECORD_ID, self.tr("Id of the record"), optional=optional),
            self.tr("The record's key in that table, such as its incident_id."),
        )

    def add_hand(self, why: Optional[str] = None, optional: bool = True) -> None:
        """Who does it and, with its help text, why."""
        self.add(
            QgsProcessingParameterString(BY, self.tr("By"), optional=optional),
            self.tr("Who does this; kept in the ledger for good."),
        )
        if why is not None:
            self.add(QgsProcessingParameterString(WHY, self.tr("Why"), optional=optional), why)

    def add_passphrase(self) -> None:
        """Where the passphrase comes from."""
        self.add(
            QgsProcessingParameterAuthConfig(AUTHCFG, self.tr("Passphrase"), optional=True),
            self.tr(
                "The authentication configuration of QGIS (kind “Basic”) whose password is the "
                "passphrase of the evidence, if one is set. Where it is empty, the environment "
                "variable CEASEFIRE_PASSPHRASE counts. The passphrase itself is never a parameter."
            ),
        )

    def open(self, parameters, context, readonly: bool = False):
        """The ledger, for use in ``with``."""
        from ..ledger.place import open_place

        return open_place(self.parameterAsFile(parameters, LEDGER, context), readonly=readonly)

    def text(self, parameters, context, name: str) -> Optional[str]:
        """A text parameter without spaces around it; None where it is empty."""
        return self.parameterAsString(parameters, name, context).strip() or None

    def chosen(self, parameters, context, name: str) -> Optional[str]:
        """The code chosen of an enumeration; None where none is."""
        return self.parameterAsEnumString(parameters, name, context) or None

    def hand(self, parameters, context, default: str = "", **more):
        """Who does it, and why; ``default`` where no reason was given."""
        from ...ledger.evidence import Hand

        why = self.text(parameters, context, WHY) if self.parameterDefinition(WHY) else None
        return Hand(self.text(parameters, context, BY), why or default, **more)

    def steps(self, feedback, total: Optional[int]):
        """A function to be called with bytes done: it shows progress and stops when asked to."""
        done = 0

        def step(count: int) -> None:
            nonlocal done
            done += count
            if feedback.isCanceled():
                raise Cancelled(self.tr("Stopped; nothing more was written."))
            if total:
                feedback.setProgress(min(100.0, 100.0 * done / total))

        return step
