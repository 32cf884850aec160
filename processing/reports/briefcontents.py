"""Algorithm ``ceasefire:briefcontents``: what a brief will hold and what it will lack."""

from __future__ import annotations

import json

from qgis.core import (
    QgsFeature,
    QgsFeatureSink,
    QgsField,
    QgsFields,
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSink,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QMetaType

from ..base import CeasefireAlgorithm
from ..fields import WGS84
from ..libraries import require
from .brief import Brief
from .briefrequest import BriefRequest
from .contentwords import sentence_of

# What only the making of files needs; all else is asked as for the brief itself.
OF_FILES = ("OUTPUT_FOLDER",)


class BriefContents(CeasefireAlgorithm):
    """Counts what the brief would be made from, with the brief's own parameters."""

    NAME = "briefcontents"
    TITLE = "What a brief will hold"
    GROUP = "Reports"
    GROUP_ID = "reports"
    HELP = (
        "Says before a brief is made what will be in it and what is missing: how many incidents, "
        "how many are not reviewed, not held against the line or without a place, the days on "
        "which nobody could observe, what the release level and the terms of sources keep out, "
        "rules that were not checked, feeds that are not in step, and what changed since the "
        "earlier report. It takes the parameters of “Print brief” and writes nothing into the "
        "ledger.\n\n"
        "Each line has a count, a sentence and a severity: info, attention or serious. A count "
        "that is not known is NULL, never 0. Lines that count nothing are left out; feeds and "
        "rules are not told of where AS_OF asks for the past, as how they stood then is not kept. "
        "JSON holds the same lines, with the filter by which the panel of incidents shows them."
    )
    OUTPUT = "OUTPUT"

    def initAlgorithm(self, configuration=None):
        """The brief's own parameters, so that what the brief learns is known here too."""
        brief = Brief()
        brief.initAlgorithm()
        for definition in brief.parameterDefinitions():
            if definition.name() not in OF_FILES:
                self.addParameter(definition.clone())
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT, self.tr("Contents"), QgsProcessing.SourceType.TypeVector
            ),
            self.tr("The table of lines: kind, severity, count, of how many, whose, sentence."),
        )
        self.addOutput(QgsProcessingOutputString("JSON", self.tr("The lines as JSON")))
        self.addOutput(QgsProcessingOutputNumber("INCIDENTS", self.tr("Incidents (rows)")))
        self.addOutput(QgsProcessingOutputNumber("SERIOUS", self.tr("Serious lines")))
        self.addOutput(QgsProcessingOutputString("LEDGER", self.tr("Ledger")))

    def work(self, parameters, context, feedback, outputs):
        """Gather the brief's material, count, write the lines."""
        require("shapely")
        from ...reports.contents import Severity, contents_of

        material, options = BriefRequest(self, parameters, context, feedback).gathered()
        ledger = self.parameterAsString(parameters, "LEDGER", context)
        past = self.parameterAsString(parameters, "AS_OF", context).strip()
        # How feeds and rules stood on a day of the past is not kept.
        around = _around("" if past else ledger.strip(), material, options)
        lines = contents_of(material, options.period, options.release, options.reasons, around)
        sink, destination = outputs.sink(self.OUTPUT, _fields(), QgsWkbTypes.Type.NoGeometry, WGS84)
        for line in lines:
            row = QgsFeature(_fields())
            names = ", ".join(line.names) or None
            severity = line.severity.value
            row.setAttributes([line.kind, severity, line.count, line.of, names, sentence_of(line)])
            sink.addFeature(row, QgsFeatureSink.Flag.FastInsert)
            feedback.pushInfo(sentence_of(line))
        return {
            self.OUTPUT: destination,
            "JSON": json.dumps(_as_data(lines, options.period), ensure_ascii=False),
            "INCIDENTS": next(line.count for line in lines if line.kind == "incidents"),
            "SERIOUS": sum(line.severity is Severity.SERIOUS for line in lines),
            "LEDGER": ledger,
        }


def _fields() -> QgsFields:
    fields = QgsFields()
    for name, kind in (
        ("kind", QMetaType.Type.QString),
        ("severity", QMetaType.Type.QString),
        ("count", QMetaType.Type.Int),
        ("of", QMetaType.Type.Int),
        ("names", QMetaType.Type.QString),
        ("sentence", QMetaType.Type.QString),
    ):
        fields.append(QgsField(name, kind))
    return fields


def _around(ledger: str, material, options):
    """Feeds and rules of the ledger; nothing of them is known of layers."""
    from ...reports.contents import Around, incidents_after
    from ...reports.figures import in_period
    from ..ledger.place import open_place

    if not ledger:
        return Around()
    entries = in_period(material.entries, options.period)
    feeds, unchecked = [], []
    with open_place(ledger, readonly=True) as opened:
        for feed in opened.feeds():
            if feed.enabled is not False and not _in_step(opened.feed_status(feed.feed_id)):
                feeds.append(feed.feed_name or feed.feed_id)
        for agreement_id, stored in opened.latest_agreements().items():
            if not _bears_on(stored, options.period):
                continue
            found = opened.latest_rule_findings(agreement_id).values()
            moments = [one.assessed_at for several in found for one in several if one.assessed_at]
            missing = incidents_after(entries, max(moments, default=None))
            if missing:
                unchecked.append((_name(stored, agreement_id), missing))
    return Around(tuple(sorted(feeds)), tuple(unchecked))


def _bears_on(stored, period) -> bool:
    """Whether an agreement has rules and was in force at any moment of the period."""
    from ...reports.material import in_force

    return '"rules"' in (stored.text or "") and in_force(stored, period.start, period.end)


def _name(stored, agreement_id: str) -> str:
    return stored.title or agreement_id


def _in_step(status) -> bool:
    """Whether the last fetch of a feed brought everything."""
    if status is None or status.last_run_at is None or status.failures:
        return False
    return status.last_complete_at is not None and status.last_complete_at >= status.last_run_at


def _as_data(lines: list, period) -> list:
    days = [day.label.isoformat() for day in period.days()]
    return [
        {
            "kind": line.kind,
            "severity": line.severity.value,
            "count": line.count,
            "of": line.of,
            "names": list(line.names),
            "sentence": sentence_of(line),
            "opens": line.opens,
            "filter": {
                "first": days[0],
                "last": days[-1],
                "flags": list(line.flags),
                "facets": {name: list(values) for name, values in line.facets},
            }
            if line.facets or line.flags
            else None,
        }
        for line in lines
    ]
