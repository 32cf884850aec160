"""``ceasefire:makedemo``: the main job on the demo theatre, from its feeds to a printed brief."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from qgis.core import (
    Qgis,
    QgsProcessingContext,
    QgsProcessingMultiStepFeedback,
    QgsProcessingOutputFile,
    QgsProcessingOutputString,
    QgsProcessingParameterFolderDestination,
)

from ...model.errors import Cancelled
from ..base import ROOT, CeasefireAlgorithm

THEATRE = ROOT / "resources" / "demo"
# The tables that are added as they lie, and what each file of the theatre holds.
LAND = (
    ("posts.csv", "posts"),
    ("effort.csv", "effort"),
    ("zones.geojson", "zones"),
    ("sites.geojson", "sites"),
    ("control_areas.geojson", "control_areas"),
)


class MakeDemo(CeasefireAlgorithm):
    """Runs the plugin's own algorithms one after the other on the theatre that ships with it."""

    NAME = "makedemo"
    TITLE = "Make the demo"
    GROUP = "Demo"
    GROUP_ID = "demo"
    HELP = (
        "Makes a ledger, a printed brief and a QGIS project of the demo theatre, an invented "
        "island with three parties, with the same algorithms that do the work on real data: "
        "create ledger, add to ledger, import incidents, contact line from areas of control, "
        "kilometre points, flag incidents, zones of the agreement, check its rules, brief.\n\n"
        "OUTPUT_FOLDER receives ledger.gpkg, the folder brief (brief.pdf, annex.gpkg, "
        "incidents.csv, manifest.json), agreement.json, agreement_zones.gpkg, kilometres.gpkg, "
        "the folder background and demo.qgz. Everything is made beside it first and put in its "
        "place at the end: what an earlier run made is replaced, other files in the folder are "
        "left alone, and where something fails nothing changes."
    )

    OUTPUT_FOLDER = "OUTPUT_FOLDER"

    def flags(self):
        """On the main thread: the brief's pages are laid out there."""
        return super().flags() | Qgis.ProcessingAlgorithmFlag.NoThreading

    def initAlgorithm(self, configuration=None):
        """The folder, and what is made in it."""
        folder = QgsProcessingParameterFolderDestination(self.OUTPUT_FOLDER, self.tr("Folder"))
        folder.setHelp(self.tr("The folder to make the demo in."))
        self.addParameter(folder)
        self.addOutput(QgsProcessingOutputString("LEDGER", self.tr("Ledger")))
        for name, title in (
            ("BRIEF", self.tr("Brief")),
            ("ANNEX", self.tr("Data annex")),
            ("PROJECT", self.tr("Project")),
        ):
            self.addOutput(QgsProcessingOutputFile(name, title))

    def work(self, parameters, context, feedback, outputs):
        """Make all of it in a folder beside, then put it in its place."""
        from .project import write_project
        from .workshop import Workshop

        final = Path(self.parameterAsString(parameters, self.OUTPUT_FOLDER, context)).absolute()
        settings = json.loads((THEATRE / "theatre.json").read_text(encoding="utf-8"))
        with Workshop(final) as workshop:
            _Job(self, workshop.folder, settings, feedback).run()
            feedback.pushInfo(self.tr("Writing the QGIS project …"))
            write_project(workshop.folder, THEATRE, settings)
            workshop.put_in_place()
        made = {
            "LEDGER": final / "ledger.gpkg",
            "BRIEF": final / "brief" / "brief.pdf",
            "ANNEX": final / "brief" / "annex.gpkg",
            "PROJECT": final / "demo.qgz",
        }
        self._tell(feedback, made)
        return {self.OUTPUT_FOLDER: str(final), **{name: str(path) for name, path in made.items()}}

    def _tell(self, feedback, made: dict) -> None:
        sentences = (
            (self.tr("The ledger is %1."), "LEDGER"),
            (self.tr("The brief is %1."), "BRIEF"),
            (self.tr("Its data annex is %1."), "ANNEX"),
            (self.tr("The QGIS project is %1; open it to look around."), "PROJECT"),
        )
        for sentence, name in sentences:
            feedback.pushInfo(sentence.replace("%1", str(made[name])))


