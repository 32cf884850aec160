"""Incidents from a layer, chunk by chunk, as the columns that flags need."""

from __future__ import annotations

import dataclasses
from datetime import tzinfo
from typing import Any, Iterator, Optional

from qgis.core import (
    QgsCsException,
    QgsFeature,
    QgsFeatureRequest,
    QgsLineString,
)

from ...model.errors import Cancelled
from .columns import (
    AS_THEY_ARE,
    find_field,
    numbers_and_odd,
    point_of,
    points_transform,
    texts,
)
from .instants import spans_and_unreadable
from .placeareas import PlaceAreas

SECTOR = (
    "observer_lon",
    "observer_lat",
    "bearing_deg",
    "bearing_halfwidth_deg",
    "range_min_m",
    "range_max_m",
)
POINT_BYTES = 21
WHAT = "The layer of incidents"
LOOK_EVERY = 1000
# Of the progress, in percent; what comes after the first chunk's reading is told by FlagRun.
READ_SHARE = 5.0


@dataclasses.dataclass
class ReadIncidents:
    """Some of a layer's incidents: ``columns`` for the analysis, and the features they are.

    ``incident_ids`` and ``revisions`` are None where they were not asked for.
    """

    columns: Any
    features: list[QgsFeature]
    incident_ids: Any
    revisions: Any


@dataclasses.dataclass
class IncidentFields:
    """The fields that the user names; None: found by the model's names."""

    time_from: Optional[str] = None
    time_to: Optional[str] = None
    uncertainty: Optional[str] = None
    area: Optional[str] = None


