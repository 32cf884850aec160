"""``ceasefire:harmtotals``: totals of harm to people, each person once."""

from __future__ import annotations

from qgis.core import (
    QgsCoordinateTransform,
    QgsGeometry,
    QgsPointXY,
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterString,
)

from ...model.errors import CeasefireError
from ...model.field import Field, Kind
from ..fields import WGS84
from ..ledger.theatretime import zone_parameter
from .reviewparameters import ReviewAlgorithm

TOTALS = (
    Field("dimension", Kind.TEXT, "Broken down by"),
    Field("value", Kind.TEXT, "Value"),
    Field("outcome", Kind.TEXT, "Outcome"),
    Field("standing", Kind.TEXT, "Reported or corroborated"),
    Field("low", Kind.INTEGER, "Persons, at least"),
    Field("best", Kind.INTEGER, "Persons, best estimate"),
    Field("high", Kind.INTEGER, "Persons, at most"),
    Field("died_later", Kind.INTEGER, "Of which died later"),
    Field("persons", Kind.INTEGER, "Recorded one by one"),
    Field("groups", Kind.INTEGER, "Groups"),
    Field("undetermined", Kind.INTEGER, "Groups without any number"),
    Field("without_best", Kind.INTEGER, "Groups without a best estimate"),
    Field("open_ended", Kind.INTEGER, "Groups without a number at most"),
)
FEEDS = (
    Field("source", Kind.TEXT, "Source"),
    Field("rows", Kind.INTEGER, "Incidents with figures"),
    Field("deaths_low", Kind.INTEGER, "Deaths, low"),
    Field("deaths_best", Kind.INTEGER, "Deaths, best"),
    Field("deaths_high", Kind.INTEGER, "Deaths, high"),
    Field("civilian_deaths", Kind.INTEGER, "Civilian deaths"),
    Field("injured", Kind.INTEGER, "Injured"),
)
STEPS = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m", "year": "%Y"}
NOT_KNOWN = "not known"
TOLD = 10


