"""Outputs that appear whole or not at all: written beside their final name, renamed at the end."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Optional

from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsField,
    QgsFields,
    QgsProcessingException,
    QgsProcessingOutputLayerDefinition,
    QgsVectorFileWriter,
    QgsVectorLayer,
    QgsWkbTypes,
)

SINGLE_FILE = {"gpkg", "geojson", "json", "csv", "fgb", "kml", "gml", "xlsx", "ods", "sqlite"}


class FileSink:
    """A feature sink into one file that counts what it was given, to be checked at the end.

    A full disk is not always told by the driver while it writes; what counts is what can be
    read afterwards.
    """

    def __init__(self, path: Path, name: str, fields: QgsFields, wkb_type, crs, context):
        options = QgsVectorFileWriter.SaveVectorOptions()
        options.driverName = QgsVectorFileWriter.driverForExtension(path.suffix)
        options.layerName = name
        options.fileEncoding = "UTF-8"
        point = QgsWkbTypes.geometryType(wkb_type) == Qgis.GeometryType.Point
        self._layer = name if options.driverName == "GPKG" and point else None
        if self._layer is not None:
            options.layerOptions = ["SPATIAL_INDEX=NO"]
        if options.driverName == "CSV" and wkb_type != QgsWkbTypes.Type.NoGeometry:
            options.layerOptions = ["GEOMETRY=AS_XY" if point else "GEOMETRY=AS_WKT"]
        self.path = path
        self.count = 0
        self._writer = QgsVectorFileWriter.create(
            str(path), fields, wkb_type, crs, context.transformContext(), options
        )
        if self._writer.hasError() != QgsVectorFileWriter.WriterError.NoError:
            raise QgsProcessingException(
                f"“{path.parent}” cannot be written to ({self._writer.errorMessage()}). "
                "Choose a folder that you may write to, on a disk with room."
            )

    def addFeature(self, feature, flags=None) -> bool:
        """Write one feature; False where the driver refuses."""
        self.count += 1
        return self._writer.addFeature(feature)

    def lastError(self) -> str:
        """What the driver said last."""
        return self._writer.errorMessage() if self._writer is not None else ""

    def close(self) -> None:
        """Let the driver write the rest and close the file."""
        self._writer = None

    def is_whole(self) -> bool:
        """Whether everything that was written can be read from the closed file."""
        layer = QgsVectorLayer(str(self.path), "written", "ogr")
        return layer.isValid() and layer.featureCount() == self.count

    def index(self) -> bool:
        """Make the closed file's spatial index where the driver was told not to; whether it is."""
        if self._layer is None:
            return True
        # Not before it is needed: it brings GDAL's Python with it.
        from .spatialindex import index_by_gdal, index_points

        return index_points(self.path, self._layer) or index_by_gdal(self.path, self._layer)


def without_aliases(fields: QgsFields) -> QgsFields:
    """The fields by their names alone: QGIS warns twice of each alias of a scratch layer."""
    result = QgsFields()
    for field in fields:
        plain = QgsField(field)
        plain.setAlias("")
        result.append(plain)
    return result


class Outputs:
    """The layers and files that one run of an algorithm writes.

    ``sink`` and ``file`` hand out places beside the final ones; ``keep`` renames them,
    ``discard`` removes them. Sinks that are no single file (memory, a database) are passed through.
    """

    def __init__(self, algorithm, parameters, context):
        self.algorithm = algorithm
        self.parameters = parameters
        self.context = context
        self._sinks: list = []
        self._moves: list[tuple[Path, Path]] = []

    def sink(self, name: str, fields: QgsFields, wkb_type, crs: QgsCoordinateReferenceSystem):
        """A feature sink for the parameter ``name``, and the destination to return for it.

        Gives ``(None, None)`` where the parameter is optional and not set.
        """
        final = self._file_path(name)
        if final is None:
            sink, destination = self.algorithm.parameterAsSink(
                self.parameters, name, self.context, without_aliases(fields), wkb_type, crs
            )
            if sink is None and self.parameters.get(name) is not None:
                raise QgsProcessingException(self.algorithm.invalidSinkError(self.parameters, name))
        else:
            destination = self.algorithm.parameterAsOutputLayer(self.parameters, name, self.context)
            beside = self._beside(final)
            sink = FileSink(beside, final.stem, fields, wkb_type, crs, self.context)
        self._sinks.append(sink)
        return sink, destination

    def file(self, final: str | os.PathLike) -> str:
        """A path to write to instead of ``final``; ``keep`` renames it."""
        return str(self._beside(Path(final)))

    def keep(self) -> None:
        """Close all sinks, see that they are whole, and give every file its final name."""
        sinks, self._sinks = self._sinks, []
        for sink in sinks:
            if not _finished(sink):
                raise QgsProcessingException(
                    self.algorithm.tr(
                        "The output could not be written to the end; the disk may be full. "
                        "Free some room or choose another place, and run it again."
                    )
                )
        for beside, final in self._moves:
            if beside.exists():
                os.replace(beside, final)
        self._moves.clear()

    def discard(self) -> None:
        """Close all sinks and remove every file that was not kept."""
        for sink in self._sinks:
            if isinstance(sink, FileSink):
                sink.close()
        self._sinks.clear()
        for beside, _ in self._moves:
            for leftover in beside.parent.glob(beside.name + "*"):
                leftover.unlink()
        self._moves.clear()

    def _beside(self, final: Path) -> Path:
        final.parent.mkdir(parents=True, exist_ok=True)
        beside = final.with_name(f".{uuid.uuid4().hex[:8]}.{final.name}")
        self._moves.append((beside, final))
        return beside

    def _file_path(self, name: str) -> Optional[Path]:
        value = self.parameters.get(name)
        if isinstance(value, QgsProcessingOutputLayerDefinition):
            value = value.sink.staticValue()
        if not isinstance(value, str) or "|" in value:
            return None
        suffix = Path(value).suffix.lower().lstrip(".")
        return Path(value) if suffix in SINGLE_FILE and ":" not in value[2:] else None


def _finished(sink) -> bool:
    """Close one sink; whether all that it was given arrived."""
    if sink is None:
        return True
    if isinstance(sink, FileSink):
        sink.close()
        return sink.is_whole() and sink.index()
    return sink.flushBuffer()
