"""What the algorithms of review share: their ledger, period, signature and tables."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Iterable, Sequence

from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsFeatureSink,
    QgsGeometry,
    QgsPointXY,
    QgsProcessing,
    QgsProcessingException,
    QgsProcessingParameterEnum,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from ...model.errors import Cancelled, CeasefireError
from ...model.field import Field, Shape
from ..base import CeasefireAlgorithm
from ..fields import WGS84, WKB_TYPES, qgis_fields, qgis_value
from ..ledger.theatretime import TheatreTime, zone_parameter
from ..line.columns import not_written

LOOK_EVERY = 500


class ReviewAlgorithm(CeasefireAlgorithm):
    """Base of the algorithms of review."""

    GROUP = "Review"
    GROUP_ID = "review"
    LEDGER = "LEDGER"
    FROM = "FROM"
    TO = "TO"
    TIMEZONE = "TIMEZONE"
    BY = "BY"
    WHY = "WHY"
    INCIDENTS = "INCIDENTS"
    LAYER = "LAYER"
    RELEASE = "RELEASE"
    RELEASES = ("restricted", "confidential")

    def add_ledger(self, words: str) -> None:
        """The parameter LEDGER."""
        self.add(
            QgsProcessingParameterFile(
                self.LEDGER, self.tr("Ledger"), fileFilter="GeoPackage (*.gpkg);;All files (*)"
            ),
            words,
        )

    def add_period(self) -> None:
        """The parameters FROM, TO and TIMEZONE."""
        self.add(
            QgsProcessingParameterString(self.FROM, self.tr("From")),
            self.tr("The beginning, as 2031-03-14 or 2031-03-14T19:30, in the theatre's time."),
        )
        self.add(
            QgsProcessingParameterString(self.TO, self.tr("To")),
            self.tr("The end, written alike; a bare date includes that reporting day."),
        )
        self.add(*zone_parameter(self, self.TIMEZONE))

    def add_signature(self, why: str, optional: bool = False) -> None:
        """The parameters BY and WHY."""
        self.add(
            QgsProcessingParameterString(self.BY, self.tr("By"), optional=True),
            self.tr("Who signs for it in the history; where empty, QGIS's user by full name."),
        )
        self.add(QgsProcessingParameterString(self.WHY, self.tr("Why"), optional=optional), why)

    def add_incidents(self, words: str) -> None:
        """The parameters INCIDENTS and LAYER, of which either names incidents."""
        self.add(
            QgsProcessingParameterString(
                self.INCIDENTS, self.tr("Incidents"), multiLine=True, optional=True
            ),
            words,
        )
        self.add(
            QgsProcessingParameterFeatureSource(
                self.LAYER,
                self.tr("Layer of incidents"),
                [QgsProcessing.SourceType.TypeVector],
                optional=True,
            ),
            self.tr(
                "A layer with the field incident_id: all its features, or the selected ones alone."
            ),
        )

    def add_choice(self, name: str, title: str, codes: Sequence[str], words: str) -> None:
        """An optional choice of one code."""
        self.add(
            QgsProcessingParameterEnum(
                name, title, options=list(codes), usesStaticStrings=True, optional=True
            ),
            words,
        )

    def add_release(self, words: str) -> None:
        """The parameter RELEASE: who may read what is made."""
        self.add(
            QgsProcessingParameterEnum(
                self.RELEASE,
                self.tr("Release level"),
                options=list(self.RELEASES),
                defaultValue=self.RELEASES[0],
                usesStaticStrings=True,
            ),
            words,
        )

    def release(self, parameters, context):
        """The release level that RELEASE names."""
        from ...reports.release import Release

        return Release(self.parameterAsEnumString(parameters, self.RELEASE, context))

    def open_ledger(self, parameters, context, readonly: bool = False):
        """The ledger that LEDGER names, open."""
        from ..ledger.place import open_place

        return open_place(self.ledger_place(parameters, context), readonly=readonly)

    def ledger_place(self, parameters, context) -> str:
        """LEDGER as it was given."""
        return self.parameterAsString(parameters, self.LEDGER, context)

    def text(self, parameters, name: str, context) -> str:
        """A text parameter without spaces around it."""
        return self.parameterAsString(parameters, name, context).strip()

    def signature(self, parameters, context):
        """Who signs: BY, else the full name of QGIS's user; None where neither is known."""
        return self.text(parameters, self.BY, context) or full_name() or None

    def chosen(self, parameters, name: str, context):
        """The code that was chosen; None where none was."""
        return self.parameterAsEnumString(parameters, name, context) or None

    def theatre_time(self, parameters, context, ledger) -> TheatreTime:
        """The theatre's time of a ledger, or of TIMEZONE."""
        return TheatreTime(self.text(parameters, self.TIMEZONE, context), ledger.settings())

    def period(self, parameters, context, time: TheatreTime):
        """FROM and TO as moments. CeasefireError where the period is empty."""
        start = time.moment(self.text(parameters, self.FROM, context), closing=False)
        end = time.moment(self.text(parameters, self.TO, context), closing=True)
        if start is not None and end is not None and end <= start:
            raise CeasefireError(self.tr("TO is not later than FROM: give a later end."))
        return start, end

    def incident_ids(self, parameters, context, feedback) -> list[str]:
        """The ids that INCIDENTS and LAYER name, each once, in order."""
        text = self.text(parameters, self.INCIDENTS, context)
        ids = [part.strip() for part in re.split(r"[,;\n]", text)]
        source = self.parameterAsSource(parameters, self.LAYER, context)
        if source is None and parameters.get(self.LAYER):
            raise QgsProcessingException(self.invalidSourceError(parameters, self.LAYER))
        if source is not None:
            ids += self._ids_of(source, feedback)
        return [item for item in dict.fromkeys(ids) if item]

    def _ids_of(self, source, feedback) -> list[str]:
        index = source.fields().lookupField("incident_id")
        if index < 0:
            raise CeasefireError(
                self.tr("“%1” has no field incident_id: choose a layer of incidents.").replace(
                    "%1", source.sourceName()
                )
            )
        ids = []
        for feature in source.getFeatures():
            self.stop_if_cancelled(feedback)
            ids.append(str(feature.attributes()[index] or "").strip())
        return ids

    def counted(self, number: int, one: str, many: str) -> str:
        """A sentence for one, or for many with their number in the place of %1."""
        return one if number == 1 else many.replace("%1", f"{number:,}")

    def stop_if_cancelled(self, feedback) -> None:
        """Raise Cancelled where the user asked to stop."""
        if feedback.isCanceled():
            raise Cancelled(self.tr("Stopped; nothing was written."))

    def write_rows(
        self, outputs, name: str, fields: Iterable[Field], rows, feedback, shape=Shape.NONE
    ):
        """Write rows to an output; each row has the fields' values, and with points lon and lat.

        Returns its destination.
        """
        described = qgis_fields(fields)
        sink, destination = outputs.sink(name, described, WKB_TYPES[shape], WGS84)
        if sink is None:
            return destination
        for number, row in enumerate(rows):
            if number % LOOK_EVERY == 0:
                self.stop_if_cancelled(feedback)
            values: Sequence[Any] = list(row)
            feature = QgsFeature(described)
            if shape is Shape.POINT:
                *values, lon, lat = values
                if lon is not None and lat is not None:
                    feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(lon, lat)))
            feature.setAttributes([qgis_value(value) for value in values])
            if not sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert):
                raise CeasefireError(not_written(self, sink))
        return destination


def write_page(outputs, final: str, page: str) -> None:
    """Write an HTML page beside its final name; ``outputs`` renames it when all is well."""
    Path(outputs.file(final)).write_text(page, encoding="utf-8")


def full_name() -> str:
    """The full name of QGIS's user; empty where there is none but the account's."""
    name = QgsApplication.userFullName().strip()
    return "" if name.casefold() == QgsApplication.userLoginName().strip().casefold() else name