class IncidentReader:
    """Reads a layer (points, or a table without places) once; raises CeasefireError for others.

    ``with_ids``: read the incidents' ids and revisions too. ``areas``: the polygons of incidents
    that are known by an area. After the last chunk ``notes`` says what was odd.
    """

    def __init__(
        self,
        source,
        asked: IncidentFields,
        zone: tzinfo,
        context,
        with_ids: bool,
        areas: Optional[PlaceAreas] = None,
    ):
        fields = source.fields()
        self.source, self.zone = source, zone
        self._transform = points_transform(source, WHAT, context)
        self._names = {
            "occurred_from": find_field(fields, asked.time_from, "occurred_from"),
            "occurred_to": find_field(fields, asked.time_to, "occurred_to"),
            "uncertainty_m": find_field(fields, asked.uncertainty, "uncertainty_m"),
        }
        others = ["span_is", "uncertainty_kind", *SECTOR]
        others += ["incident_id", "revision"] if with_ids else []
        self._names.update({name: find_field(fields, None, name) for name in others})
        if areas is not None:
            self._names["area"] = find_field(fields, asked.area, "admin1")
        self._with_ids, self._areas = with_ids, areas
        self._places = {
            name: fields.lookupField(field)
            for name, field in self._names.items()
            if field is not None
        }
        self._odd: dict[tuple[str, str], Any] = {}
        self._lost: list[int] = []

    def needed(self) -> list[int]:
        """The fields (indices) that are read for the analysis."""
        return sorted(set(self._places.values()))

    def chunks(self, size: int, attributes: list[int], feedback) -> Iterator[ReadIncidents]:
        """The incidents in the layer's order, ``size`` at a time; features keep ``attributes``."""
        request = QgsFeatureRequest()
        wanted = sorted({*attributes, *self.needed()})
        if len(wanted) < self.source.fields().count():
            request.setSubsetOfAttributes(wanted)
        features: list[QgsFeature] = []
        whole = max(min(size, self.source.featureCount()), 1)
        reading = True
        for feature in self.source.getFeatures(request, AS_THEY_ARE):
            features.append(feature)
            if len(features) % LOOK_EVERY == 0:
                if feedback.isCanceled():
                    raise Cancelled("Stopped; nothing was written.")
                if reading:
                    feedback.setProgress(min(READ_SHARE * len(features) / whole, READ_SHARE))
            if len(features) == size:
                yield self._read(features)
                features, reading = [], False
        if features:
            yield self._read(features)

    def notes(self) -> list[str]:
        """Sentences on what was read so far."""
        from ...analysis.flag_notes import features
        from ...analysis.line_words import counted

        told = []
        if self._lost:
            concerned = f"{counted(len(self._lost))}{features(self._lost, len(self._lost))}"
            told.append(
                f"The layer's coordinate reference system does not reach the place of {concerned}; "
                "it counts as not located."
            )
        for (field, what), odd in self._odd.items():
            told.append(
                f"The field “{field}” of {odd.words()} holds no {what}; taken as not known."
            )
        if self._names["occurred_from"] is None:
            told.append(
                "No field holds the time of the incidents; choose it as the time field, or only "
                "lines without dates can be held against them."
            )
        return told + ([] if self._areas is None else self._areas.notes())

    def _read(self, features: list[QgsFeature]) -> ReadIncidents:
        import numpy as np

        from ...analysis.incident_columns import IncidentColumns

        lon, lat = self._points(features)
        starts, day_ends = self._spans(features, "occurred_from")
        ends = day_ends
        if self._names["occurred_to"] is not None:
            _, ends = self._spans(features, "occurred_to")
        kinds = self._texts(features, "uncertainty_kind")
        columns = IncidentColumns(
            lon=lon,
            lat=lat,
            occurred_from=starts,
            occurred_to=ends,
            uncertainty_m=self._numbers(features, "uncertainty_m"),
            span_is=self._texts(features, "span_is"),
            uncertainty_kind=kinds,
            feature_id=np.array([feature.id() for feature in features], dtype=np.int64),
            **self._sectors(features, kinds),
        )
        if self._areas is not None:
            names = self._texts(features, "area")
            names = [None] * len(features) if names is None else names
            columns.area = self._areas.of(names, columns.uncertainty_kind == "area")
        incident_ids = revisions = None
        if self._with_ids:
            incident_ids = self._texts(features, "incident_id")
            revisions = self._numbers(features, "revision")
        return ReadIncidents(columns, features, incident_ids, revisions)

    def _values(self, features: list[QgsFeature], name: str) -> Optional[list]:
        place = self._places.get(name)
        return None if place is None else [feature[place] for feature in features]

    def _spans(self, features, name: str):
        values = self._values(features, name)
        if values is None:
            return None, None
        starts, ends, odd = spans_and_unreadable(values, self.zone)
        self._count_odd(name, "date", features, odd)
        return starts, ends

    def _numbers(self, features, name: str):
        values = self._values(features, name)
        if values is None:
            return None
        column, odd = numbers_and_odd(values)
        self._count_odd(name, "number", features, odd)
        return column

    def _sectors(self, features: list[QgsFeature], kinds) -> dict[str, Any]:
        """The columns of the sectors, of the incidents that are of that kind.

        Of a field of numbers nothing else is looked at: to be told of a NULL takes Python three
        times as long as a number, and most incidents have no sector.
        """
        import numpy as np

        if kinds is None:
            return {}
        rows = np.flatnonzero(kinds == "sector")
        seen = [features[row] for row in rows.tolist()]
        columns = {}
        for name in SECTOR:
            place = self._places.get(name)
            if place is None or not self.source.fields().at(place).isNumeric():
                columns[name] = self._numbers(features, name)
                continue
            columns[name] = np.full(len(features), np.nan)
            columns[name][rows] = self._numbers(seen, name)
        return columns

    def _texts(self, features, name: str):
        values = self._values(features, name)
        return None if values is None else texts(values)

    def _count_odd(self, name: str, what: str, features, odd: list[int]) -> None:
        """Note the rows of what could not be read, by their features."""
        import numpy as np

        from ...analysis.flag_notes import Named

        if odd:
            named = self._odd.setdefault((self._names[name], what), Named())
            named.add(np.array([features[row].id() for row in odd]), np.arange(len(odd)))

    def _points(self, features: list[QgsFeature]):
        """Longitude and latitude (degrees) of features; NaN where there is no place."""
        import numpy as np

        place = np.full((len(features), 2), np.nan)
        blobs = [feature.geometry().asWkb().data() for feature in features]
        plain = [row for row, blob in enumerate(blobs) if len(blob) == POINT_BYTES]
        joined = np.frombuffer(b"".join([blobs[row] for row in plain]), dtype=np.uint8)
        # Behind the byte order and the type of a WKB point stand two numbers.
        place[plain] = np.ascontiguousarray(joined.reshape(-1, POINT_BYTES)[:, 5:]).view("<f8")
        if len(plain) < len(features):
            for row, blob in enumerate(blobs):
                if len(blob) not in (0, POINT_BYTES):
                    place[row] = point_of(features[row].geometry(), WHAT)
        if self._transform is not None:
            self._to_degrees(place, features)
        return place[:, 0], place[:, 1]

    def _to_degrees(self, place, features) -> None:
        """Transform the known rows of ``place`` (n, 2) in place; what cannot be gets NaN."""
        import numpy as np

        rows = np.flatnonzero(np.isfinite(place).all(axis=1))
        if len(rows) == 0:
            return
        try:
            place[rows] = _transformed(place[rows], self._transform)
        except QgsCsException:
            for row in rows.tolist():
                try:
                    place[row] = _transformed(place[row : row + 1], self._transform)
                except QgsCsException:
                    place[row] = np.nan
                    self._lost.append(features[row].id())


def _transformed(points, transform):
    """Points (n, 2) in degrees; raises QgsCsException where one cannot be."""
    import numpy as np

    # The vertices of one line go through PROJ together.
    line = QgsLineString(points[:, 0].tolist(), points[:, 1].tolist())
    line.transform(transform)
    return np.frombuffer(line.asWkb().data(), dtype="<f8", offset=9).reshape(-1, 2)
