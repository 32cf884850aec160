"""Algorithm ``ceasefire:comparelines``: proposed lines and zones held against the record."""

from __future__ import annotations

from qgis.core import (
    QgsFeature,
    QgsFeatureSink,
    QgsProcessing,
    QgsProcessingException,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
    QgsWkbTypes,
)

from ...model.errors import CeasefireError
from ...model.field import Field, Kind
from ..base import CeasefireAlgorithm
from ..fields import WGS84, qgis_fields, qgis_value
from ..libraries import require
from ..line.columns import not_written
from ..line.controlsource import theatre_of
from ..line.lineinput import (
    LEDGER,
    LINES,
    LineMaterial,
    add_choices,
    add_lines,
    add_parameter,
    span_asked,
    text_of,
)
from ..line.recordsink import write_records
from ..review.reviewparameters import write_page
from .scenariosource import of_the_period, scenarios_of, taken, things_of

INCIDENT_FIELDS = {
    "uncertainty_m": ("uncertainty_m",),
    "low": ("count_low", "count"),
    "high": ("count_high", "count_low", "count"),
    "from": ("occurred_from", "date_start", "event_date", "date"),
    "workflow": ("workflow",),
}
PLACE_FIELDS = {"low": ("population", "pop", "pop_max")}
SITE_FIELDS = {
    "kind": ("kind", "site_kind", "amenity", "type"),
    "uncertainty_m": ("uncertainty_m",),
}


