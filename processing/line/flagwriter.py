"""Incidents written again with what was found of them."""

from __future__ import annotations

import math
from typing import Any, Optional

from qgis.core import Qgis, QgsFeatureRequest, QgsFeatureSink, QgsFields

from ...model.errors import Cancelled, CeasefireError
from ...model.tables import FLAG_FIELDS
from ..fields import qgis_fields, qgis_value
from .columns import not_written
from .incidentsource import READ_SHARE

LOOK_EVERY = 1000
WRITE_SHARE = 90.0


class FlagWriter:
    """Writes the features that were read, with the fields of ``FLAG_FIELDS`` behind their own.

    The features' own values stay as they were read and are never turned into Python's: that takes
    longer than all the rest. Fields of an earlier run are left out.
    """

    def __init__(self, algorithm, parameters, context, source, feedback):
        self.algorithm = algorithm
        self.kept = _kept_fields(algorithm, parameters, context, source, feedback)
        self.fields = QgsFields()
        for index in self.kept:
            self.fields.append(source.fields().at(index))
        for field in qgis_fields(FLAG_FIELDS):
            self.fields.append(field)
        self._has = source.fields().count()
        # Kept fields move to the front, past those that are left out.
        self._moves = [(to, at) for to, at in enumerate(self.kept) if to != at]
        self.sink: Any = None
        self._written, self._total = 0, max(source.featureCount(), 1)

    def write(self, features: list, columns, feedback) -> None:
        """Write features with their columns, row by row; raises Cancelled, CeasefireError."""
        if self.sink is None:
            return
        first = len(self.kept)
        values = [
            (number, column)
            for number, column in enumerate(_values(columns), first)
            if column is not None
        ]
        numbers = [number for number, _ in values]
        add, flag = self.sink.addFeature, QgsFeatureSink.Flag.FastInsert
        fields, count, shortened = self.fields, self.fields.count(), self._has != first
        rows = zip(features, *(column for _, column in values))
        for done, (feature, *found) in enumerate(rows):
            for to, at in self._moves:
                feature[to] = feature[at]
            if shortened:
                feature.resizeAttributes(first)
            feature.setFields(fields, False)
            feature.resizeAttributes(count)
            for number, value in zip(numbers, found):
                if value is not None:
                    feature[number] = value
            if not add(feature, flag):
                raise CeasefireError(not_written(self.algorithm, self.sink))
            if done % LOOK_EVERY == 0:
                self._look(done, feedback)
        self._written += len(features)

    def _look(self, done: int, feedback) -> None:
        """Look for a stop, and tell how much of the chunk is written."""
        if feedback.isCanceled():
            raise Cancelled(self.algorithm.tr("Stopped; nothing was written."))
        share = min((self._written + done) / self._total, 1.0)
        # Of these shares FlagRun tells the end of each chunk.
        feedback.setProgress(READ_SHARE + WRITE_SHARE * share)


def _values(columns) -> list[Optional[list]]:
    """The flag columns as attribute values, one list a field; None for one without any value."""
    result: list[Optional[list]] = []
    for field in FLAG_FIELDS:
        values = getattr(columns, field.name)
        if values.dtype.kind == "M":
            listed = _moments(values)
        elif values.dtype.kind == "f":
            listed = [None if math.isnan(value) else value for value in values.tolist()]
        else:
            listed = values.tolist()
        result.append(None if listed.count(None) == len(listed) else listed)
    return result


def _moments(values) -> list:
    """Moments as attribute values; each different one is made once."""
    import numpy as np

    from ...analysis.utc import utc_datetime

    different, back = np.unique(values, return_inverse=True)
    made = [utc_datetime(moment) for moment in different]
    made = [None if moment is None else qgis_value(moment) for moment in made]
    return [made[index] for index in back.ravel().tolist()]


def _kept_fields(algorithm, parameters, context, source, feedback) -> list[int]:
    """The fields of INPUT that are written again: not those of an earlier run.

    A field “fid” that is no key is left out too, for GeoPackage takes it for one.
    """
    fields = source.fields()
    left_out = {field.name for field in FLAG_FIELDS}
    key = fields.lookupField("fid")
    if key >= 0:
        layer = algorithm.parameterAsVectorLayer(parameters, algorithm.INPUT, context)
        if not _is_key_of(layer, key) and not _is_key(source, key, feedback):
            left_out.add("fid")
            feedback.pushInfo(
                algorithm.tr(
                    "The field “fid” repeats numbers, so it cannot be kept; it was left out."
                )
            )
    return [i for i in range(fields.count()) if fields.at(i).name().lower() not in left_out]


def _is_key_of(layer, index: int) -> bool:
    """Whether a layer's own file or database says that the field is its key."""
    if layer is None or layer.isEditable() or layer.fields().at(index).name().lower() != "fid":
        return False
    return layer.primaryKeyAttributes() == [index]


def _is_key(source, index: int, feedback) -> bool:
    """Whether a field holds a different whole number in every feature."""
    request = QgsFeatureRequest().setSubsetOfAttributes([index])
    request.setFlags(Qgis.FeatureRequestFlag.NoGeometry)
    seen = set()
    for count, feature in enumerate(source.getFeatures(request)):
        value = feature[index]
        if type(value) is not int or value in seen:
            return False
        seen.add(value)
        if count % LOOK_EVERY == 0 and feedback.isCanceled():
            raise Cancelled("Stopped; nothing was written.")
    return True