class HarmTotals(ReviewAlgorithm):
    """Counts the ledger's records of harm, reported and corroborated apart."""

    NAME = "harmtotals"
    TITLE = "Totals of harm to people"
    HELP = (
        "Counts the ledger's records of harm: by outcome and, of each outcome, by civilian status, "
        "sex, age group, cause, period and area. Reported and corroborated stand apart and do not "
        "hold each other's people; a record is corroborated by the independent sources that the "
        "setting corroboration_sources asks for, or by its verification.\n\n"
        "A person counts once: as dead where any record says so, and told “of which died later”; "
        "else under the latest record. Persons that a group of the same event holds too are taken "
        "out of the group. Of linked incidents of one event, one incident's groups count. Refuted "
        "records, and those of refuted or withdrawn incidents, are left out; groups whose numbers "
        "are below zero or out of order are set aside and told. What is not known is never zero: "
        "what nobody recorded has no row, and where any group lacks a best estimate or a number "
        "at most, the sum has none. Case and spaces do not tell persons' codes apart.\n\n"
        "The feeds' own figures stand in a second table, by source; they are never added to these."
    )

    FROM, TO = "FROM", "TO"
    AREA = "AREA"
    STEP = "STEP"
    OUTPUT = "OUTPUT"
    FEEDS = "FEEDS"
    COUNTS = (
        ("DIED_CORROBORATED", "Dead, corroborated, at least"),
        ("DIED_REPORTED", "Dead, reported alone, at least"),
        ("PERSONS", "Persons recorded one by one"),
        ("GROUPS", "Groups counted"),
        ("REFUTED", "Records refuted"),
        ("WITHDRAWN", "Records of withdrawn incidents"),
        ("WITHIN_GROUPS", "Persons that a group holds too"),
        ("SAME_EVENT", "Groups of another incident of the same event"),
        ("SET_ASIDE", "Groups whose numbers cannot be so"),
    )

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger(self.tr("The ledger whose records of harm are counted; it is only read."))
        for name, title, words in (
            (self.FROM, self.tr("From"), self.tr("The beginning; all that is recorded if empty.")),
            (self.TO, self.tr("To"), self.tr("The end; a bare date includes that reporting day.")),
        ):
            self.add(QgsProcessingParameterString(name, title, optional=True), words)
        self.add(*zone_parameter(self, self.TIMEZONE))
        self.add(
            QgsProcessingParameterFeatureSource(
                self.AREA,
                self.tr("Area"),
                [QgsProcessing.SourceType.TypeVectorPolygon],
                optional=True,
            ),
            self.tr("Count only harm of incidents that lie in these polygons."),
        )
        self.add(
            QgsProcessingParameterEnum(
                self.STEP,
                self.tr("Periods by"),
                options=list(STEPS),
                defaultValue="month",
                usesStaticStrings=True,
            ),
            self.tr("How long one period of the table is, in the theatre's time."),
        )
        for name, title, words in (
            (self.OUTPUT, self.tr("Totals"), self.tr("A table of the totals.")),
            (self.FEEDS, self.tr("Feeds' figures"), self.tr("The feeds' own figures, by source.")),
        ):
            kind = QgsProcessing.SourceType.TypeVector
            optional = name == self.FEEDS
            self.add(QgsProcessingParameterFeatureSink(name, title, kind, optional=optional), words)
        for name, title in self.COUNTS:
            self.addOutput(QgsProcessingOutputNumber(name, self.tr(title)))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def work(self, parameters, context, feedback, outputs):
        """Read harm, incidents and links; count; write both tables."""
        from ...analysis.harm_totals import feed_figures, harm_totals, in_period
        from ...ledger.reviewsettings import CORROBORATION_SOURCES, whole

        with self.open_ledger(parameters, context, readonly=True) as ledger:
            needed = whole(ledger.settings(), CORROBORATION_SOURCES)
            time = self.theatre_time(parameters, context, ledger)
            start, end = self.period(parameters, context, time)
            harm, links = ledger.read("harm"), ledger.read("links")
            incidents = ledger.read("incidents")
        self.stop_if_cancelled(feedback)
        inside = self._inside(parameters, context, incidents, feedback)
        within = in_period(start, end)
        step = STEPS[self.chosen(parameters, self.STEP, context)]
        totals = harm_totals(
            harm,
            incidents,
            links,
            needed,
            keep=lambda unit: within(unit) and (inside is None or unit.incident_id in inside),
            dimensions=_dimensions(incidents, time.zone, step),
        )
        feeds = feed_figures(_of_period(incidents, start, end, inside))
        destination = self.write_rows(
            outputs, self.OUTPUT, TOTALS, map(_row, totals.rows), feedback
        )
        beside = self.write_rows(outputs, self.FEEDS, FEEDS, map(_feed, feeds), feedback)
        counts = _counts(totals)
        self._tell(feedback, totals, feeds, counts, needed)
        return {
            **counts,
            self.OUTPUT: destination,
            self.FEEDS: beside,
            self.LEDGER: self.ledger_place(parameters, context),
        }

    def _inside(self, parameters, context, incidents, feedback):
        """The ids of the incidents in AREA; None where there is none."""
        source = self.parameterAsSource(parameters, self.AREA, context)
        if source is None:
            return None
        transform = QgsCoordinateTransform(source.sourceCrs(), WGS84, context.transformContext())
        shapes = []
        for feature in source.getFeatures():
            geometry = QgsGeometry(feature.geometry())
            if not geometry.isEmpty():
                geometry.transform(transform)
                shapes.append(geometry)
        if not shapes:
            raise CeasefireError(self.tr("AREA has no polygon: choose a layer that has."))
        area = QgsGeometry.unaryUnion(shapes)
        engine = QgsGeometry.createGeometryEngine(area.constGet())
        engine.prepareGeometry()
        found = set()
        for item in incidents:
            self.stop_if_cancelled(feedback)
            if item.longitude is not None and item.latitude is not None:
                point = QgsGeometry.fromPointXY(QgsPointXY(item.longitude, item.latitude))
                if engine.intersects(point.constGet()):
                    found.add(item.incident_id)
        return found

    def _tell(self, feedback, totals, feeds, counts, needed: int) -> None:
        feedback.pushInfo(
            self.tr(
                "Corroborated means at least %1 independent sources, or verified as such."
            ).replace("%1", str(needed))
        )
        for row in totals.rows:
            if row.dimension == "all":
                feedback.pushInfo(_sentence(row))
        if not totals.units:
            feedback.pushInfo(self.tr("No harm is recorded: that is not known, not zero."))
        for key, one, many in (
            (
                "REFUTED",
                self.tr("One record is refuted and left out."),
                self.tr("%1 records are refuted and left out."),
            ),
            (
                "WITHDRAWN",
                self.tr("One record belongs to a withdrawn incident and is left out."),
                self.tr("%1 records belong to withdrawn incidents and are left out."),
            ),
            (
                "WITHIN_GROUPS",
                self.tr("One person stands in a group too and is counted once."),
                self.tr("%1 persons stand in a group too and are counted once."),
            ),
            (
                "SAME_EVENT",
                self.tr("One group tells of an event that another incident tells of."),
                self.tr("%1 groups tell of an event that another incident tells of."),
            ),
        ):
            if counts[key]:
                feedback.pushInfo(self.counted(counts[key], one, many))
        self._warn(feedback, totals, feeds)

    def _warn(self, feedback, totals, feeds) -> None:
        """What was set aside, and what contradicts itself."""
        unsound = totals.people.unsound
        for identifier, problem in list(unsound.items())[:TOLD]:
            feedback.pushWarning(
                self.tr("The record of harm %1 is set aside: %2")
                .replace("%1", identifier)
                .replace("%2", problem)
            )
        if len(unsound) > TOLD:
            more = f"{len(unsound) - TOLD:,}"
            feedback.pushWarning(self.tr("… and %1 more are set aside.").replace("%1", more))
        below = sum(item.unsound for item in feeds)
        if below:
            feedback.pushWarning(
                self.counted(
                    below,
                    self.tr("Of one incident a feed's figure is below zero; it is set aside."),
                    self.tr("Of %1 incidents a feed's figure is below zero; they are set aside."),
                )
            )
        number = totals.people.contradicting
        if number:
            feedback.pushWarning(
                self.counted(
                    number,
                    self.tr("Of one person the records contradict each other."),
                    self.tr("Of %1 persons the records contradict each other."),
                )
            )