class CompareLines(CeasefireAlgorithm):
    """What each proposed line or zone would mean, beside the others and today's line."""

    NAME = "comparelines"
    TITLE = "Compare proposed lines and zones"
    GROUP = "Proposals"
    GROUP_ID = "proposals"
    HELP = (
        "Holds proposals (candidate lines, or zones) against the record and the land, side by "
        "side. A line: its length and bends; incidents, places with their people, and sites on "
        "each side and within a distance; land that each side would gain and lose against today's "
        "line. A zone: its area, and what lies inside. Features of one name are one scenario.\n\n"
        "Each figure has its bounds: so many surely, so many possibly, by the uncertainty of "
        "places and lines. All distances and areas are geodesic. Nothing is ranked; with the "
        "parties' names exchanged, the figures are exchanged exactly. Withdrawn incidents are not "
        "counted. Keep proposals in a file of their own, not in the shared ledger; the sheet "
        "says “without prejudice” and bears the number of its copy."
    )

    SCENARIOS, SCENARIO_FIELD = "SCENARIOS", "SCENARIO_FIELD"
    INCIDENTS, PLACES, SITES, THEATRE = "INCIDENTS", "PLACES", "SITES", "THEATRE"
    DATE, FROM, TO, DISTANCE = "DATE", "FROM", "TO", "DISTANCE"
    OUTPUT, TABLE, SHEET, COPY = "OUTPUT", "TABLE", "SHEET", "COPY"

    def initAlgorithm(self, config=None):
        for parameter, words in (*self._layers(), *self._choices()):
            add_parameter(self, parameter, words)
        add_lines(self)
        add_choices(self)
        for parameter, words in self._outputs():
            add_parameter(self, parameter, words)
        for name, title in (("SCENARIO_COUNT", "Scenarios"), ("FIGURE_COUNT", "Figures")):
            self.addOutput(QgsProcessingOutputNumber(name, self.tr(title)))

    def _layers(self):
        tr, kinds = self.tr, QgsProcessing.SourceType
        yield (
            QgsProcessingParameterFeatureSource(
                self.SCENARIOS, tr("Scenarios"), [kinds.TypeVectorLine, kinds.TypeVectorPolygon]
            ),
            tr("The proposed lines, with left_party and right_party, or the proposed zones."),
        )
        yield (
            QgsProcessingParameterField(
                self.SCENARIO_FIELD, tr("Scenario's name"),
                parentLayerParameterName=self.SCENARIOS, optional=True,
            ),
            tr("Left empty, the field “scenario”, else the line's or zone's name."),
        )  # fmt: skip
        any_kind = [kinds.TypeVector]
        areas = [kinds.TypeVectorPolygon]
        for name, title, among, words in (
            (self.INCIDENTS, tr("Incidents"), any_kind, tr("Optional: the record.")),
            (self.PLACES, tr("Places"), any_kind,
             tr("Optional: populated places; the field “population” holds their people.")),
            (self.SITES, tr("Sites"), any_kind,
             tr("Optional: sites and infrastructure, counted by the field “kind”.")),
            (self.THEATRE, tr("Theatre"), areas,
             tr("Optional: the area in which land counts; a line that leaves it is refused.")),
        ):  # fmt: skip
            yield QgsProcessingParameterFeatureSource(name, title, among, optional=True), words

    def _choices(self):
        tr = self.tr
        for name, title, words in (
            (self.FROM, tr("Incidents from"),
             tr("As 2031-03-14; left empty, from the first one on.")),
            (self.TO, tr("Incidents to"), tr("That day included; left empty, to the last one.")),
            (self.DATE, tr("Today's line as of"),
             tr("The day whose line in force the proposals are compared with; left empty, now.")),
        ):  # fmt: skip
            yield QgsProcessingParameterString(name, title, optional=True), words
        yield (
            QgsProcessingParameterNumber(
                self.DISTANCE, tr("Near means within (metres)"),
                QgsProcessingParameterNumber.Type.Double, 5000.0, minValue=0.0,
            ),
            tr("The distance from the line within which things count as near."),
        )  # fmt: skip
        yield (
            QgsProcessingParameterString(self.COPY, tr("Number of the copy"), optional=True),
            tr("Stands on the sheet, so that each copy is known."),
        )

    def _outputs(self):
        tr, kinds = self.tr, QgsProcessing.SourceType
        yield (
            QgsProcessingParameterFeatureSink(self.OUTPUT, tr("Figures"), kinds.TypeVector),
            tr("One row a scenario, measure, side and kind, with bounds and today's figure."),
        )
        yield (
            QgsProcessingParameterFeatureSink(
                self.TABLE, tr("Side by side"), kinds.TypeVector, None, True
            ),
            tr("Optional: one row a measure, one column a scenario."),
        )
        yield (
            QgsProcessingParameterFileDestination(
                self.SHEET, tr("Sheet"), "HTML (*.html)", None, True
            ),
            tr("Optional: the comparison as a page to print."),
        )

    def work(self, parameters, context, feedback, outputs):
        """Read, compare, write the figures, the table and the sheet."""
        require("shapely", "pyproj")
        from ...analysis.scenario_records import SCENARIO_FIGURES, ScenarioSettings
        from ...analysis.scenarios import compare_scenarios

        source = self._source(parameters, self.SCENARIOS, context)
        asked = text_of(self, parameters, self.SCENARIO_FIELD, context)
        scenarios = scenarios_of(source, asked, context, feedback)
        today, zone, told = self._today(parameters, context, feedback)
        things = self._things(parameters, context, feedback, zone, told)
        settings = ScenarioSettings(
            self.parameterAsDouble(parameters, self.DISTANCE, context),
            today,
            theatre_of(self, parameters, context, feedback),
        )
        feedback.setProgress(30.0)
        figures, notes = compare_scenarios(scenarios, things, settings, feedback.isCanceled)
        for note in notes:
            feedback.pushWarning(note)
        for sentence in told:
            feedback.pushInfo(sentence)
        feedback.setProgress(80.0)
        output = write_records(
            self, outputs, self.OUTPUT, SCENARIO_FIGURES, figures, context, feedback
        )
        table = self._write_table(parameters, outputs, figures)
        sheet = self._write_sheet(parameters, context, outputs, figures, told + notes)
        return {
            self.OUTPUT: output,
            self.TABLE: table,
            self.SHEET: sheet,
            "SCENARIO_COUNT": len(scenarios),
            "FIGURE_COUNT": len(figures),
        }

    def _source(self, parameters, name: str, context):
        source = self.parameterAsSource(parameters, name, context)
        if source is None:
            raise QgsProcessingException(self.invalidSourceError(parameters, name))
        return source

    def _today(self, parameters, context, feedback):
        """Today's lines as prepared lines or None, the theatre's zone, and what is to be told."""
        from ...analysis.contact_line import prepare_lines
        from ...analysis.flag_sentences import zone_of

        none_given = parameters.get(LINES) in (None, "") and parameters.get(LEDGER) in (None, "")
        if none_given:
            zone = zone_of(text_of(self, parameters, "TIMEZONE", context) or "UTC")
            return None, zone, [self.tr("No line of today is given to compare with.")]
        material = LineMaterial.read(self, parameters, context, feedback)
        for note in material.notes:
            feedback.pushWarning(note)
        span = span_asked(self, parameters, self.DATE, material.zone, context)
        among = material.in_force(span)
        if not among:
            words = self.tr("No contact line was in force on %1: give another date or no lines.")
            raise CeasefireError(words.replace("%1", span[0].date().isoformat()))
        columns = material.lines.columns.take(list(among))
        told = self.tr("Today's line: %1.").replace("%1", span[0].date().isoformat())
        return prepare_lines(columns), material.zone, [told]

    def _things(self, parameters, context, feedback, zone, told: list) -> dict:
        """Incidents, places and sites, of those that are given."""
        from ...analysis.utc import instants

        result = {}
        for name, subject, fields in (
            (self.INCIDENTS, "incidents", INCIDENT_FIELDS),
            (self.PLACES, "places", PLACE_FIELDS),
            (self.SITES, "sites", SITE_FIELDS),
        ):
            if parameters.get(name) in (None, ""):
                continue
            source = self._source(parameters, name, context)
            what = self.tr("The layer “%1”").replace("%1", source.sourceName())
            things, columns = things_of(source, what, fields, context, feedback)
            if subject == "incidents":
                bounds = [
                    span_asked(self, parameters, bound, zone, context)
                    if text_of(self, parameters, bound, context)
                    else None
                    for bound in (self.FROM, self.TO)
                ]
                start = None if bounds[0] is None else instants([bounds[0][0]])[0]
                end = None if bounds[1] is None else instants([bounds[1][1]])[0]
                if start is not None and end is not None and start >= end:
                    raise CeasefireError(self.tr("FROM is after TO: exchange them."))
                things = taken(things, of_the_period(columns, start, end, zone))
            told.append(f"{subject.capitalize()}: {len(things):,} rows of “{source.sourceName()}”.")
            result[subject] = things
        return result

    def _write_table(self, parameters, outputs, figures):
        """The figures side by side, one column a scenario; None where it is not asked for."""
        from ...reports.scenario_sheet import side_by_side

        names, rows = side_by_side(figures)
        fields = [Field(one, Kind.TEXT, one.capitalize()) for one in ("subject", "measure", "side")]
        fields += [Field(one, Kind.TEXT, one.capitalize()) for one in ("kind", "unit")]
        fields.append(Field("today", Kind.REAL, "Today's line"))
        fields += [Field(f"scenario_{i + 1}", Kind.REAL, name) for i, name in enumerate(names)]
        fields += [Field(f"low_{i + 1}", Kind.REAL, f"{n}, at least") for i, n in enumerate(names)]
        fields += [Field(f"high_{i + 1}", Kind.REAL, f"{n}, at most") for i, n in enumerate(names)]
        sink, destination = outputs.sink(
            self.TABLE, qgis_fields(fields), QgsWkbTypes.Type.NoGeometry, WGS84
        )
        if sink is None:
            return destination
        for key, today, cells in rows:
            values = [*key, today]
            for part in ("value", "low", "high"):
                values += [None if one is None else getattr(one, part) for one in cells]
            feature = QgsFeature()
            feature.setAttributes([qgis_value(value) for value in values])
            if not sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert):
                raise CeasefireError(not_written(self, sink))
        return destination

    def _write_sheet(self, parameters, context, outputs, figures, told):
        from ...reports.scenario_sheet import scenario_sheet

        sheet = self.parameterAsFileOutput(parameters, self.SHEET, context)
        if sheet:
            copy = text_of(self, parameters, self.COPY, context)
            write_page(outputs, sheet, scenario_sheet(figures, told, copy).html())
        return sheet
