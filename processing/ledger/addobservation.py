"""Algorithm ``ceasefire:addobservation``: what one observer perceived, and where that was."""

from __future__ import annotations

import uuid

from qgis.core import (
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterNumber,
    QgsProcessingParameterPoint,
    QgsProcessingParameterString,
)

from ...analysis.bearings import (
    REFERENCES,
    UNITS,
    degrees_of,
    halfwidth_in_degrees,
    true_bearing,
)
from ...model.errors import CeasefireError
from ...model.incident import Observation
from ...model.sound import problem_of
from ...model.vocabulary import vocabulary
from ..fields import WGS84
from ..libraries import require
from ..review.reviewparameters import ReviewAlgorithm
from .observed_incident import SOURCE, incident_of

CHOICES = (
    ("MEANS", "Means", "means", "How it was perceived."),
    ("CATEGORY", "Category", "categories", "What it was; left empty: not known."),
    ("PHASE", "Phase", "phases", "What of the fire was perceived."),
    ("WEAPON", "Weapon", "weapon_types", "Which weapon, where it could be told."),
    ("QUALIFIER", "The number is", "count_qualifiers", "How surely the number is known."),
)


class AddObservation(ReviewAlgorithm):
    """Records an observation; with it the incident that it tells of, at its sector."""

    NAME = "addobservation"
    TITLE = "Add observation"
    GROUP = "Ledger"
    GROUP_ID = "ledger"
    HELP = (
        "Records what one observer saw, heard or recorded: from where, in which direction, how "
        "far, and how surely. The bearing may be told in degrees, in mils (6400, 6300 or 6000 to "
        "the circle) or as one of sixteen winds, from true or magnetic north; it is kept in "
        "degrees from true north.\n\n"
        "Where INCIDENT names no incident of the ledger, one is made: at the middle of the "
        "sector in which it was perceived, with the radius that holds 95 % of the sector's area "
        "as its uncertainty. The sector itself is kept with the observation. Left empty, a range "
        "is not known; then the incident is not located. Both records are written, or neither.\n\n"
        "An observer's position is sensitive: the ledger keeps it with the observation, and "
        "no report prints it."
    )

    OBSERVER = "OBSERVER"
    POST = "POST"
    BEARING = "BEARING"
    UNIT = "UNIT"
    REFERENCE = "REFERENCE"
    DECLINATION = "DECLINATION"
    PLUS_MINUS = "PLUS_MINUS"
    RANGE_MIN = "RANGE_MIN"
    RANGE_MAX = "RANGE_MAX"
    COUNT_LOW = "COUNT_LOW"
    COUNT_HIGH = "COUNT_HIGH"
    INCIDENT = "INCIDENT"
    MAKE_INCIDENT = "MAKE_INCIDENT"
    DESCRIPTION = "DESCRIPTION"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger(self.tr("The ledger that keeps the observation."))
        self._add_where()
        self._add_direction()
        self._add_what()
        self.add(
            QgsProcessingParameterString(self.INCIDENT, self.tr("Incident"), optional=True),
            self.tr("The id of the incident that it tells of, where the ledger has it already."),
        )
        self.add(
            QgsProcessingParameterBoolean(
                self.MAKE_INCIDENT, self.tr("Make an incident"), defaultValue=True
            ),
            self.tr("Where no incident is named, make the one that was observed."),
        )
        self.add_signature(self.tr("Why it is added, for the history."), optional=True)
        for name, title in (("OBSERVATION_ID", "Observation"), ("INCIDENT_ID", "Incident")):
            self.addOutput(QgsProcessingOutputString(name, self.tr(title)))
        self.addOutput(
            QgsProcessingOutputNumber("UNCERTAINTY_M", self.tr("Uncertainty of place (m)"))
        )
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def _add_where(self) -> None:
        self.add(
            QgsProcessingParameterPoint(self.OBSERVER, self.tr("Observer")),
            self.tr("Where the observer stood."),
        )
        self.add(
            QgsProcessingParameterString(self.POST, self.tr("Post"), optional=True),
            self.tr("The post_id of the observer's post or patrol, where it has one."),
        )
        self.add_period()

    def add_period(self) -> None:
        """The parameters FROM, TO and TIMEZONE; neither moment has to be known."""
        super().add_period()
        for name, words in (
            (self.FROM, self.tr("When it began, as 2031-03-14T19:30, in the theatre's time.")),
            (self.TO, self.tr("When it ended; the same moment where empty.")),
        ):
            definition = self.parameterDefinition(name)
            definition.setFlags(definition.flags() | definition.Flag.FlagOptional)
            definition.setHelp(words)

    def _add_direction(self) -> None:
        self.add(
            QgsProcessingParameterString(self.BEARING, self.tr("Bearing"), optional=True),
            self.tr("The direction as it was told, such as 270 or WNW; left empty: not known."),
        )
        for name, title, codes, words in (
            (self.UNIT, "Unit", UNITS, "What the bearing and its plus or minus are counted in."),
            (self.REFERENCE, "North", REFERENCES, "Which north the bearing is counted from."),
        ):
            self.add(
                QgsProcessingParameterEnum(
                    name,
                    self.tr(title),
                    options=list(codes),
                    defaultValue=codes[0],
                    usesStaticStrings=True,
                ),
                self.tr(words),
            )
        self._add_number(
            self.DECLINATION,
            "Declination (degrees)",
            "Of magnetic north there and then, positive east; used for magnetic bearings alone.",
            (-180.0, 180.0),
            0.0,
        )
        self._add_number(
            self.PLUS_MINUS,
            "Bearing, plus or minus",
            "How far the bearing may be off, in its unit; for winds in degrees, and at least half "
            "a wind. Left empty: not known.",
            (0.0, 6400.0),
        )
        for name, title, words in (
            (self.RANGE_MIN, "Range, at least (m)", "How far it was at least; 0 where empty."),
            (self.RANGE_MAX, "Range, at most (m)", "How far it was at most. Empty: not known."),
        ):
            self._add_number(name, title, words, (0.0, 10_000_000.0))

    def _add_what(self) -> None:
        for name, title, listed, words in CHOICES:
            self.add_choice(name, self.tr(title), list(vocabulary(listed)), self.tr(words))
        for name, title in ((self.COUNT_LOW, "At least"), (self.COUNT_HIGH, "At most")):
            self.add(
                QgsProcessingParameterNumber(
                    name,
                    self.tr("Number, %1").replace("%1", self.tr(title).lower()),
                    QgsProcessingParameterNumber.Type.Integer,
                    optional=True,
                    minValue=0,
                ),
                self.tr("How many were counted; left empty: not known."),
            )
        self.add(
            QgsProcessingParameterString(
                self.DESCRIPTION, self.tr("Description"), multiLine=True, optional=True
            ),
            self.tr("What is told of it, for the incident that is made."),
        )

    def _add_number(self, name, title, words, limits, default=None) -> None:
        self.add(
            QgsProcessingParameterNumber(
                name,
                self.tr(title),
                QgsProcessingParameterNumber.Type.Double,
                default,
                default is None,
                *limits,
            ),
            self.tr(words),
        )

    def work(self, parameters, context, feedback, outputs):
        """Make both records, then write them in one transaction."""
        require("shapely", "pyproj")
        with self.open_ledger(parameters, context) as ledger:
            span = self._span(parameters, context, ledger)
            seen = self._observation(parameters, context, span)
            made = None
            if seen.incident_id is not None:
                self._refuse_unknown(ledger, seen.incident_id)
            elif self.parameterAsBoolean(parameters, self.MAKE_INCIDENT, context):
                made = incident_of(seen, span[2], self.text(parameters, self.DESCRIPTION, context))
                seen.incident_id = made.incident_id
            self._refuse_unsound(seen, made)
            self.stop_if_cancelled(feedback)
            tables = {"incidents": [made]} if made is not None else {}
            ledger.write_together(
                {**tables, "observations": [seen]},
                self.signature(parameters, context),
                self.text(parameters, self.WHY, context) or self.tr("observed"),
            )
        uncertainty = made.uncertainty_m if made is not None else None
        if made is not None and uncertainty is None:
            feedback.pushWarning(
                self.tr("How far it was is not known: the incident is kept without a place.")
            )
        return {
            "OBSERVATION_ID": seen.observation_id,
            "INCIDENT_ID": seen.incident_id,
            "UNCERTAINTY_M": uncertainty,
            self.LEDGER: self.ledger_place(parameters, context),
        }

    def _observation(self, parameters, context, span):
        point = self.parameterAsPoint(parameters, self.OBSERVER, context, WGS84)
        if abs(point.y()) > 90.0:
            raise CeasefireError(
                self.tr("The observer stands beyond the poles: give longitude, then latitude.")
            )
        bearing, halfwidth = self._direction(parameters, context)
        choice = {name: self.chosen(parameters, name, context) for name, *_ in CHOICES}
        return Observation(
            observation_id=f"{SOURCE}:{uuid.uuid4().hex}",
            incident_id=self.text(parameters, self.INCIDENT, context) or None,
            post_id=self.text(parameters, self.POST, context) or None,
            bearing_deg=bearing,
            bearing_halfwidth_deg=halfwidth,
            range_min_m=self._given(parameters, self.RANGE_MIN, context),
            range_max_m=self._given(parameters, self.RANGE_MAX, context),
            means=choice["MEANS"],
            observed_from=span[0],
            observed_to=span[1],
            category=choice["CATEGORY"],
            phase=choice["PHASE"],
            weapon=choice["WEAPON"],
            count_low=self._given(parameters, self.COUNT_LOW, context, whole=True),
            count_high=self._given(parameters, self.COUNT_HIGH, context, whole=True),
            count_qualifier=choice["QUALIFIER"],
            longitude=point.x(),
            latitude=point.y(),
        )

    def _direction(self, parameters, context):
        """The bearing from true north and its plus or minus, in degrees; None: not known."""
        told = self.text(parameters, self.BEARING, context)
        if not told:
            return None, None
        unit = self.parameterAsEnumString(parameters, self.UNIT, context)
        reference = self.parameterAsEnumString(parameters, self.REFERENCE, context)
        declination = self.parameterAsDouble(parameters, self.DECLINATION, context)
        bearing = true_bearing(degrees_of(told, unit), reference, declination)
        off = self._given(parameters, self.PLUS_MINUS, context)
        if off is None and unit != "winds":
            return bearing, None
        return bearing, min(180.0, halfwidth_in_degrees(off or 0.0, unit))

    def _given(self, parameters, name: str, context, whole: bool = False):
        """A number that was given; None where it was left empty: it is not known."""
        if parameters.get(name) in (None, ""):
            return None
        read = self.parameterAsInt if whole else self.parameterAsDouble
        return read(parameters, name, context)

    def _span(self, parameters, context, ledger):
        """Start, end, and how well they are known; a bare date is that whole reporting day."""
        time = self.theatre_time(parameters, context, ledger)
        first = self.text(parameters, self.FROM, context)
        last = self.text(parameters, self.TO, context)
        start = time.moment(first, closing=False)
        end = time.moment(last or first, closing=True)
        if start is None:
            return start, end, {}
        if ":" not in first:
            return start, end, {"time_precision": "day", "span_is": "uncertainty"}
        return start, end, {"time_precision": "minute", "span_is": "duration"}

    def _refuse_unknown(self, ledger, identifier: str) -> None:
        if not any(each.incident_id == identifier for each in ledger.read("incidents")):
            raise CeasefireError(
                self.tr(
                    "The ledger has no incident “%1”: give the id of one that it has, or leave it "
                    "empty."
                ).replace("%1", identifier)
            )

    def _refuse_unsound(self, seen, made) -> None:
        nearest, farthest = seen.range_min_m, seen.range_max_m
        if nearest is not None and farthest is not None and nearest > farthest:
            raise CeasefireError(
                self.tr("The range is at least %1 m and at most %2 m: correct one of them.")
                .replace("%1", f"{nearest:g}")
                .replace("%2", f"{farthest:g}")
            )
        problem = problem_of("observations", seen)
        if problem is None and made is not None:
            problem = problem_of("incidents", made)
        if problem is not None:
            raise CeasefireError(problem)
