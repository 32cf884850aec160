"""Algorithm ``ceasefire:checkrules``: incidents and weapons held against an agreement's rules."""

from __future__ import annotations

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ..base import CeasefireAlgorithm
from ..libraries import require
from .agreementsource import AGREEMENT_FILES

COUNTS = (
    ("BREAKS", "breaks", "Not in keeping with the rule"),
    ("POSSIBLE", "possible", "Possibly not in keeping"),
    ("COMPLIES", "complies", "In keeping with the rule"),
    ("EXEMPT", "exempt", "Exempt"),
    ("COULD_NOT_VERIFY", "could_not_verify", "Could not be verified"),
    ("NOT_ASSESSABLE", "not_assessable", "Not assessable"),
    ("OUTSIDE_STORAGE", "beyond_lines_outside_storage", "Beyond the lines, outside storage"),
    ("STORED_PRESENT", "stored_present", "In storage, present"),
    ("STORED_MISSING", "stored_missing", "In storage, missing"),
)
ANY = QgsProcessing.SourceType.TypeVector
LINES_ONLY = QgsProcessing.SourceType.TypeVectorLine
AREAS_ONLY = QgsProcessing.SourceType.TypeVectorPolygon
# What may stand around the subjects: parameter, title, kind of layer, help.
AROUND = (
    ("LINES", "Contact lines", LINES_ONLY, "Lines with their dates."),
    (
        "ZONES",
        "Zones",
        AREAS_ONLY,
        "Areas for the zones that the agreement names. What it draws itself, and this "
        "layer does not have, is drawn from the lines.",
    ),
    (
        "SITES",
        "Civilian sites",
        ANY,
        "Sites with their “kind” (hospital, school …), for rules that protect them.",
    ),
    (
        "WEAPONS",
        "Weapon sightings",
        ANY,
        "Weapon sightings, beside the incidents. Left empty, the ledger's.",
    ),
    (
        "STORAGE",
        "Storage sites",
        ANY,
        "Sites with “holder” and “radius_m” within which withdrawn weapons are stored.",
    ),
    (
        "INVENTORIES",
        "Inventories",
        ANY,
        "What inspections of storage sites counted: “site_id”, “weapon”, “declared”, "
        "“inspected”, “present”, “missing”.",
    ),
    (
        "EFFORT",
        "Effort",
        ANY,
        "When somebody was able to observe: without it a ceiling is never found kept.",
    ),
)


