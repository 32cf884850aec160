"""``ceasefire:alertrule``: add a rule of alerts to a ledger, or change it."""

from __future__ import annotations

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsProcessingParameterString,
)

from ...model.alert import COUNTS, INCIDENTS, MAX_AGE_HOURS, SECTOR, THEATRE, AlertRule
from ...model.errors import CeasefireError
from ...model.sensitivity import LEVELS
from ..libraries import require
from ..review.reviewparameters import ReviewAlgorithm

NUMBERS = {
    "DISTANCE": "distance_m",
    "MIN_PROBABILITY": "min_probability",
    "UNCERTAINTY_DEFAULT": "default_uncertainty_m",
    "SITE_DISTANCE": "site_distance_m",
    "WINDOW": "window_minutes",
    "MAX_AGE_HOURS": "max_age_hours",
}
TEXTS = {
    "CATEGORY": "categories",
    "WEAPON_CLASS": "weapon_classes",
    "SOURCE": "sources",
    "SECTOR": "sectors",
    "ZONE": "zones",
    "LINE_KIND": "line_kind",
    "FRONT": "front",
    "SITE_KIND": "site_kinds",
}


class AlertRuleAlgorithm(ReviewAlgorithm):
    """Adds one rule, or changes the one of that name."""

    NAME = "alertrule"
    TITLE = "Alert rule"
    GROUP = "Alerts"
    GROUP_ID = "alerts"
    HELP = (
        "Adds a rule of alerts to a ledger, or changes the one of that name: it then is as it is "
        "given here. Every condition that is given must hold; lists have semicolons between their "
        "entries. What is left empty asks for nothing.\n\n"
        "Conditions on places hold where their probability, given how well the place and the line "
        "are known, is at least the one that you set; where no uncertainty is known, the point as "
        "recorded counts. With a number, the rule tells of so many incidents within the window, "
        "once for each series; after a pause it tells again.\n\n"
        "“Raise alerts” evaluates the rules on what is recorded afterwards."
    )

    AREA = "AREA"
    COUNT = "COUNT"
    COUNT_OF = "COUNT_OF"
    COUNT_PER = "COUNT_PER"
    SENSITIVITY = "SENSITIVITY"
    ENABLED = "ENABLED"
    SOUND = "SOUND"
    RULE_NAME = "NAME"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger(self.tr("The ledger that the rule watches."))
        self.add(
            QgsProcessingParameterString(self.RULE_NAME, self.tr("Name of the rule")),
            self.tr("The rule of that name is changed; with a new name one is added."),
        )
        self._add_kinds()
        self._add_places()
        self._add_numbers()
        for name, title, value, words in (
            (self.ENABLED, self.tr("In use"), True, self.tr("Off: the rule rests.")),
            (self.SOUND, self.tr("With a sound"), False, self.tr("On: its alerts are heard.")),
        ):
            self.add(QgsProcessingParameterBoolean(name, title, defaultValue=value), words)
        self.add_signature(self.tr("The reason; it is kept in the history."), optional=True)
        self.addOutput(QgsProcessingOutputString("RULE", self.tr("Id of the rule")))
        self.addOutput(QgsProcessingOutputNumber("ADDED", self.tr("Rules added")))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def work(self, parameters, context, feedback, outputs):
        """Read the rule, check it and write it."""
        require("shapely", "pyproj")
        from ...ledger.alert_rules import set_rule

        rule = self._rule(parameters, context, feedback)
        why = self.text(parameters, self.WHY, context) or self.tr("rule of alerts set")
        with self.open_ledger(parameters, context) as ledger:
            kept, is_new = set_rule(ledger, rule, self.signature(parameters, context), why)
        words = self.tr("The rule “%1” was added.") if is_new else self.tr("“%1” was changed.")
        feedback.pushInfo(words.replace("%1", kept.rule_name))
        place = self.ledger_place(parameters, context)
        return {"RULE": kept.rule_id, "ADDED": int(is_new), self.LEDGER: place}

    def _rule(self, parameters, context, feedback) -> AlertRule:
        values = {TEXTS[name]: self.text(parameters, name, context) or None for name in TEXTS}
        values.update({NUMBERS[name]: self._number(parameters, name, context) for name in NUMBERS})
        count = self._number(parameters, self.COUNT, context)
        return AlertRule(
            rule_name=self.text(parameters, self.RULE_NAME, context),
            enabled=self.parameterAsBoolean(parameters, self.ENABLED, context),
            area=self._area(parameters, context, feedback),
            count_least=None if count is None else int(count),
            count_of=self.chosen(parameters, self.COUNT_OF, context),
            count_per=self.chosen(parameters, self.COUNT_PER, context),
            most_sensitive=self.chosen(parameters, self.SENSITIVITY, context),
            sound=self.parameterAsBoolean(parameters, self.SOUND, context),
            **values,
        )

    def _number(self, parameters, name: str, context):
        """A number; None where it is left empty."""
        given = parameters.get(name)
        if given in (None, ""):
            default = self.parameterDefinition(name).defaultValue()
            return float(default) if name not in parameters and default is not None else None
        return self.parameterAsDouble(parameters, name, context)

    def _area(self, parameters, context, feedback):
        """The polygons of AREA as one, WKT in degrees; None where no layer is given."""
        import shapely

        from ..line.columns import read_shapes, transform_of

        if parameters.get(self.AREA) in (None, ""):
            return None
        source = self.parameterAsSource(parameters, self.AREA, context)
        if source is None:
            raise CeasefireError(self.invalidSourceError(parameters, self.AREA))
        what = self.tr("The layer of the area")
        transform = transform_of(source, what, context)
        shapes, _, _ = read_shapes(source, [], transform, "area", feedback)
        whole = shapely.union_all([shape for shape in shapes if shape is not None])
        return None if whole.is_empty else shapely.to_wkt(whole, rounding_precision=7)

    def _add_kinds(self) -> None:
        for name, title, words in (
            (
                "CATEGORY",
                self.tr("Categories"),
                self.tr("Such as “firing; clash/raid”: these and all below them."),
            ),
            (
                "WEAPON_CLASS",
                self.tr("Classes of weapons"),
                self.tr("Such as “mortar; mlrs”."),
            ),
            ("SOURCE", self.tr("Sources"), self.tr("Only incidents of these sources.")),
        ):
            self.add(QgsProcessingParameterString(name, title, optional=True), words)
        self.add(
            QgsProcessingParameterEnum(
                self.SENSITIVITY,
                self.tr("Incidents up to this sensitivity"),
                options=list(LEVELS),
                defaultValue=LEVELS[-1],
                usesStaticStrings=True,
            ),
            self.tr("More sensitive incidents raise no alert of this rule."),
        )
        self._add_number("MAX_AGE_HOURS", self.tr("Look back so many hours"), MAX_AGE_HOURS)

    def _add_places(self) -> None:
        zones = self.tr("Names of zones of the ledger; the place lies in one of them.")
        for name, title, words in (
            ("SECTOR", self.tr("Sectors"), zones),
            ("ZONE", self.tr("Zones"), zones),
        ):
            self.add(QgsProcessingParameterString(name, title, optional=True), words)
        self.add(
            QgsProcessingParameterFeatureSource(
                self.AREA,
                self.tr("Area of its own"),
                [QgsProcessing.SourceType.TypeVectorPolygon],
                optional=True,
            ),
            self.tr("Polygons that are copied into the rule; the place lies in one of them."),
        )
        self._add_number("DISTANCE", self.tr("Within so far of the line in force (metres)"))
        self._add_number("MIN_PROBABILITY", self.tr("With a probability of at least"), 0.5)
        self._add_number("UNCERTAINTY_DEFAULT", self.tr("Uncertainty where none is known (metres)"))
        for name, title, words in (
            ("LINE_KIND", self.tr("Kind of line"), self.tr("Needed where kinds of lines mix.")),
            ("FRONT", self.tr("Front"), self.tr("Only the lines of this front count.")),
            (
                "SITE_KIND",
                self.tr("Kinds of sites"),
                self.tr("Such as “hospital; school”; with the distance below."),
            ),
        ):
            self.add(QgsProcessingParameterString(name, title, optional=True), words)
        self._add_number("SITE_DISTANCE", self.tr("Within so far of such a site (metres)"))

    def _add_numbers(self) -> None:
        self._add_number(self.COUNT, self.tr("So many, or more"))
        self._add_number("WINDOW", self.tr("Within so many minutes"))
        for name, title, codes, words in (
            (
                self.COUNT_OF,
                self.tr("Number of"),
                (INCIDENTS, COUNTS),
                self.tr("Incidents as recorded, or the least of their own numbers added up."),
            ),
            (
                self.COUNT_PER,
                self.tr("Number in"),
                (THEATRE, SECTOR),
                self.tr("The whole theatre, or each of the sectors that are named."),
            ),
        ):
            parameter = QgsProcessingParameterEnum(
                name, title, options=list(codes), defaultValue=codes[0], usesStaticStrings=True
            )
            self.add(parameter, words)

    def _add_number(self, name: str, title: str, default=None) -> None:
        number = QgsProcessingParameterNumber.Type.Double
        if name == self.COUNT:
            number = QgsProcessingParameterNumber.Type.Integer
        parameter = QgsProcessingParameterNumber(
            name, title, number, default, optional=True, minValue=0.0
        )
        self.add(parameter, self.tr("Left empty, the rule does not ask for it."))
