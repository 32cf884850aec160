"""Which protected values an algorithm is to work on."""

from __future__ import annotations

from qgis.core import QgsProcessingParameterString

from ...model.errors import CeasefireError
from ..evidence.evidencealgorithm import RECORD_ID, TABLE, TABLES, EvidenceAlgorithm
from .setprotected import PERSON

PROTECTED_ID = "PROTECTED_ID"
PERSON_CODE = "PERSON"


class ProtectedChoice(EvidenceAlgorithm):
    """Base of what reads and erases: the values by id, by record, or by a person's code."""

    SECRETS: dict = {}

    def add_choice(self) -> None:
        """The parameters that choose."""
        self.add(
            QgsProcessingParameterString(
                PROTECTED_ID, self.tr("Id of the protected value"), optional=True
            ),
            self.tr("One value, by its id in the table “protected”."),
        )
        self.add_record(
            [PERSON, *TABLES], self.tr("All values of a record: its table, with RECORD_ID.")
        )
        self.add(
            QgsProcessingParameterString(PERSON_CODE, self.tr("Person (code)"), optional=True),
            self.tr("All values of a person, also those of the person's records of harm."),
        )

    def chosen_values(self, parameters, context, ledger) -> list:
        """The records of ``protected`` chosen; CeasefireError where nothing was chosen."""
        choice = (
            self.text(parameters, context, PROTECTED_ID),
            self.chosen(parameters, context, TABLE),
            self.text(parameters, context, RECORD_ID),
            self.text(parameters, context, PERSON_CODE),
        )
        if not any(choice):
            raise CeasefireError(
                self.tr("Say which values: give PROTECTED_ID, TABLE and RECORD_ID, or PERSON.")
            )
        return ledger.find_protected(*choice)
