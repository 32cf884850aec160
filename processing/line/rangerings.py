"""Algorithm ``ceasefire:rangerings``: rings and fans of range about places."""

from __future__ import annotations

from qgis.core import (
    QgsFeature,
    QgsFeatureRequest,
    QgsFeatureSink,
    QgsGeometry,
    QgsProcessing,
    QgsProcessingException,
    QgsProcessingOutputNumber,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterNumber,
    QgsProcessingParameterPoint,
    QgsProcessingParameterString,
)

from ...model.errors import Cancelled, CeasefireError
from ...model.field import Field, Kind, Shape
from ...model.vocabulary import label, vocabulary
from ..base import CeasefireAlgorithm
from ..fields import WGS84, WKB_TYPES, qgis_fields, qgis_value
from ..libraries import require
from .columns import not_written

FIELDS = (
    Field("centre", Kind.TEXT, "Centre"),
    Field("weapon", Kind.TEXT, "Weapon"),
    Field("range_m", Kind.REAL, "Range (m)"),
    Field("bearing_deg", Kind.REAL, "Bearing (degrees, true)"),
    Field("halfwidth_deg", Kind.REAL, "Bearing, plus or minus (degrees)"),
    Field("label", Kind.TEXT, "Label"),
)
WEAPONS = "weapon_types"