def _dimensions(incidents, zone, step: str) -> dict:
    known = {item.incident_id: item for item in incidents}

    def area(unit) -> str:
        incident = known.get(unit.incident_id or "")
        return (incident.admin1 or incident.place or NOT_KNOWN) if incident else NOT_KNOWN

    def period(unit) -> str:
        return NOT_KNOWN if unit.when is None else unit.when.astimezone(zone).strftime(step)

    return {"period": period, "area": area}


def _of_period(incidents, start, end, inside):
    """The incidents that count in a period and an area."""
    for item in incidents:
        when = item.occurred_from
        after = start is None or (when is not None and when >= start)
        before = end is None or (when is not None and when < end)
        if after and before and (inside is None or item.incident_id in inside):
            yield item


def _counts(totals) -> dict:
    died = {True: 0, False: 0}
    for row in totals.rows:
        if row.dimension == "all" and row.outcome == "died":
            died[row.corroborated] = row.low
    return {
        "DIED_CORROBORATED": died[True],
        "DIED_REPORTED": died[False],
        "PERSONS": sum(unit.person is not None for unit in totals.units),
        "GROUPS": sum(unit.person is None for unit in totals.units),
        "REFUTED": totals.people.refuted,
        "WITHDRAWN": totals.people.withdrawn,
        "WITHIN_GROUPS": totals.within_groups,
        "SAME_EVENT": totals.same_event,
        "SET_ASIDE": len(totals.people.unsound),
    }


def _row(row) -> tuple:
    known = row.persons + row.groups > row.undetermined
    return (
        row.dimension,
        row.value,
        row.outcome,
        "corroborated" if row.corroborated else "reported",
        row.low if known else None,
        row.best,
        row.high,
        row.died_later if row.outcome == "died" else None,
        row.persons,
        row.groups,
        row.undetermined,
        row.without_best,
        row.open_ended,
    )


def _feed(row) -> tuple:
    return tuple(getattr(row, field.name) for field in FEEDS)


def _sentence(row) -> str:
    """One total in words."""
    standing = "corroborated" if row.corroborated else "reported"
    if row.persons + row.groups == row.undetermined:
        return f"{row.outcome.capitalize()}, {standing}: an undetermined number."
    number = f"{row.low:,}"
    if row.open_ended:
        number = f"at least {number}"
    elif row.high is not None and row.high != row.low:
        number = f"{number} to {row.high:,}"
    later = f", of which {row.died_later:,} died later" if row.died_later else ""
    more = ", and an undetermined number" if row.undetermined else ""
    return f"{row.outcome.capitalize()}, {standing}: {number}{later}{more}."
