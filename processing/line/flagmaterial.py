"""What ``flagincidents`` works on: incidents, lines and areas, from layers or from the ledger."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone
from typing import Any, Optional

from qgis.core import QgsProcessingException

from ...model.errors import CeasefireError
from ..ledger.zone import theatre_zone
from .areasource import HOLDER_NAMES, ZONE_NAMES, areas_of_records, areas_of_source
from .incidentsource import SECTOR, IncidentFields, ReadIncidents, incidents_of_source
from .linesource import LineFields, lines_of_records, lines_of_source


@dataclasses.dataclass
class FlagMaterial:
    """Everything that was read for one run; ``ledger`` is its path, None where none was given."""

    incidents: ReadIncidents
    lines: Any
    settings: Any
    ledger: Optional[str]
    notes: list[str]

    @classmethod
    def gathered(cls, algorithm, parameters, source, context, feedback) -> FlagMaterial:
        """Read what the parameters name."""
        from ...analysis.flag_sentences import zone_of

        reader = _Reader(algorithm, parameters, context, feedback)
        given, ledger = reader.text(algorithm.TIMEZONE), reader.text(algorithm.LEDGER)
        reader.zone_name = theatre_zone(algorithm, given, ledger, feedback)
        reader.zone = zone_of(reader.zone_name)
        with reader.opened_ledger():
            incidents = reader.incidents(source)
            lines = reader.lines()
            settings = reader.settings()
        reader.check_ids(incidents)
        return cls(incidents, lines, settings, reader.ledger_path, incidents.notes + reader.notes)

    def write_findings(self, columns, feedback) -> None:
        """Write what was found to the ledger, and say how much of it is new."""
        from ...ledger.geopackage import Ledger

        with Ledger.open(self.ledger) as ledger:
            counts = ledger.write_findings(self._findings(columns))
        feedback.pushInfo(
            f"Findings in the ledger: {counts.added:,} new, {counts.unchanged:,} unchanged."
        )

    def _findings(self, columns):
        from ...analysis.utc import utc_datetime
        from ...model.land import Finding
        from ...model.tables import FLAG_FIELDS

        now = datetime.now(timezone.utc)
        revisions = self.incidents.revisions
        for row, incident in enumerate(self.incidents.incident_ids):
            values = {}
            for field in FLAG_FIELDS:
                value = getattr(columns, field.name)[row]
                if hasattr(value, "dtype"):
                    value = utc_datetime(value) if value.dtype.kind == "M" else value.item()
                values[field.name] = None if value != value else value
            yield Finding(
                incident_id=incident,
                incident_revision=None if revisions[row] != revisions[row] else int(revisions[row]),
                assessed_at=now,
                flag_distance_m=self.settings.distance_m,
                **values,
            )


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
            from ...ledger.geopackage import Ledger

            with Ledger.open(self.ledger_path, readonly=True) as self.ledger:
                yield

        return opened()

    def incidents(self, source) -> ReadIncidents:
        """The incidents, with the sectors that the ledger's observations tell."""
        algorithm = self.algorithm
        asked = IncidentFields(
            self.text(algorithm.TIME_FIELD),
            self.text(algorithm.TIME_TO_FIELD),
            self.text(algorithm.UNCERTAINTY_FIELD),
        )
        read = incidents_of_source(source, asked, self.zone, self.context, self.feedback)
        if self.ledger is not None:
            _add_sectors(read, self.ledger.read("observations"))
        return read

    def lines(self):
        """The prepared contact lines; None where there is none."""
        from ...analysis.contact_line import prepare_lines

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
        prepared = prepare_lines(columns, kind)
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

    def check_ids(self, read: ReadIncidents) -> None:
        """Raise CeasefireError where findings cannot be bound to incidents of the ledger."""
        if self.ledger_path is None:
            return
        missing = sum(1 for identifier in read.incident_ids if identifier is None)
        if missing:
            raise CeasefireError(
                f"{missing:,} incidents have no “incident_id”, so their findings cannot be written "
                "to the ledger. Import them into the ledger first, or leave the ledger empty."
            )


def _add_sectors(read: ReadIncidents, observations) -> None:
    """Give incidents of the kind sector what their first full observation tells."""
    import numpy as np

    known = {}
    for seen in observations:
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
    wanted = (read.columns.uncertainty_kind == "sector") & ~read.columns.has_sector()
    for row in np.flatnonzero(wanted):
        values = known.get(read.incident_ids[row])
        if values is None:
            continue
        for name, value in zip(SECTOR, values):
            getattr(read.columns, name)[row] = value
