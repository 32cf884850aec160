"""What ``checkrules`` works on: the agreement, the subjects and the theatre, read once."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import Any, Optional

from qgis.core import QgsProcessingException

from ...model.errors import CeasefireError
from ..ledger.zone import theatre_zone
from ..line.linesource import LineFields, lines_of_records, lines_of_source
from .agreementsource import agreement_of
from .landsource import (
    effort_of_records,
    effort_of_source,
    inventories_of_records,
    inventories_of_source,
    sites_of_records,
    sites_of_source,
    storage_of_records,
    storage_of_source,
    zones_of_records,
    zones_of_source,
)
from .ruleledger import KnownFindings
from .subjectsource import INCIDENTS, SIGHTINGS, kind_of, subjects_of_records, subjects_of_source


@dataclasses.dataclass
class RuleMaterial:
    """Everything that was read for one run; ``known`` is what the ledger holds of before.

    ``theatres``: one of incidents, one of sightings, or both. ``record``: the agreement's text for
    the ledger, None where it is there or none is given.
    """

    agreement: Any
    record: Optional[Any]
    theatres: list
    ledger: Optional[str]
    known: Optional[KnownFindings]
    notes: list[str]

    @classmethod
    def gathered(cls, algorithm, parameters, context, feedback) -> RuleMaterial:
        """Read what the parameters name."""
        from ...analysis.agreement_notes import agreement_notes

        reader = _Reader(algorithm, parameters, context, feedback)
        with reader.opened():
            agreement, record = agreement_of(reader.text(algorithm.AGREEMENT), reader.ledger)
            reader.notes += agreement_notes(agreement)
            reader.set_zone(agreement)
            theatres = reader.theatres(agreement)
            known = None
            if reader.ledger is not None:
                known = KnownFindings.read(reader.ledger, agreement.agreement_id)
        return cls(agreement, record, theatres, reader.ledger_path, known, reader.notes)


class _Reader:
    """Reads layers, and from the ledger what has no layer."""

    def __init__(self, algorithm, parameters, context, feedback):
        self.algorithm, self.parameters = algorithm, parameters
        self.context, self.feedback = context, feedback
        self.notes: list[str] = []
        self.ledger_path = self.text(algorithm.LEDGER)
        self.ledger: Any = None
        self.zone: Any = None
        self.zone_name = ""

    def text(self, name: str) -> Optional[str]:
        """A parameter's text; None where it is empty."""
        value = self.algorithm.parameterAsString(self.parameters, name, self.context)
        return value.strip() or None if value else None

    @contextlib.contextmanager
    def opened(self):
        """The ledger, open for reading while this context lasts."""
        if self.ledger_path is None:
            yield
            return
        from ..ledger.place import open_place

        with open_place(self.ledger_path, readonly=True) as self.ledger:
            yield

    def set_zone(self, agreement) -> None:
        """The zone of bare dates: the one given, the ledger's, or the agreement's own."""
        from ...analysis.flag_sentences import zone_of

        given = self.text(self.algorithm.TIMEZONE)
        if given or self.ledger is not None:
            self.zone_name = theatre_zone(self.algorithm, given, self.ledger_path, self.feedback)
        else:
            self.zone_name = agreement.timing.timezone
        self.zone = zone_of(self.zone_name)

    def source(self, name: str):
        """The layer of an optional parameter; None where it is not set."""
        if self.parameters.get(name) in (None, ""):
            return None
        source = self.algorithm.parameterAsSource(self.parameters, name, self.context)
        if source is None:
            raise QgsProcessingException(self.algorithm.invalidSourceError(self.parameters, name))
        return source

    def theatres(self, agreement) -> list:
        """The subjects that are given, each with the theatre around them."""
        from ...analysis.rule_theatre import RuleTheatre

        around = self._around()
        default = None
        if self.parameters.get(self.algorithm.UNCERTAINTY_DEFAULT) not in (None, ""):
            default = self.algorithm.parameterAsDouble(
                self.parameters, self.algorithm.UNCERTAINTY_DEFAULT, self.context
            )
        return [
            RuleTheatre(
                agreement,
                subjects,
                **around,
                timezone=self.zone_name,
                default_uncertainty_m=default,
            )
            for subjects in self._subjects()
        ]

    def _subjects(self) -> list:
        """Incidents, sightings, or both; each kind once."""
        source = self.source(self.algorithm.INPUT)
        kind = kind_of(source)
        given = [(kind, source)]
        weapons = self.source(self.algorithm.WEAPONS)
        if weapons is not None:
            if kind == SIGHTINGS:
                raise CeasefireError(
                    "Both layers hold weapon sightings. Give incidents as the first one, or leave "
                    "the second empty."
                )
            given.append((SIGHTINGS, weapons))
        read = [self._of_source(each, kind) for kind, each in given]
        if kind == INCIDENTS and weapons is None and self.ledger is not None:
            records = self.ledger.read(SIGHTINGS)
            if records:
                read.append(subjects_of_records(SIGHTINGS, records, self.notes))
        return read

    def _of_source(self, source, kind: str):
        subjects = subjects_of_source(
            source, kind, self.zone, self.context, self.feedback, self.notes
        )
        missing = sum(1 for identifier in subjects.identifier if identifier is None)
        if missing and self.ledger is not None:
            raise CeasefireError(
                f"{missing:,} rows of “{source.sourceName()}” have no id, so their findings cannot "
                "be kept in the ledger. Import them into the ledger first, or leave it empty."
            )
        return subjects

    def _around(self) -> dict:
        """Lines, zones, sites, storage, inventories and effort; None where not known."""
        algorithm, zone, context = self.algorithm, self.zone, self.context
        feedback, notes = self.feedback, self.notes
        return {
            "given_lines": self._lines(),
            "given_zones": self._layer(
                algorithm.ZONES,
                lambda source: zones_of_source(source, zone, context, feedback),
                "zones",
                zones_of_records,
            ),
            "given_sites": self._layer(
                algorithm.SITES,
                lambda source: sites_of_source(source, zone, context, feedback),
                "sites",
                sites_of_records,
            ),
            "storage": self._layer(
                algorithm.STORAGE,
                lambda source: storage_of_source(source, zone, context, feedback, notes),
                "storage_sites",
                storage_of_records,
            ),
            "inventories": self._layer(
                algorithm.INVENTORIES,
                lambda source: inventories_of_source(source, zone, feedback, notes),
                "inventories",
                inventories_of_records,
            ),
            "effort": self._layer(
                algorithm.EFFORT,
                lambda source: effort_of_source(source, zone, feedback),
                "effort",
                effort_of_records,
            ),
        }

    def _layer(self, name: str, of_source, table: str, of_records):
        """A layer's columns, or else the ledger's; None where there is neither."""
        source = self.source(name)
        if source is not None:
            return of_source(source)
        records = [] if self.ledger is None else self.ledger.read(table)
        return of_records(records) if records else None

    def _lines(self):
        source = self.source(self.algorithm.LINES)
        if source is not None:
            columns, notes = lines_of_source(
                source, LineFields(), self.zone, self.context, self.feedback
            )
            self.notes += notes
            return columns
        records = [] if self.ledger is None else self.ledger.read("contact_lines")
        return lines_of_records(records) if records else None
