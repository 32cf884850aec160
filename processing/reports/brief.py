"""Algorithm ``ceasefire:brief``: a period as a PDF, with its data annex and manifest."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    Qgis,
    QgsProcessing,
    QgsProcessingOutputFile,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ...model.errors import Cancelled, CeasefireError
from ...reports.layout.paper import AS_TEMPLATE, PAPERS
from ...reports.layout.template_files import template_names
from ..base import ROOT, CeasefireAlgorithm
from ..libraries import require
from .briefrequest import BriefRequest

FILES = (
    ("PDF", "Brief (PDF)"),
    ("ANNEX", "Data annex (GeoPackage)"),
    ("CSV", "Incidents (CSV)"),
    ("MANIFEST", "Manifest (JSON)"),
)


class Brief(CeasefireAlgorithm):
    """The printed report of a period: figures, maps, tables, chart, method, annex, manifest."""

    NAME = "brief"
    TITLE = "Print brief"
    GROUP = "Reports"
    GROUP_ID = "reports"
    HELP = (
        "Prints the brief of a period from a ledger or from layers: a summary beside the previous "
        "period of the same length, a map with numbered incidents, the table of those incidents, "
        "a chart along the period, the observation effort, incidents without a place, what is not "
        "known, the method, and the sources. Beside the PDF it writes a data annex (GeoPackage and "
        "CSV) whose rows are those of the brief, and a manifest with every figure. The folder "
        "gets brief.pdf, annex.gpkg, incidents.csv and manifest.json, all of them or none.\n\n"
        "Numbers are sums of counts, not of rows; own observation is the headline and other "
        "sources stand apart; what nobody could observe is “not observed”, never zero. Where "
        "no agreement is named, the brief says incident, never violation."
    )

    LEDGER = "LEDGER"
    INPUT = "INPUT"
    FROM = "FROM"
    TO = "TO"
    AS_OF = "AS_OF"
    COMPARE_WITH = "COMPARE_WITH"
    AREA = "AREA"
    TIMEZONE = "TIMEZONE"
    TITLE_TEXT = "TITLE"
    THEATRE = "THEATRE"
    AGREEMENT = "AGREEMENT"
    DISTANCE = "DISTANCE"
    KIND = "KIND"
    TEMPLATE = "TEMPLATE"
    PAPER = "PAPER"
    LANGUAGE = "LANGUAGE"
    RELEASE = "RELEASE"
    REASONS = "REASONS"
    OUTPUT_FOLDER = "OUTPUT_FOLDER"

    def flags(self):
        """On the main thread: QGIS lays out and prints pages there."""
        return super().flags() | Qgis.ProcessingAlgorithmFlag.NoThreading

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        for parameter, words in (*self._data(), *self._span(), *self._words(), *self._form()):
            parameter.setHelp(words)
            self.addParameter(parameter)
        for name, title in FILES:
            self.addOutput(QgsProcessingOutputFile(name, self.tr(title)))
        self.addOutput(QgsProcessingOutputNumber("INCIDENTS", self.tr("Incidents (rows)")))
        self.addOutput(
            QgsProcessingOutputNumber("VIOLATIONS", self.tr("Own observation (sum of counts)"))
        )
        self.addOutput(QgsProcessingOutputNumber("PAGES", self.tr("Pages")))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def _data(self):
        yield (
            QgsProcessingParameterFile(
                self.LEDGER,
                self.tr("Ledger"),
                fileFilter="GeoPackage (*.gpkg);;All files (*)",
                optional=True,
            ),
            self.tr(
                "The ledger to report from. Layers that are given beside it take the place of the "
                "ledger's own."
            ),
        )
        types = QgsProcessing.SourceType
        layers = (
            (self.INPUT, self.tr("Incidents"), types.TypeVector,
             self.tr("Flagged incidents, where no ledger is given.")),
            ("LINES", self.tr("Contact lines"), types.TypeVectorLine,
             self.tr("Lines with the dates from and until which they are in force.")),
            ("ZONES", self.tr("Zones"), types.TypeVectorPolygon, self.tr("Areas with rules.")),
            ("SITES", self.tr("Sites"), types.TypeVectorPoint,
             self.tr("Civilian sites; confidential ones are left out of a restricted brief.")),
            ("CONTROL", self.tr("Areas of control"), types.TypeVectorPolygon,
             self.tr("Areas with their holder, the background of the maps.")),
            ("POSTS", self.tr("Posts"), types.TypeVector,
             self.tr("Posts with their names; a restricted brief leaves out where they are.")),
            ("EFFORT", self.tr("Observation effort"), types.TypeVector,
             self.tr("When each post could observe. Without it there is no zero.")),
        )  # fmt: skip
        for name, title, kind, words in layers:
            yield QgsProcessingParameterFeatureSource(name, title, [kind], optional=True), words

    def _span(self):
        yield (
            QgsProcessingParameterString(self.FROM, self.tr("From"), optional=True),
            self.tr(
                "Start of the period, as 2031-03-14 or 2031-03-14T19:30, in the theatre's time; "
                "where empty, the first day with data."
            ),
        )
        yield (
            QgsProcessingParameterString(self.TO, self.tr("To"), optional=True),
            self.tr("End of the period; a bare date includes that day. Where empty, the last day."),
        )
        yield (
            QgsProcessingParameterString(self.AS_OF, self.tr("As known on"), optional=True),
            self.tr(
                "Optional: report what the ledger knew at that moment: its incidents, lines, "
                "zones, sites, areas of control, posts and effort."
            ),
        )
        yield (
            QgsProcessingParameterString(
                self.COMPARE_WITH, self.tr("Compare with the report of"), optional=True
            ),
            self.tr(
                "Optional: the moment of the previous report, or its folder or manifest. The brief "
                "then says which incidents were corrected, withdrawn or recorded late since, and "
                "why; where it is empty, which were corrected or withdrawn since FROM."
            ),
        )
        yield (
            QgsProcessingParameterFeatureSource(
                self.AREA, self.tr("Area"), [QgsProcessing.SourceType.TypeVectorPolygon],
                optional=True,
            ),
            self.tr(
                "Optional: only incidents within these polygons, and those without a place, which "
                "may lie in them."
            ),
        )  # fmt: skip
        yield (
            QgsProcessingParameterString(self.TIMEZONE, self.tr("Time zone"), optional=True),
            self.tr("The theatre's, as Africa/Nairobi; where empty, the ledger's, else UTC."),
        )

    def _words(self):
        yield (
            QgsProcessingParameterString(self.TITLE_TEXT, self.tr("Title"), optional=True),
            self.tr("The title on the cover; where empty, one for the kind of brief."),
        )
        yield (
            QgsProcessingParameterString(self.THEATRE, self.tr("Theatre"), optional=True),
            self.tr("The theatre's name; where empty, the ledger's."),
        )
        yield (
            QgsProcessingParameterString(
                self.AGREEMENT, self.tr("Agreement in force"), optional=True
            ),
            self.tr(
                "The name of the agreement in force. Where empty, the brief says incident, never "
                "violation."
            ),
        )
        yield (
            QgsProcessingParameterNumber(
                self.DISTANCE, self.tr("Near means within (metres)"),
                QgsProcessingParameterNumber.Type.Double, None, optional=True, minValue=0.0,
            ),
            self.tr(
                "Only for the words: the distance with which the incidents were flagged. The "
                "ledger's findings bring it themselves."
            ),
        )  # fmt: skip

    def _form(self):
        choices = (
            (self.KIND, self.tr("Kind"), ["period", "daily", "weekly"], "period",
             self.tr(
                 "What the brief is: the review of a period (period), or the daily report with the "
                 "field's fixed sections, each printed also where it is nil or was not observed "
                 "(daily), or the weekly report with the trend over the eight periods up to it "
                 "and those sections (weekly). Without dates a daily report is that of the last "
                 "reporting day with data, a weekly one that of the seven days up to it."
             )),
            (self.TEMPLATE, self.tr("Template"), template_names(), "brief_a4_portrait",
             self.tr(
                 "The print layout. Your own templates (.qpt) lie in the folder "
                 "ceasefire_monitor/layouts of the QGIS profile; one with the name of a shipped "
                 "template takes its place."
             )),
            (self.PAPER, self.tr("Paper"), [AS_TEMPLATE, *PAPERS], AS_TEMPLATE,
             self.tr("The size of the pages; texts keep their size and the maps fill the page.")),
            (self.LANGUAGE, self.tr("Language"), _languages(), "en",
             self.tr("The language of the brief.")),
            (self.RELEASE, self.tr("Release level"), ["restricted", "confidential"], "restricted",
             self.tr(
                 "Who may read it. A restricted brief leaves out what is not known to be public or "
                 "restricted, ids and addresses at the sources, the positions of posts and "
                 "observers, and the reasons of changes, and says how many."
             )),
        )  # fmt: skip
        for name, title, options, default, words in choices:
            yield (
                QgsProcessingParameterEnum(
                    name, title, options=options, defaultValue=default, usesStaticStrings=True
                ),
                words,
            )
        yield (
            QgsProcessingParameterBoolean(self.REASONS, self.tr("Print reasons"), False),
            self.tr(
                "Print why records were changed in a restricted brief and its annex, as people "
                "typed it; read it first, for it may name somebody. A confidential brief does so "
                "always."
            ),
        )
        yield (
            QgsProcessingParameterFolderDestination(self.OUTPUT_FOLDER, self.tr("Folder")),
            self.tr("The folder for the brief; files of an earlier brief in it are replaced."),
        )

    def work(self, parameters, context, feedback, outputs):
        """Gather the material, make the brief, tell what was made."""
        require("shapely", "matplotlib", "jinja2")
        from ...reports.brief import make_brief

        folder = self.parameterAsString(parameters, self.OUTPUT_FOLDER, context).strip()
        if not folder:
            raise CeasefireError(
                self.tr("No folder was given for the brief: name one in OUTPUT_FOLDER.")
            )
        material, options = BriefRequest(self, parameters, context, feedback).gathered()

        def cancelled():
            if feedback.isCanceled():
                raise Cancelled(self.tr("The brief was stopped; nothing was written."))

        result = make_brief(
            material,
            options,
            Path(folder).absolute(),
            lambda share: feedback.setProgress(100 * share),
            cancelled,
        )
        self._tell(feedback, result)
        return {
            self.OUTPUT_FOLDER: folder,
            self.LEDGER: self.parameterAsString(parameters, self.LEDGER, context),
            "INCIDENTS": len(result.figures.entries),
            "VIOLATIONS": result.figures.own.now.low,
            "PAGES": result.pages,
            **{name: str(path) for name, path in result.files.items()},
        }

    def _tell(self, feedback, result) -> None:
        figures = result.figures
        feedback.pushInfo(
            self.tr("The brief has %1 pages and %2 incidents; it lies at %3.")
            .replace("%1", str(result.pages))
            .replace("%2", str(len(figures.entries)))
            .replace("%3", str(result.files["PDF"]))
        )
        if not figures.entries:
            feedback.pushWarning(self.tr("No incident falls into the period."))
        if result.missing_fonts:
            feedback.pushWarning(
                self.tr("This computer lacks the font %1; another one was used.").replace(
                    "%1", ", ".join(result.missing_fonts)
                )
            )


def _languages() -> list[str]:
    return sorted(path.parent.name for path in (ROOT / "resources" / "words").glob("*/labels.json"))