class CheckRules(CeasefireAlgorithm):
    """One finding for each rule and each incident, sighting or site that it concerns."""

    NAME = "checkrules"
    TITLE = "Check the rules of an agreement"
    GROUP = "Agreements"
    GROUP_ID = "agreements"
    HELP = (
        "Holds incidents and weapon sightings against the rules of an agreement that bound at "
        "their time, and gives one finding for each rule that concerns them, compliance too: "
        "clause, verdict, probability, how far inside the limit (a positive distance to "
        "compliance) or beyond it, and a sentence that can be read aloud. A rule is not kept with "
        "a probability of 0.95 and more, kept up to 0.05, and possibly not kept between, given how "
        "well place, time and line are known. The limit for a weapon is its holder's own; where "
        "the holder is not known, each party's result is given. What happened while the agreement "
        "was not in force gets no finding. Zones that the agreement draws are drawn from the lines "
        "unless a layer of zones has them. With a ledger, what is left empty is taken from it, the "
        "agreement is kept in it, findings are added to it, and only what is touched by a moved "
        "line, an amended clause or a new revision is assessed again."
    )

    INPUT = "INPUT"
    AGREEMENT = "AGREEMENT"
    LINES = "LINES"
    ZONES = "ZONES"
    SITES = "SITES"
    WEAPONS = "WEAPONS"
    STORAGE = "STORAGE"
    INVENTORIES = "INVENTORIES"
    EFFORT = "EFFORT"
    UNCERTAINTY_DEFAULT = "UNCERTAINTY_DEFAULT"
    TIMEZONE = "TIMEZONE"
    LEDGER = "LEDGER"
    OUTPUT = "OUTPUT"

    def initAlgorithm(self, config=None):
        self._add_sources()
        self._add_settings()
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT, self.tr("Findings"), QgsProcessing.SourceType.TypeVectorPoint
            ),
            self.tr("One finding a row, at the place of what it is about."),
        )
        for name, _, title in COUNTS:
            self.addOutput(QgsProcessingOutputNumber(name, self.tr(title)))
        self.addOutput(QgsProcessingOutputNumber("FINDINGS", self.tr("Findings")))
        self.addOutput(QgsProcessingOutputNumber("RECHECKED", self.tr("Assessed anew")))
        self.addOutput(QgsProcessingOutputNumber("UNCHANGED", self.tr("Unchanged")))
        self.addOutput(QgsProcessingOutputString("AGREEMENT_ID", self.tr("Agreement")))
        self.addOutput(QgsProcessingOutputString("LEDGER", self.tr("Ledger")))

    def _source(self, name: str, title: str, kind, help_text: str, optional: bool = True) -> None:
        parameter = QgsProcessingParameterFeatureSource(
            name, self.tr(title), [kind], optional=optional
        )
        self.add(parameter, self.tr(help_text))

    def _add_sources(self) -> None:
        self._source(
            self.INPUT,
            "Incidents or weapon sightings",
            ANY,
            "Points, or a table whose rows have no place, with the model's fields: incidents have "
            "“category”, weapon sightings have “weapon” and “holder”.",
            optional=False,
        )
        self.add(
            QgsProcessingParameterFile(
                self.AGREEMENT, self.tr("Agreement"), fileFilter=AGREEMENT_FILES, optional=True
            ),
            self.tr(
                "The agreement's JSON file, or the id of an agreement in the ledger; templates "
                "are in the plugin's folder resources/agreements. Left empty, the ledger's only "
                "one."
            ),
        )
        for name, title, kind, words in AROUND:
            self._source(name, title, kind, words)

    def _add_settings(self) -> None:
        self.add(
            QgsProcessingParameterNumber(
                self.UNCERTAINTY_DEFAULT,
                self.tr("Uncertainty of places that bring none (metres)"),
                QgsProcessingParameterNumber.Type.Double,
                None,
                optional=True,
                minValue=0.0,
                maxValue=2_000_000.0,
            ),
            self.tr(
                "Radius that holds 95 % of the true places. Left empty: the bare point counts."
            ),
        )
        self.add(
            QgsProcessingParameterString(
                self.TIMEZONE, self.tr("Theatre's time zone"), optional=True
            ),
            self.tr(
                "Dates and times without a zone are read as of this zone. Where empty, the "
                "ledger's; without a ledger, the agreement's own."
            ),
        )
        self.add(
            QgsProcessingParameterFile(
                self.LEDGER,
                self.tr("Ledger"),
                fileFilter="GeoPackage (*.gpkg);;All files (*)",
                optional=True,
            ),
            self.tr("Optional: the ledger to which agreement and findings are written."),
        )

    def work(self, parameters, context, feedback, outputs):
        require("shapely", "pyproj")
        from ...analysis.rules import check_rules
        from .ruleledger import now_utc
        from .rulematerial import RuleMaterial
        from .rulerun import RuleRun

        material = RuleMaterial.gathered(self, parameters, context, feedback)
        run = RuleRun(material, now_utc())
        for number, theatre in enumerate(material.theatres):
            start, share = 10.0 + 40.0 * number, 40.0 / len(material.theatres)
            checked = check_rules(
                theatre,
                run.prints(theatre),
                progress=lambda part, start=start, share=share: feedback.setProgress(
                    start + share * part
                ),
                cancelled=feedback.isCanceled,
            )
            run.add(theatre, checked)
        for note in [*material.notes, *run.notes]:
            feedback.pushWarning(note)
        results = run.write_output(self, outputs, feedback)
        if material.ledger:
            run.write_ledger(feedback)
        for name, code, title in COUNTS:
            results[name] = run.count(code)
            feedback.pushInfo(f"{self.tr(title)}: {results[name]:,}")
        feedback.pushInfo(
            self.tr("%1 re-checked, %2 unchanged.")
            .replace("%1", f"{run.rechecked:,}")
            .replace("%2", f"{run.unchanged:,}")
        )
        results.update(
            FINDINGS=run.total(),
            RECHECKED=run.rechecked,
            UNCHANGED=run.unchanged,
            AGREEMENT_ID=material.agreement.agreement_id,
            LEDGER=material.ledger or "",
        )
        feedback.setProgress(100.0)
        return results
