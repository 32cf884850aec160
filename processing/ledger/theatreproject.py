"""``ceasefire:theatreproject``: a QGIS project for a ledger, ready to work in."""

from __future__ import annotations

from pathlib import Path

from qgis.core import (
    Qgis,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProject,
    QgsRectangle,
)

from ...model.errors import Cancelled, CeasefireError
from ..base import CeasefireAlgorithm
from ..fields import WGS84


class TheatreProject(CeasefireAlgorithm):
    """Writes the project; the ledger is only read."""

    NAME = "theatreproject"
    TITLE = "Project of a theatre"
    GROUP = "Ledger"
    GROUP_ID = "ledger"
    HELP = (
        "Writes a QGIS project for a ledger, ready to work in: its layers in groups with the "
        "styles, labels and forms that are kept in the ledger, lines in force apart from earlier "
        "ones, the tables for the lists in forms; layers that follow QGIS's temporal controller, "
        "whose range is that of the incidents in steps of a day; a spatial bookmark for the "
        "theatre and for each zone that has a name; three map sheets; and, among the project's "
        "properties, the theatre's name, time zone and reporting day.\n\n"
        "AREA is what the map opens with; where empty, the ledger's lines, areas, zones, posts and "
        "sites say where the theatre is, else its incidents. The map is in the UTC zone of its "
        "middle, or in degrees where the theatre is wider than one.\n"
        "PROJECT is the file to write (.qgz); one that exists is never written over, for somebody "
        "may have changed it. Paths in it are relative: keep it beside the ledger."
    )

    LEDGER = "LEDGER"
    AREA = "AREA"
    PROJECT = "PROJECT"
    LAYERS = "LAYERS"

    def flags(self):
        """On the main thread: a project belongs to it."""
        return super().flags() | Qgis.ProcessingAlgorithmFlag.NoThreading

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add(
            QgsProcessingParameterFile(
                self.LEDGER, self.tr("Ledger"), fileFilter="GeoPackage (*.gpkg);;All files (*)"
            ),
            self.tr("The ledger's file, or connection/schema of a team's; it is only read."),
        )
        self.add(
            QgsProcessingParameterExtent(self.AREA, self.tr("Area"), optional=True),
            self.tr("What the map opens with; the ledger says where it is empty."),
        )
        self.add(
            QgsProcessingParameterFileDestination(
                self.PROJECT, self.tr("Project"), fileFilter="QGIS project (*.qgz)"
            ),
            self.tr("The project's file to write; one that exists is never written over."),
        )
        self.addOutput(QgsProcessingOutputNumber(self.LAYERS, self.tr("Number of layers")))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def work(self, parameters, context, feedback, outputs):
        """Put the project together and write it beside its final name."""
        from .place import open_place

        path = self.parameterAsString(parameters, self.LEDGER, context).strip()
        final = Path(self.parameterAsFileOutput(parameters, self.PROJECT, context))
        if final.suffix.lower() != ".qgz":
            final = final.with_name(final.name + ".qgz")
        if final.exists():
            raise CeasefireError(
                self.tr(
                    "“%1” is there already, and somebody may have changed it: give the project "
                    "another name, or remove that file first."
                ).replace("%1", str(final))
            )
        area = self.parameterAsExtent(parameters, self.AREA, context, WGS84)
        with open_place(path, readonly=True) as ledger:
            settings = ledger.settings()
        project = QgsProject()
        try:
            self._fill(project, path, settings, area, feedback)
            self._write(project, outputs.file(final))
            count = project.count()
        finally:
            project.clear()
        feedback.pushInfo(
            self.tr("Wrote the project “%1” with %2 layers.")
            .replace("%1", str(final))
            .replace("%2", str(count))
        )
        return {self.PROJECT: str(final), self.LAYERS: count, self.LEDGER: path}

    def _fill(self, project: QgsProject, path: str, settings, area: QgsRectangle, feedback):
        from ...reports.layout.relations import relate
        from .projectframe import (
            add_bookmarks,
            extent_of,
            keep_entries,
            period_of,
            set_place,
            set_time,
        )
        from .projectlayers import GROUP, TABLES_GROUP, add_group, land_layers, table_layers
        from .projectlayout import add_layouts

        theatre = settings.get("theatre") or Path(path).stem
        project.setTitle(theatre)
        project.setFilePathStorage(Qgis.FilePathType.Relative)
        land = self._told(feedback, 0, self.tr("Opening the layers …"), lambda: land_layers(path))
        tables = self._told(
            feedback, 40, self.tr("Opening the tables …"), lambda: table_layers(path)
        )
        add_group(project, GROUP, land)
        add_group(project, TABLES_GROUP, tables, closed=True)
        self._told(feedback, 70, self.tr("Relating the tables …"), lambda: relate(project))
        by_name = {layer.name(): layer for layer in land}
        extent = area if not area.isNull() else extent_of(land)
        set_place(project, extent)
        keep_entries(project, {**settings, "theatre": theatre})
        zone, starts = settings.get("timezone"), settings.get("reporting_day_start")
        set_time(project, period_of(by_name["Incidents"], zone, starts))
        add_bookmarks(project, theatre, extent, by_name["Zones"])
        self._told(
            feedback,
            85,
            self.tr("Laying out the map sheets …"),
            lambda: add_layouts(project, extent, land),
        )

    def _told(self, feedback, percent: int, sentence: str, step):
        """One step, announced; QGIS handles its events in between."""
        if feedback.isCanceled():
            raise Cancelled(self.tr("Stopped; no project was written."))
        feedback.pushInfo(sentence)
        feedback.setProgress(percent)
        return step()

    def _write(self, project: QgsProject, beside: str) -> None:
        # Paths are relative to the folder, which is that of the final name as well.
        project.setFileName(beside)
        if not project.write():
            raise CeasefireError(
                self.tr(
                    "The project could not be written (%1). Free some room or choose another "
                    "folder, and run it again."
                ).replace("%1", project.error())
            )
