"""``ceasefire:addtoledger``: a layer or table of the user's into a table of the ledger."""

from __future__ import annotations

import json

from qgis.core import (
    QgsProcessing,
    QgsProcessingException,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from ...model.errors import Cancelled, CeasefireError
from ..base import CeasefireAlgorithm
from .attributes import Unfit
from .zone import theatre_zone

TABLES = (
    "contact_lines",
    "control_areas",
    "zones",
    "sites",
    "posts",
    "effort",
    "observations",
    "incidents",
    "weapon_sightings",
    "storage_sites",
    "inventories",
    "claims",
    "restrictions",
    "harm",
    "links",
)
REASONS_TOLD = 20


class AddToLedger(CeasefireAlgorithm):
    """Adds records by their key: new ones are added, different ones changed, equal ones left."""

    NAME = "addtoledger"
    TITLE = "Add to ledger"
    GROUP = "Ledger"
    GROUP_ID = "ledger"
    HELP = (
        "Puts the features of a layer, or the rows of a table, into a table of the ledger: contact "
        "lines, areas of control, zones, sites, posts, effort, observations, incidents, claims of "
        "the parties, restrictions of access, harm to people, links between incidents.\n\n"
        "Columns that are named as the ledger's fields are found by themselves; MAPPING names the "
        "others. A record is known by its key (line_id, zone_id and so on): one whose key is in "
        "the ledger is changed where it differs, and a record without a key gets one from its "
        "content, so that adding the same layer again changes nothing. Geometries are brought to "
        "EPSG:4326. A row that cannot be kept is set aside, with its reason in the log: "
        "one with an unknown sensitivity, verification, workflow, reliability, credibility or "
        "point_role, too. Codes may be written in any case, or as their labels.\n\n"
        "Times without a zone, and bare dates, are in TIMEZONE. A bare date as an end includes "
        "that whole day."
    )

    INPUT = "INPUT"
    TABLE = "TABLE"
    MAPPING = "MAPPING"
    TIMEZONE = "TIMEZONE"
    WHO = "WHO"
    WHY = "WHY"
    LEDGER = "LEDGER"
    COUNTS = ("ADDED", "CHANGED", "UNCHANGED", "REJECTED")

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        for parameter, words in (*self._what(), *self._how()):
            parameter.setHelp(words)
            self.addParameter(parameter)
        for name in self.COUNTS:
            self.addOutput(QgsProcessingOutputNumber(name, name.capitalize()))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def work(self, parameters, context, feedback, outputs):
        """Read the features, write the records in one transaction."""
        from ..libraries import require_shapely
        from .place import open_place

        require_shapely()
        source = self.parameterAsSource(parameters, self.INPUT, context)
        if source is None:
            raise QgsProcessingException(self.invalidSourceError(parameters, self.INPUT))
        name = self.parameterAsEnumString(parameters, self.TABLE, context)
        path = self.parameterAsFile(parameters, self.LEDGER, context)
        who = self.parameterAsString(parameters, self.WHO, context).strip() or None
        why = self.parameterAsString(parameters, self.WHY, context).strip()
        why = why or self.tr("added from %1").replace("%1", source.sourceName())
        given = self.parameterAsString(parameters, self.TIMEZONE, context)
        zone = theatre_zone(self, given, path, feedback)
        with open_place(path) as ledger:
            maker = self._maker(parameters, context, source, name, zone)
            records, rejected = self._records(source, maker, feedback)
            if name == "links":
                records, unfit = self._links(records, ledger, feedback)
                rejected += unfit
            steps = iter(range(1, len(records) + 1))
            counts = ledger.write_records(
                name, records, who, why, step=lambda: self._step(feedback, next(steps, 0), records)
            )
        self._tell(feedback, counts, rejected, maker)
        return {
            "ADDED": counts.added,
            "CHANGED": counts.changed,
            "UNCHANGED": counts.unchanged,
            "REJECTED": rejected,
            self.LEDGER: path,
        }

    def _what(self):
        yield (
            QgsProcessingParameterFeatureSource(
                self.INPUT, self.tr("Layer or table"), [QgsProcessing.SourceType.TypeVector]
            ),
            self.tr("The layer or table whose rows are added."),
        )
        yield (
            QgsProcessingParameterEnum(
                self.TABLE,
                self.tr("Table of the ledger"),
                options=list(TABLES),
                defaultValue=TABLES[0],
                usesStaticStrings=True,
            ),
            self.tr("The ledger's table that the rows go to."),
        )
        yield (
            QgsProcessingParameterFile(
                self.LEDGER, self.tr("Ledger"), fileFilter="GeoPackage (*.gpkg);;All files (*)"
            ),
            self.tr("The ledger's file; “Create ledger” makes one."),
        )

    def _how(self):
        yield (
            QgsProcessingParameterString(
                self.MAPPING, self.tr("Mapping (JSON)"), multiLine=True, optional=True
            ),
            self.tr(
                "Which column holds which field, where their names differ, such as "
                '{"line_name": "NAME", "valid_from": "START"}.'
            ),
        )
        yield (
            QgsProcessingParameterString(self.TIMEZONE, self.tr("Time zone"), optional=True),
            self.tr(
                "The time zone of times without a zone and of bare dates; the ledger's where empty."
            ),
        )
        yield (
            QgsProcessingParameterString(self.WHO, self.tr("Who"), optional=True),
            self.tr("Who signs for the change in the history; nobody where empty."),
        )
        yield (
            QgsProcessingParameterString(self.WHY, self.tr("Why"), optional=True),
            self.tr("Why it is added, for the history."),
        )

    def _maker(self, parameters, context, source, name: str, zone: str):
        from .recordmaker import RecordMaker

        text = self.parameterAsString(parameters, self.MAPPING, context).strip()
        try:
            mapping = json.loads(text) if text else {}
        except ValueError:
            mapping = None
        if not isinstance(mapping, dict) or not all(
            isinstance(column, str) for column in mapping.values()
        ):
            raise CeasefireError(
                self.tr(
                    "The mapping is no JSON object of fields and columns: write it as "
                    '{"line_name": "NAME", "valid_from": "START"}.'
                )
            )
        return RecordMaker(source, name, mapping, zone, context.transformContext(), True)

    def _records(self, source, maker, feedback):
        records, rejected = [], 0
        count = max(1, source.featureCount())
        for number, feature in enumerate(source.getFeatures(), start=1):
            if feedback.isCanceled():
                raise Cancelled(self.tr("Stopped; nothing was written."))
            feedback.setProgress(min(50.0, 50.0 * number / count))
            try:
                records.append(maker.record(feature))
            except Unfit as unfit:
                rejected += 1
                if rejected <= REASONS_TOLD:
                    feedback.pushWarning(
                        self.tr("Row %1 was set aside: %2")
                        .replace("%1", str(number))
                        .replace("%2", str(unfit))
                    )
        if not records and not rejected:
            raise CeasefireError(
                self.tr("“%1” has no rows: choose a layer or table that has.").replace(
                    "%1", source.sourceName()
                )
            )
        return records, rejected

    def _links(self, records, ledger, feedback) -> tuple[list, int]:
        """The links that may stand beside those of the ledger; the others are set aside."""
        from ...analysis.link_graph import problem_of, standing

        there, kept = ledger.read("links"), []
        for link in records:
            problem = problem_of(link, there) if standing([link]) else None
            if problem is None:
                kept.append(link)
                there = [item for item in there if item.link_id != link.link_id] + [link]
            else:
                feedback.pushWarning(self.tr("A link was set aside: %1").replace("%1", problem))
        return kept, len(records) - len(kept)

    def _step(self, feedback, number: int, records) -> None:
        if feedback.isCanceled():
            raise Cancelled(self.tr("Stopped; nothing was written."))
        feedback.setProgress(50.0 + 50.0 * number / max(1, len(records)))

    def _tell(self, feedback, counts, rejected: int, maker) -> None:
        if rejected > REASONS_TOLD:
            feedback.pushWarning(
                self.tr("… and %1 more rows were set aside.").replace(
                    "%1", f"{rejected - REASONS_TOLD:,}"
                )
            )
        if maker.unused:
            feedback.pushInfo(
                self.tr("Columns that were not used: %1.").replace("%1", ", ".join(maker.unused))
            )
        feedback.pushInfo(
            self.tr("In the ledger: %1 added, %2 changed, %3 unchanged; %4 set aside.")
            .replace("%1", f"{counts.added:,}")
            .replace("%2", f"{counts.changed:,}")
            .replace("%3", f"{counts.unchanged:,}")
            .replace("%4", f"{rejected:,}")
        )
