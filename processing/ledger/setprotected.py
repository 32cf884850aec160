"""``ceasefire:setprotected``: a value that may have to be forgotten, kept apart."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Optional

from qgis.core import (
    QgsProcessingOutputString,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from ...model.errors import CeasefireError
from ..evidence.evidencealgorithm import (
    ANY_FILE,
    LEDGER,
    RECORD_ID,
    TABLE,
    TABLES,
    EvidenceAlgorithm,
)

VALUE = "CEASEFIRE_VALUE"
LONGEST = 1 << 16
PERSON = "person"


class SetProtected(EvidenceAlgorithm):
    """Keeps a name, a contact or another protected value of a record."""

    NAME = "setprotected"
    TITLE = "Set protected value"
    HELP = (
        "Keeps a value that may have to be forgotten (a person's name, a source's contact) apart "
        "from the records and their history. The history, and with it the custody chain, gets "
        "only a salted commitment: the value can be erased later, and the chain stays whole.\n\n"
        "The value is never a parameter, for QGIS writes parameters to its history and its log. "
        "Write it into a text file (UTF-8) and name that in VALUE_FILE, then delete the file; or "
        "put it in the environment variable CEASEFIRE_VALUE; or type it into the form of the "
        "table “protected_values” in QGIS, which gets its commitment when the plugin next opens "
        "the ledger. A person is named once, with TABLE person and the person's code."
    )

    SECRETS: dict = {}
    FIELD = "FIELD"
    VALUE_FILE = "VALUE_FILE"
    PROTECTED_ID = "PROTECTED_ID"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger()
        self.add_record(
            [PERSON, *TABLES],
            self.tr("The table of the record whose value it is; “person” for a person's code."),
            optional=False,
        )
        self.add(
            QgsProcessingParameterString(self.FIELD, self.tr("What it is"), defaultValue="name"),
            self.tr("Such as name, contact, address or document number; not the value itself."),
        )
        self.add(
            QgsProcessingParameterFile(
                self.VALUE_FILE,
                self.tr("File with the value"),
                optional=True,
                fileFilter=ANY_FILE,
            ),
            self.tr(
                "A text file in UTF-8 that holds the value and nothing else; where it is empty, "
                "the environment variable CEASEFIRE_VALUE counts. Delete the file afterwards."
            ),
        )
        self.add_hand(self.tr("Why it is kept, for the history; not the value itself."))
        self.addOutput(
            QgsProcessingOutputString(self.PROTECTED_ID, self.tr("Id of the protected value"))
        )

    def work(self, parameters, context, feedback, outputs):
        """Read the value from where no log sees it, and keep it."""
        place = self.text(parameters, context, self.VALUE_FILE)
        value = _value_of(place)
        hand = self.hand(parameters, context, self.tr("kept apart, where it can be erased"))
        with self.open(parameters, context) as ledger:
            made = ledger.set_protected(
                self.chosen(parameters, context, TABLE) or "",
                self.text(parameters, context, RECORD_ID) or "",
                self.text(parameters, context, self.FIELD) or "",
                value,
                hand.by,
                hand.why,
            )
        feedback.pushInfo(self.tr("Kept apart as %1.").replace("%1", made.protected_id))
        if place:
            feedback.pushWarning(
                self.tr("“%1” still holds the value: delete it.").replace("%1", place)
            )
        return {
            LEDGER: self.parameterAsFile(parameters, LEDGER, context),
            self.PROTECTED_ID: made.protected_id,
        }


def _value_of(place: Optional[str]) -> str:
    """The value in a file, or else in the environment; CeasefireError where there is none."""
    given = os.environ.get(VALUE, "")
    if not place:
        if not given.strip():
            raise CeasefireError(
                "No value was given: name a text file that holds it in VALUE_FILE, or set the "
                "environment variable CEASEFIRE_VALUE."
            )
        return given
    path = Path(place)
    if not path.is_file():
        raise CeasefireError(f"There is no file “{path}”: name the text file that holds the value.")
    with path.open("rb") as stream:
        data = stream.read(LONGEST + 1)
    if len(data) > LONGEST:
        raise CeasefireError(
            f"“{path}” is longer than {LONGEST:,} bytes: attach such a document as evidence."
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CeasefireError(f"“{path}” is not text in UTF-8: save it as such.") from None
