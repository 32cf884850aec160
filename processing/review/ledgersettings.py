"""``ceasefire:ledgersettings``: show a ledger's settings, and change some."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingOutputString,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from .reviewparameters import ReviewAlgorithm

NUMBERS = {
    "CORROBORATION_SOURCES": (
        "Independent sources that corroborate",
        "How many independent sources make harm to people corroborated; 2 where never set.",
        2,
    ),
    "REVIEW_DUE_HOURS": (
        "Hours until a review is overdue",
        "How long after its latest revision an incident may wait for review; 24 where never set.",
        1,
    ),
    "CLAIM_DUE_HOURS": (
        "Hours ahead that a claim is due",
        "How long before its answer is due a claim stands in the shift handover; 24 where never "
        "set.",
        1,
    ),
}
TEXTS = {
    "THEATRE": ("Theatre", "The name of the theatre."),
    "TIMEZONE": ("Time zone", "The theatre's time zone by its IANA name, such as Europe/Vienna."),
    "REPORTING_DAY_START": (
        "Reporting day starts at",
        "The local time at which a reporting day begins, hours and minutes.",
    ),
    "EVIDENCE_FOLDER": (
        "Folder of evidence",
        "Where files of evidence lie, for a team's ledger: a folder that all of the team reach "
        "under this path. A ledger in a file has its own beside it.",
    ),
}


class LedgerSettings(ReviewAlgorithm):
    """Shows all settings; changes those that are given."""

    NAME = "ledgersettings"
    TITLE = "Ledger settings"
    GROUP = "Ledger"
    GROUP_ID = "ledger"
    HELP = (
        "Shows all settings of a ledger in the log, and changes those that are given; what is left "
        "empty stays as it is. FOUR_EYES turns on the rule that who recorded an incident does not "
        "confirm it."
    )

    FOUR_EYES = "FOUR_EYES"
    SETTINGS = "SETTINGS"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger(self.tr("The ledger whose settings are shown or changed."))
        self.add_choice(
            self.FOUR_EYES,
            self.tr("Four-eyes rule"),
            ["yes", "no"],
            self.tr("Yes: who recorded or last changed an incident does not confirm it."),
        )
        for name, (title, words, least) in NUMBERS.items():
            self.add(
                QgsProcessingParameterNumber(
                    name, self.tr(title), defaultValue=None, optional=True, minValue=least
                ),
                self.tr(words),
            )
        for name, (title, words) in TEXTS.items():
            self.add(
                QgsProcessingParameterString(name, self.tr(title), optional=True), self.tr(words)
            )
        self.addOutput(QgsProcessingOutputString(self.SETTINGS, self.tr("Settings, one a line")))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def work(self, parameters, context, feedback, outputs):
        """Check all that is given, then set it; show what holds."""
        from ...ledger.reviewsettings import REVIEW_DEFAULTS
        from ...ledger.settings import checked

        given = self._given(parameters, context)
        with self.open_ledger(parameters, context, readonly=not given) as ledger:
            given = {key: checked(key, value) for key, value in given.items()}
            for key, value in given.items():
                ledger.set_setting(key, value)
            kept = {**REVIEW_DEFAULTS, **ledger.settings()}
        lines = [f"{key}: {value or ''}" for key, value in sorted(kept.items())]
        for line in lines:
            feedback.pushInfo(line)
        place = self.ledger_place(parameters, context)
        return {self.SETTINGS: "\n".join(lines), self.LEDGER: place}

    def _given(self, parameters, context) -> dict[str, str]:
        given = {}
        choice = self.chosen(parameters, self.FOUR_EYES, context)
        if choice is not None:
            given["four_eyes"] = choice
        for name in NUMBERS:
            if parameters.get(name) is not None:
                given[name.lower()] = str(self.parameterAsInt(parameters, name, context))
        for name in TEXTS:
            text = self.text(parameters, name, context)
            if text:
                given[name.lower()] = text
        return given
