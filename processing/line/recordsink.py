"""Records of the model written to an output of an algorithm, with the shipped style."""

from __future__ import annotations

from qgis.core import (
    QgsFeature,
    QgsFeatureSink,
    QgsGeometry,
    QgsProcessingLayerPostProcessorInterface,
    QgsWkbTypes,
)

from ...model.errors import Cancelled, CeasefireError
from ..fields import WGS84, WKB_TYPES, qgis_fields, qgis_value
from .columns import not_written

# QGIS keeps no reference to what styles a layer once the algorithm is through.
_STYLES: dict[str, _Style] = {}


class _Style(QgsProcessingLayerPostProcessorInterface):
    """Gives a loaded output the style that ships with the plugin."""

    def __init__(self, name: str):
        super().__init__()
        self.name = name

    def postProcessLayer(self, layer, context, feedback):
        from ...reports.layout.styles import apply_style

        try:
            apply_style(layer, self.name)
        except CeasefireError as error:
            feedback.pushWarning(str(error))


def write_records(algorithm, outputs, name: str, table, records, context, feedback, style=None):
    """Write records to the output ``name``; returns its destination, None where it is not asked.

    ``table`` says which attributes become fields. Geometries are shapely, EPSG:4326. ``style`` is
    the name of a file in resources/styles.
    """
    sink, destination = outputs.sink(name, qgis_fields(table.fields), WKB_TYPES[table.shape], WGS84)
    if sink is None:
        return destination
    multi = QgsWkbTypes.isMultiType(WKB_TYPES[table.shape])
    names = table.names()
    for record in records:
        if feedback.isCanceled():
            raise Cancelled(algorithm.tr("Stopped; nothing was written."))
        feature = QgsFeature()
        if getattr(record, "geometry", None) is not None:
            geometry = QgsGeometry()
            geometry.fromWkb(record.geometry.wkb)
            if multi:
                geometry.convertToMultiType()
            feature.setGeometry(geometry)
        feature.setAttributes([qgis_value(getattr(record, field)) for field in names])
        if not sink.addFeature(feature, QgsFeatureSink.Flag.FastInsert):
            raise CeasefireError(not_written(algorithm, sink))
    if style is not None and destination and context.willLoadLayerOnCompletion(destination):
        details = context.layerToLoadOnCompletionDetails(destination)
        details.setPostProcessor(_STYLES.setdefault(style, _Style(style)))
    return destination
