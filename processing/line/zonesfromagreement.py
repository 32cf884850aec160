"""Algorithm ``ceasefire:zonesfromagreement``: the zones and limits that an agreement draws."""

from __future__ import annotations

import contextlib
import dataclasses
from datetime import timedelta
from typing import Any, Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingException,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from ...model.agreement_zone import AGREEMENT_ZONES
from ..base import CeasefireAlgorithm
from ..ledger.zone import theatre_zone
from ..libraries import require
from ..rules.agreementsource import AGREEMENT_FILES, agreement_of
from .lineinput import FIELDS, add_parameter, span_asked, text_of
from .linesource import LineFields, lines_of_records, lines_of_source
from .recordsink import write_records


class ZonesFromAgreement(CeasefireAlgorithm):
    """The zones and withdrawal limits of an agreement on a date, as polygons."""

    NAME = "zonesfromagreement"
    TITLE = "Zones that an agreement draws"
    GROUP = "Agreements"
    GROUP_ID = "agreements"
    HELP = (
        "Draws what the clauses of an agreement draw: zones along a line, between two lines, by "
        "coordinates or by the name of a zone in your layer, and the limits of withdrawals and "
        "no-fly distances, for each side and weapon class. Each is measured from the line that "
        "the agreement names for that side: the one in force on the date, or the one of a fixed "
        "day. Distances are geodesic, on one side of the line; at an open end a band stops at the "
        "perpendicular. A width in the text counts both sides together: a zone 50 km wide is 25 km "
        "on each side. What could not be drawn is named in the log with the reason. A draft is "
        "drawn as if it were agreed. Agreements are JSON files; templates are in the plugin's "
        "folder resources/agreements."
    )

    AGREEMENT = "AGREEMENT"
    LINES = "LINES"
    ZONES = "ZONES"
    DATE = "DATE"
    TIMEZONE = "TIMEZONE"
    LEDGER = "LEDGER"
    OUTPUT = "OUTPUT"

    def initAlgorithm(self, config=None):
        self._add_inputs()
        self._add_choices()
        add_parameter(
            self,
            QgsProcessingParameterFeatureSink(
                self.OUTPUT,
                self.tr("Zones of the agreement"),
                QgsProcessing.SourceType.TypeVectorPolygon,
            ),
            self.tr(
                "One polygon for each zone, side, band and weapon class, with its clause, the line "
                "it was drawn from, and its dates."
            ),
        )
        self.addOutput(QgsProcessingOutputNumber("DRAWN", self.tr("Zones drawn")))
        self.addOutput(QgsProcessingOutputNumber("NOT_DRAWN", self.tr("Zones not drawn")))

    def _add_inputs(self) -> None:
        tr, source = self.tr, QgsProcessing.SourceType
        for parameter, help_text in (
            (
                QgsProcessingParameterFile(
                    self.AGREEMENT, tr("Agreement"), fileFilter=AGREEMENT_FILES, optional=True
                ),
                tr(
                    "The agreement's JSON file, or the id of an agreement in the ledger. Left "
                    "empty, the ledger's only one."
                ),
            ),
            (
                QgsProcessingParameterFeatureSource(
                    self.LINES, tr("Contact lines"), [source.TypeVectorLine], optional=True
                ),
                tr(
                    "Lines with kind, name, parties on both sides and dates. Left empty, the "
                    "ledger's; an agreement that draws nothing from lines needs none."
                ),
            ),
            (
                QgsProcessingParameterFeatureSource(
                    self.ZONES, tr("Zones"), [source.TypeVectorPolygon], optional=True
                ),
                tr(
                    "Areas that the agreement names, found by id or name. Left empty, the ledger's."
                ),
            ),
        ):
            add_parameter(self, parameter, help_text)

    def _add_choices(self) -> None:
        tr = self.tr
        for parameter, help_text in (
            (
                QgsProcessingParameterString(self.DATE, tr("Date"), optional=True),
                tr(
                    "What is in force then: as things stand at the end of a bare day, such as "
                    "2031-03-14, or at the time given with it. Now if empty."
                ),
            ),
            (
                QgsProcessingParameterString(
                    self.TIMEZONE, tr("Theatre's time zone"), optional=True
                ),
                tr(
                    "Dates and times of lines, zones and DATE without a zone are read as of this "
                    "zone. Where empty, the ledger's; without a ledger, the agreement's."
                ),
            ),
            (
                QgsProcessingParameterFile(
                    self.LEDGER,
                    tr("Ledger"),
                    fileFilter="GeoPackage (*.gpkg);;All files (*)",
                    optional=True,
                ),
                tr("Optional: the ledger from which agreement, lines and zones are taken."),
            ),
        ):
            add_parameter(self, parameter, help_text)
        for name, title, usual in FIELDS:
            add_parameter(
                self,
                QgsProcessingParameterField(
                    name, tr(title), parentLayerParameterName=self.LINES, optional=True
                ),
                tr("Left empty, the field “%1” is used if it is there.").replace("%1", usual),
                advanced=True,
            )

    def work(self, parameters, context, feedback, outputs):
        require("shapely", "pyproj")
        from ...analysis.agreement_zones import draw_zones

        material = _Material.read(self, parameters, context, feedback)
        for note in material.notes:
            feedback.pushWarning(note)
        start, end = span_asked(self, parameters, self.DATE, material.zone, context)
        moment = start if end == start else end - timedelta(microseconds=1)
        drawn = draw_zones(
            material.agreement,
            material.lines,
            material.zones,
            moment,
            progress=lambda share: feedback.setProgress(90.0 * share),
            cancelled=feedback.isCanceled,
        )
        for aside in drawn.asides:
            feedback.pushInfo(aside)
        for note in drawn.notes:
            feedback.pushWarning(note)
        destination = write_records(
            *(self, outputs, self.OUTPUT, AGREEMENT_ZONES, drawn.zones),
            *(context, feedback, "agreement_zones"),
        )
        feedback.pushInfo(
            self.tr("%1 zones of “%2” were drawn; %3 could not be.")
            .replace("%1", f"{len(drawn.zones):,}")
            .replace("%2", material.agreement.title)
            .replace("%3", f"{drawn.not_drawn:,}")
        )
        feedback.setProgress(100.0)
        return {
            self.OUTPUT: destination,
            "DRAWN": len(drawn.zones),
            "NOT_DRAWN": drawn.not_drawn,
        }


