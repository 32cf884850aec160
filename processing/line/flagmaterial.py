"""What ``flagincidents`` works on: incidents, lines and areas, from layers or from the ledger."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone
from typing import Any, Iterator, Optional

from qgis.core import QgsProcessingException

from ...model.errors import Cancelled, CeasefireError
from ..ledger.zone import theatre_zone
from .areasource import HOLDER_NAMES, ZONE_NAMES, areas_of_records, areas_of_source
from .incidentsource import SECTOR, IncidentFields, IncidentReader, ReadIncidents
from .linesource import LineFields, lines_of_records, lines_of_source
from .placeareas import PlaceAreas


@dataclasses.dataclass
class FlagMaterial:
    """Everything that one run needs; ``ledger`` is its path, None where none was given.

    ``count``: how many incidents there are about. ``sectors``: what the ledger's observations tell
    of incidents, by their ids.
    """

    reader: IncidentReader
    count: int
    lines: Any
    settings: Any
    ledger: Optional[str]
    sectors: dict[str, tuple]
    notes: list[str]
    found: list[tuple] = dataclasses.field(default_factory=list)

    @classmethod
    def gathered(cls, algorithm, parameters, source, context, feedback) -> FlagMaterial:
        """Read what the parameters name, but for the incidents."""
        from ...analysis.flag_sentences import zone_of

        reader = _Reader(algorithm, parameters, context, feedback)
        given, ledger = reader.text(algorithm.TIMEZONE), reader.text(algorithm.LEDGER)
        reader.zone_name = theatre_zone(algorithm, given, ledger, feedback)
        reader.zone = zone_of(reader.zone_name)
        incidents = reader.incidents(source)
        with reader.opened_ledger():
            lines, settings, sectors = reader.lines(), reader.settings(), reader.sectors()
        count = max(source.featureCount(), 0)
        return cls(incidents, count, lines, settings, reader.ledger_path, sectors, reader.notes)

    def chunks(self, size: int, attributes: list[int], feedback) -> Iterator[ReadIncidents]:
        """The incidents, ``size`` at a time; raises CeasefireError for ids that are missing."""
        for chunk in self.reader.chunks(size, attributes, feedback):
            if self.ledger is not None:
                _check_ids(chunk)
                _add_sectors(chunk, self.sectors)
            yield chunk

    def keep_findings(self, chunk: ReadIncidents, columns) -> None:
        """Keep what was found of some incidents, where it goes to the ledger at the end."""
        if self.ledger is not None:
            self.found.append((chunk.incident_ids, chunk.revisions, columns))

    def write_findings(self, feedback) -> None:
        """Write what was found to the ledger, and say how much of it is new."""
        from ..ledger.place import open_place

        with open_place(self.ledger) as ledger:
            counts = ledger.write_findings(self._findings(feedback))
        feedback.pushInfo(
            f"Findings in the ledger: {counts.added:,} new, {counts.unchanged:,} unchanged."
        )

    def _findings(self, feedback):
        from ...model.land import Finding

        now = datetime.now(timezone.utc)
        for incident_ids, revisions, columns in self.found:
            if feedback.isCanceled():
                raise Cancelled("Stopped; nothing was written.")
            for row, incident in enumerate(incident_ids):
                revision = revisions[row]
                yield Finding(
                    incident_id=incident,
                    incident_revision=None if revision != revision else int(revision),
                    assessed_at=now,
                    flag_distance_m=self.settings.distance_m,
                    **_finding_values(columns, row),
                )


def _finding_values(columns, row: int) -> dict[str, Any]:
    from ...analysis.utc import utc_datetime
    from ...model.tables import FLAG_FIELDS

    values = {}
    for field in FLAG_FIELDS:
        value = getattr(columns, field.name)[row]
        if hasattr(value, "dtype"):
            value = utc_datetime(value) if value.dtype.kind == "M" else value.item()
        values[field.name] = None if value != value else value
    return values


class _Reader:
    """Reads layers, and from the ledger what has no layer."""

    def __init__(self, algorithm, parameters, context, feedback):
        self.algorithm, self.parameters = algorithm, parameters
        self.context, self.feedback = context, feedback
        self.notes: list[str] = []
        self.zone: Any = timezone.utc
        self.zone_name = "UTC"
        self.ledger_path = self.text(algorithm.LEDGER)
        self.ledger = None

    def text(self, name: str) -> Optional[str]:
        """A parameter's text; None where it is empty."""
        value = self.algorithm.parameterAsString(self.parameters, name, self.context)
        return value.strip() or None if value else None

    def source(self, name: str):
        """The layer of an optional parameter; None where it is not set."""
        if self.parameters.get(name) in (None, ""):
            return None
        source = self.algorithm.parameterAsSource(self.parameters, name, self.context)
        if source is None:
            raise QgsProcessingException(self.algorithm.invalidSourceError(self.parameters, name))
        return source

    def opened_ledger(self):
        """The ledger, open for reading while this context lasts."""
        import contextlib

        @contextlib.contextmanager
        def opened():
            if self.ledger_path is None:
                yield
                return
            from ..ledger.place import open_place

            with open_place(self.ledger_path, readonly=True) as self.ledger:
                yield

        return opened()

    def incidents(self, source) -> IncidentReader:
        """A reader of the incidents; raises CeasefireError where they cannot be used."""
        algorithm = self.algorithm
        asked = IncidentFields(
            self.text(algorithm.TIME_FIELD),
            self.text(algorithm.TIME_TO_FIELD),
            self.text(algorithm.UNCERTAINTY_FIELD),
            self.text(algorithm.AREA_FIELD),
        )
        areas = self.source(algorithm.AREAS)
        if areas is not None:
            name = self.text(algorithm.AREA_NAME_FIELD)
            areas = PlaceAreas.of_source(areas, name, self.context, self.feedback)
        with_ids = self.ledger_path is not None
        return IncidentReader(source, asked, self.zone, self.context, with_ids, areas)

    def sectors(self) -> dict[str, tuple]:
        """What the first full observation of each incident tells, in the order of ``SECTOR``."""
        known: dict[str, tuple] = {}
        for seen in [] if self.ledger is None else self.ledger.read("observations"):
            values = (
                seen.longitude,
                seen.latitude,
                seen.bearing_deg,
                seen.bearing_halfwidth_deg,
                seen.range_min_m,
                seen.range_max_m,
            )
            if None not in values:
                known.setdefault(seen.incident_id, values)
        return known

    def lines(self):
        """The prepared contact lines; None where there is none."""
        from ...analysis.contact_line import prepare_lines
        from ...analysis.fronts import of_front

        algorithm = self.algorithm
        kind = self.text(algorithm.LINE_KIND)
        source = self.source(algorithm.LINES)
        if source is not None:
            asked = LineFields(
                self.text(algorithm.LINE_FROM_FIELD),
                self.text(algorithm.LINE_TO_FIELD),
                self.text(algorithm.LINE_NAME_FIELD),
                self.text(algorithm.LEFT_FIELD),
                self.text(algorithm.RIGHT_FIELD),
                self.text(algorithm.LINE_UNCERTAINTY_FIELD),
            )
            columns, notes = lines_of_source(source, asked, self.zone, self.context, self.feedback)
            self.notes += notes
        else:
            records = [] if self.ledger is None else self.ledger.read("contact_lines")
            if not records:
                self.notes.append("No contact line was given: nothing is measured.")
                return None
            columns = lines_of_records(records)
        front = self.text(algorithm.FRONT)
        prepared = prepare_lines(of_front(columns, front) if front else columns, kind)
        self.notes += prepared.notes
        return prepared

    def settings(self):
        """The limit, the default uncertainty, zones and areas of control."""
        from ...analysis.flagging import FlagSettings

        algorithm = self.algorithm
        default = None
        if self.parameters.get(algorithm.UNCERTAINTY_DEFAULT) not in (None, ""):
            default = algorithm.parameterAsDouble(
                self.parameters, algorithm.UNCERTAINTY_DEFAULT, self.context
            )
        return FlagSettings(
            distance_m=algorithm.parameterAsDouble(
                self.parameters, algorithm.DISTANCE, self.context
            ),
            default_uncertainty_m=default,
            timezone=self.zone_name,
            sides=algorithm.parameterAsBool(
                self.parameters, algorithm.SIDE_PROBABILITY, self.context
            ),
            zones=self._areas(algorithm.ZONES, "The layer of zones", ZONE_NAMES, "zones"),
            control=self._areas(
                algorithm.CONTROL, "The layer of areas of control", HOLDER_NAMES, "control_areas"
            ),
        )

    def _areas(self, name: str, what: str, usual: tuple, table: str):
        source = self.source(name)
        if source is not None:
            return areas_of_source(source, what, usual, self.zone, self.context, self.feedback)
        if self.ledger is None:
            return None
        records = self.ledger.read(table)
        return areas_of_records(records, usual[0]) if records else None


def _check_ids(chunk: ReadIncidents) -> None:
    """Raise CeasefireError where findings cannot be bound to incidents of the ledger."""
    from ...analysis.flag_notes import features

    missing = [row for row, value in enumerate(chunk.incident_ids) if value is None]
    if missing:
        listed = [int(chunk.columns.feature_id[row]) for row in missing]
        raise CeasefireError(
            f"Incidents{features(listed, len(listed))} have no “incident_id”, so their findings "
            "cannot be written to the ledger. Import them into the ledger first, or leave the "
            "ledger empty."
        )


def _add_sectors(chunk: ReadIncidents, known: dict[str, tuple]) -> None:
    """Give incidents of the kind sector what their first full observation tells."""
    import numpy as np

    wanted = (chunk.columns.uncertainty_kind == "sector") & ~chunk.columns.has_sector()
    for row in np.flatnonzero(wanted):
        values = known.get(chunk.incident_ids[row])
        for name, value in zip(SECTOR, values or ()):
            getattr(chunk.columns, name)[row] = value