class _Job:
    """The steps of the main job, each an algorithm of the provider."""

    def __init__(self, algorithm: MakeDemo, folder: Path, settings: dict, feedback):
        self.algorithm = algorithm
        self.folder = folder
        self.settings = settings
        self.ledger = str(folder / "ledger.gpkg")
        self.agreement = folder / "agreement.json"
        shutil.copyfile(THEATRE / "agreement.json", self.agreement)
        self.steps = [*self._land(), *self._feeds(), *self._line(), *self._findings()]
        self.feedback = feedback
        self.progress = QgsProcessingMultiStepFeedback(len(self.steps), feedback)

    def run(self) -> None:
        """All steps in order; each in a context of its own, so that no layer stays open."""
        import processing

        for number, (words, identifier, parameters) in enumerate(self.steps):
            if self.feedback.isCanceled():
                raise Cancelled(self.algorithm.tr("The demo was stopped; nothing was changed."))
            self.progress.setCurrentStep(number)
            self.feedback.pushInfo(
                self.algorithm.tr("Step %1 of %2: %3")
                .replace("%1", str(number + 1))
                .replace("%2", str(len(self.steps)))
                .replace("%3", words)
            )
            context = QgsProcessingContext()
            context.setFeedback(self.progress)
            processing.run(
                identifier,
                parameters,
                feedback=self.progress,
                context=context,
                is_child_algorithm=True,
            )

    def _land(self):
        tr, settings = self.algorithm.tr, self.settings
        yield (
            tr("making the ledger of %1").replace("%1", settings["theatre"]),
            "ceasefire:createledger",
            {
                "THEATRE": settings["theatre"],
                "TIMEZONE": settings["timezone"],
                "REPORTING_DAY_START": settings["reporting_day_start"],
                "LEDGER": self.ledger,
            },
        )
        for name, table in LAND:
            yield self._add(str(THEATRE / name), table)

    def _add(self, source: str, table: str):
        words = self.algorithm.tr("adding %1 to the ledger").replace("%1", table.replace("_", " "))
        why = self.algorithm.tr("the demo theatre's own")
        parameters = {"INPUT": source, "TABLE": table, "LEDGER": self.ledger, "WHY": why}
        return words, "ceasefire:addtoledger", parameters

    def _feeds(self):
        for feed in self.settings["feeds"]:
            mapping = feed.get("mapping")
            yield (
                self.algorithm.tr("importing %1").replace("%1", feed["file"]),
                "ceasefire:importincidents",
                {
                    "INPUT": str(THEATRE / feed["file"]),
                    "PRESET": feed["preset"],
                    "MAPPING": json.dumps(mapping) if mapping else "",
                    "TIMEZONE": self.settings["timezone"],
                    "POSTS": str(THEATRE / "posts.csv"),
                    "LEDGER": self.ledger,
                    "OUTPUT": "TEMPORARY_OUTPUT",
                },
            )

        yield (
            self.algorithm.tr("adding a feed, paused, that reads the third party's file again"),
            "ceasefire:addfeed",
            {
                "LEDGER": self.ledger,
                "NAME": "Third party",
                "SOURCE": "url",
                "ADDRESS": str(THEATRE / "third_party.csv"),
                "PRESET": "acled",
                "MAPPING": json.dumps({"source": {"value": "Event Watch"}}),
                "ENABLED": "no",
                "WHY": self.algorithm.tr("the demo theatre's own"),
            },
        )

    def _line(self):
        lines = str(self.folder / "contact_lines.gpkg")
        yield (
            self.algorithm.tr("drawing the contact lines from the areas of control"),
            "ceasefire:linefromcontrol",
            {
                "INPUT": str(THEATRE / "control_areas.geojson"),
                "THEATRE": str(THEATRE / "theatre.geojson"),
                "PARTY_FIELD": "holder",
                "DATE_FIELD": "valid_from",
                "UNCERTAINTY": self.settings["line_uncertainty_m"],
                "TIMEZONE": self.settings["timezone"],
                "OUTPUT": lines,
            },
        )
        yield self._add(lines, "contact_lines")
        yield (
            self.algorithm.tr("marking the kilometres of the contact line"),
            "ceasefire:linepositions",
            {
                "LINES": lines,
                "DATE": self.settings["brief_to"],
                "TIMEZONE": self.settings["timezone"],
                "OUTPUT": str(self.folder / "kilometres.gpkg"),
            },
        )

    def _findings(self):
        yield (
            self.algorithm.tr("flagging the incidents"),
            "ceasefire:flagincidents",
            {
                "INPUT": f"{self.ledger}|layername=incidents",
                "LINES": f"{self.ledger}|layername=contact_lines",
                "ZONES": f"{self.ledger}|layername=zones",
                "CONTROL": f"{self.ledger}|layername=control_areas",
                "DISTANCE": self.settings["near_m"],
                "TIMEZONE": self.settings["timezone"],
                "LEDGER": self.ledger,
                "OUTPUT": "TEMPORARY_OUTPUT",
            },
        )
        agreement = {
            "AGREEMENT": str(self.agreement),
            "TIMEZONE": self.settings["timezone"],
            "LEDGER": self.ledger,
        }
        yield (
            self.algorithm.tr("drawing the zones of the agreement"),
            "ceasefire:zonesfromagreement",
            {
                **agreement,
                "DATE": self.settings["brief_to"],
                "OUTPUT": str(self.folder / "agreement_zones.gpkg"),
            },
        )
        yield (
            self.algorithm.tr("checking the rules of the agreement"),
            "ceasefire:checkrules",
            {
                **agreement,
                "INPUT": f"{self.ledger}|layername=incidents",
                "OUTPUT": "TEMPORARY_OUTPUT",
            },
        )
        yield (
            self.algorithm.tr("printing the brief"),
            "ceasefire:brief",
            {
                "LEDGER": self.ledger,
                "FROM": self.settings["brief_from"],
                "TO": self.settings["brief_to"],
                "AGREEMENT": self.settings["agreement"],
                "OUTPUT_FOLDER": str(self.folder / "brief"),
            },
        )