@dataclasses.dataclass
class _Material:
    """What one run works on; ``lines`` and ``zones`` are None where there are none."""

    agreement: Any
    lines: Any
    zones: Any
    zone: Any
    notes: list[str]

    @classmethod
    def read(cls, algorithm, parameters, context, feedback) -> _Material:
        """Read what the parameters name, and the rest from the ledger."""
        from ...analysis.agreement_notes import agreement_notes
        from ...analysis.flag_sentences import zone_of
        from ..ledger.place import open_place

        path = text_of(algorithm, parameters, algorithm.LEDGER, context)
        opened = open_place(path, readonly=True) if path else contextlib.nullcontext()
        with opened as ledger:
            given = text_of(algorithm, parameters, algorithm.AGREEMENT, context)
            agreement, _ = agreement_of(given, ledger)
            asked = text_of(algorithm, parameters, algorithm.TIMEZONE, context)
            if path is None and asked is None:
                asked = agreement.timing.timezone
            zone = zone_of(theatre_zone(algorithm, asked, path, feedback))
            lines, notes = _lines(algorithm, parameters, context, feedback, ledger, zone)
            zones = _zones(algorithm, parameters, context, feedback, ledger, zone)
        return cls(agreement, lines, zones, zone, agreement_notes(agreement) + notes)


def _lines(algorithm, parameters, context, feedback, ledger, zone):
    source = _source(algorithm, parameters, algorithm.LINES, context)
    if source is not None:
        asked = LineFields(
            *(text_of(algorithm, parameters, name, context) for name, _, _ in FIELDS)
        )
        return lines_of_source(source, asked, zone, context, feedback)
    records = ledger.read("contact_lines") if ledger is not None else []
    return (lines_of_records(records) if records else None), []


def _zones(algorithm, parameters, context, feedback, ledger, zone) -> Optional[Any]:
    from ...analysis.agreement_zones import ZoneColumns
    from ..rules.landsource import zones_of_records, zones_of_source

    source = _source(algorithm, parameters, algorithm.ZONES, context)
    if source is not None:
        given = zones_of_source(source, zone, context, feedback)
    else:
        records = ledger.read("zones") if ledger is not None else []
        if not records:
            return None
        given = zones_of_records(records)
    return ZoneColumns(given.zone_id, given.name, given.geometry, given.valid_from, given.valid_to)


def _source(algorithm, parameters, name: str, context):
    """The source of an optional layer; None where none was given."""
    if parameters.get(name) in (None, ""):
        return None
    source = algorithm.parameterAsSource(parameters, name, context)
    if source is None:
        raise QgsProcessingException(algorithm.invalidSourceError(parameters, name))
    return source
