"""What a run of ``ceasefire:brief`` was asked for: its material and its options."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Optional

from ...model.errors import CeasefireError
from .layermaterial import LAYERS, LayerReader

RECORDS = {
    "contact_lines": "lines",
    "zones": "zones",
    "sites": "sites",
    "control_areas": "control",
    "posts": "posts",
    "effort": "effort",
}


class BriefRequest:
    """Reads the parameters of one run; what is left empty is the ledger's."""

    def __init__(self, algorithm, parameters, context, feedback):
        self.algorithm = algorithm
        self.parameters = parameters
        self.context = context
        self.feedback = feedback

    def gathered(self):
        """The material and the options of the brief; raises CeasefireError."""
        from ...reports.brief import BriefOptions
        from ...reports.kind import Kind
        from ...reports.period import clock, day_of, period_of, theatre_zone, week_of
        from ...reports.release import Release

        kind = Kind(self._choice("KIND"))
        material, facts, as_of = self._start()
        zone_name = self._text("TIMEZONE") or (facts.timezone if facts else "UTC")
        self._read_layers(material, zone_name)
        now = datetime.now(timezone.utc)
        span = {Kind.DAILY: day_of, Kind.WEEKLY: week_of}.get(kind, period_of)
        period = span(
            self._text("FROM"),
            self._text("TO"),
            _moments(material),
            theatre_zone(zone_name),
            clock(facts.day_start if facts else None),
        )
        if facts and self.parameters.get("INPUT") is None:
            self._compare(material, facts, period, as_of or now)
        options = BriefOptions(
            period=period,
            kind=kind,
            title=self._text("TITLE"),
            theatre=self._text("THEATRE") or (facts.theatre if facts else ""),
            agreement=self._text("AGREEMENT"),
            distance_m=self._number("DISTANCE"),
            template=self._choice("TEMPLATE"),
            paper=self._choice("PAPER"),
            language=self._choice("LANGUAGE"),
            release=Release(self._choice("RELEASE")),
            reasons=self.algorithm.parameterAsBool(self.parameters, "REASONS", self.context),
            created=now,
            as_of=as_of or now,
            ledger=facts.name if facts else "",
            ledger_id=facts.ledger_id if facts else "",
        )
        return material, options

    def _start(self):
        """The ledger's material, or none yet; what the ledger says of itself; as of when."""
        from ...reports.from_ledger import facts_of_ledger, material_of_ledger
        from ...reports.material import Material
        from ...reports.period import clock, moment, theatre_zone
        from ..ledger.place import ledger_place

        ledger, asked = self._text("LEDGER"), self._text("AS_OF")
        if not ledger and self.parameters.get("INPUT") is None:
            raise CeasefireError(
                self.algorithm.tr(
                    "There is nothing to report from. Give a ledger, or a layer of incidents."
                )
            )
        if not ledger:
            if asked:
                raise CeasefireError(
                    self.algorithm.tr(
                        "A layer has no history. Give a ledger, or leave “As known on” empty."
                    )
                )
            return Material(), None, None
        place = ledger_place(ledger)
        facts, as_of = facts_of_ledger(place), None
        if asked:
            zone = theatre_zone(self._text("TIMEZONE") or facts.timezone)
            as_of = moment(asked, zone, clock(facts.day_start), closing=True)
        with_rules = self._choice("KIND") != "period"
        return material_of_ledger(place, as_of, with_rules), facts, as_of

    def _compare(self, material, facts, period, until: datetime) -> None:
        """Add what became of incidents since the earlier report, else since the period began."""
        from ...reports.from_ledger import revisions_of_ledger
        from ...reports.period import moment
        from ...reports.revisions import cut_to_area, moment_of_report
        from ..ledger.place import ledger_place

        asked, since = self._text("COMPARE_WITH"), period.start
        if asked and Path(asked).exists():
            since = moment_of_report(Path(asked), facts.ledger_id)
        elif asked:
            since = moment(asked, period.zone, period.day_start, closing=True)
        if asked and since >= until:
            raise CeasefireError(
                self.algorithm.tr(
                    "The report to compare with is not earlier than this one. Give the moment of "
                    "an earlier report in COMPARE_WITH, or leave it empty."
                )
            )
        place = ledger_place(self._text("LEDGER"))
        revisions = revisions_of_ledger(place, since, until, bool(asked))
        if material.area is not None:
            cut_to_area(revisions, material.area)
        material.revisions = revisions

    def _read_layers(self, material, zone: str) -> None:
        from ...reports.from_ledger import sources_of

        reader = LayerReader(zone, self.context.transformContext(), self.feedback)
        if self.parameters.get("INPUT") is not None:
            material.entries = reader.entries(self._source("INPUT"))
            material.sources = []
        for name, table in LAYERS:
            if self.parameters.get(name) is not None:
                setattr(material, RECORDS[table], reader.records(self._source(name), table))
        material.sources = material.sources or sources_of(material, [])
        if self.parameters.get("AREA") is not None:
            areas = reader.records(self._source("AREA"), "zones")
            material.cut_to([record.geometry for record in areas])

    def _source(self, name: str):
        source = self.algorithm.parameterAsSource(self.parameters, name, self.context)
        if source is None:
            raise CeasefireError(self.algorithm.invalidSourceError(self.parameters, name))
        return source

    def _text(self, name: str) -> str:
        return self.algorithm.parameterAsString(self.parameters, name, self.context).strip()

    def _choice(self, name: str) -> str:
        return self.algorithm.parameterAsEnumString(self.parameters, name, self.context)

    def _number(self, name: str) -> Optional[float]:
        if self.parameters.get(name) is None:
            return None
        return self.algorithm.parameterAsDouble(self.parameters, name, self.context)


def _moments(material) -> list:
    """The moments that a period without bounds covers."""
    moments = [entry.when for entry in material.entries if entry.when is not None]
    return moments or [item.observed_from for item in material.effort if item.observed_from]