class RangeRings(CeasefireAlgorithm):
    """How far weapons reach from places: rings, or fans in one direction."""

    NAME = "rangerings"
    TITLE = "Range rings and fans"
    GROUP = "Contact line"
    GROUP_ID = "line"
    HELP = (
        "Draws how far weapons reach from a place, or from each point of a layer: one area for "
        "each range, geodesic on the ellipsoid WGS 84. With a half-width below 180° it draws fans "
        "in one direction instead of rings.\n\n"
        "RANGES names metres, kilometres or weapons: “2000; 5 km; mortar_120”. The ranges of the "
        "list of weapons are general knowledge; set your mission's own as “mortar_120=7200”. A "
        "ring says how far something may reach, not that it was fired."
    )

    POINT = "POINT"
    CENTRES = "CENTRES"
    RANGES = "RANGES"
    BEARING = "BEARING"
    HALFWIDTH = "HALFWIDTH"
    OUTPUT = "OUTPUT"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add(
            QgsProcessingParameterPoint(self.POINT, self.tr("Place"), optional=True),
            self.tr("The place in the middle; left empty, the points of the layer."),
        )
        self.add(
            QgsProcessingParameterFeatureSource(
                self.CENTRES,
                self.tr("Layer of places"),
                [QgsProcessing.SourceType.TypeVectorPoint],
                optional=True,
            ),
            self.tr("Points, each the middle of its own rings."),
        )
        self.add(
            QgsProcessingParameterString(
                self.RANGES, self.tr("Ranges or weapons"), defaultValue="2000; 5000", multiLine=True
            ),
            self.tr(
                "Metres, kilometres or weapons with semicolons between them, such as “2000; 5 km; "
                "mortar_120; hmg=1800”. Weapons are: %1."
            ).replace("%1", ", ".join(vocabulary(WEAPONS))),
        )
        self._add_direction()
        self.add(
            QgsProcessingParameterFeatureSink(
                self.OUTPUT,
                self.tr("Range rings"),
                QgsProcessing.SourceType.TypeVectorPolygon,
            ),
            self.tr("One area for each place and range, the longest first, so that all are seen."),
        )
        self.addOutput(QgsProcessingOutputNumber("COUNT", self.tr("Areas drawn")))

    def _add_direction(self) -> None:
        real = QgsProcessingParameterNumber.Type.Double
        self.add(
            QgsProcessingParameterNumber(
                self.BEARING, self.tr("Bearing (degrees, true)"), real, 0.0, False, 0.0, 360.0
            ),
            self.tr("The middle of a fan, clockwise from true north; of no matter for a ring."),
        )
        self.add(
            QgsProcessingParameterNumber(
                self.HALFWIDTH,
                self.tr("Bearing, plus or minus (degrees)"),
                real,
                180.0,
                False,
                0.1,
                180.0,
            ),
            self.tr("Half of a fan's opening; 180 draws whole rings."),
        )

    def work(self, parameters, context, feedback, outputs):
        """Draw every range about every place."""
        require("shapely", "pyproj")
        from ...analysis.range_rings import fan, ranges_of

        text = self.parameterAsString(parameters, self.RANGES, context)
        ranges = ranges_of(text, vocabulary(WEAPONS))
        bearing = self.parameterAsDouble(parameters, self.BEARING, context)
        halfwidth = self.parameterAsDouble(parameters, self.HALFWIDTH, context)
        places = self._places(parameters, context, feedback)
        fields = qgis_fields(FIELDS)
        sink, destination = outputs.sink(self.OUTPUT, fields, WKB_TYPES[Shape.AREA], WGS84)
        count = 0
        for number, (name, lon, lat) in enumerate(places):
            if feedback.isCanceled():
                raise Cancelled(self.tr("Stopped; nothing was written."))
            feedback.setProgress(100.0 * number / len(places))
            for each in reversed(ranges):
                shape = fan(lon, lat, bearing, halfwidth, 0.0, each.metres)
                direction = (None, None) if halfwidth >= 180.0 else (bearing, halfwidth)
                values = (name, each.weapon, each.metres, *direction, _label(each))
                self._write(sink, fields, shape, values)
                count += 1
        return {self.OUTPUT: destination, "COUNT": count}

    def _write(self, sink, fields, shape, values) -> None:
        if sink is None:
            return
        feature = QgsFeature(fields)
        geometry = QgsGeometry()
        geometry.fromWkb(shape.wkb)
        geometry.convertToMultiType()
        feature.setGeometry(geometry)
        feature.setAttributes([qgis_value(value) for value in values])
        if not sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert):
            raise CeasefireError(not_written(self, sink))

    def _places(self, parameters, context, feedback) -> list[tuple]:
        """Name, longitude and latitude of every place."""
        places = []
        if parameters.get(self.POINT) not in (None, ""):
            point = self.parameterAsPoint(parameters, self.POINT, context, WGS84)
            if abs(point.y()) > 90.0:
                raise CeasefireError(
                    self.tr("The place lies beyond the poles: give longitude, then latitude.")
                )
            places.append((None, point.x(), point.y()))
        source = self.parameterAsSource(parameters, self.CENTRES, context)
        if source is None and parameters.get(self.CENTRES):
            raise QgsProcessingException(self.invalidSourceError(parameters, self.CENTRES))
        if source is not None:
            places += self._of_layer(source, context, feedback)
        if not places:
            raise CeasefireError(
                self.tr("There is no place to draw about: give one, or a layer with points.")
            )
        return places

    def _of_layer(self, source, context, feedback) -> list[tuple]:
        request = QgsFeatureRequest().setDestinationCrs(WGS84, context.transformContext())
        name = source.fields().lookupField("name")
        places, without = [], 0
        for feature in source.getFeatures(request):
            if feedback.isCanceled():
                raise Cancelled(self.tr("Stopped; nothing was written."))
            if feature.geometry().isEmpty():
                without += 1
                continue
            told = feature.attributes()[name] if name >= 0 else feature.id()
            for point in feature.geometry().vertices():
                places.append((str(told), point.x(), point.y()))
        if without:
            feedback.pushWarning(
                self.tr("Points without a place, about which nothing is drawn: %1.").replace(
                    "%1", f"{without:,}"
                )
            )
        return places


def _label(each) -> str:
    """What is written beside a ring: the weapon and its range."""
    told = f"{each.metres / 1000:g} km" if each.metres >= 1000 else f"{each.metres:g} m"
    return f"{label(WEAPONS, each.weapon)}, {told}" if each.weapon else told
