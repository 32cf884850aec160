"""The material of a brief, read from a ledger."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from pathlib import Path
from typing import Optional

from ..ledger.geopackage import Ledger
from ..ledger.opening import Place, open_ledger
from ..ledger.postgis.place import PostgisPlace
from ..ledger.sensitivity import since_then
from ..model.land import Finding
from .material import Entry, Material, Source
from .revisions import Revisions, revisions_of
from .ruled import agreements_of, ruled_findings
from .source_names import attribution

# Whose sensitivity of today counts, too, where the past is told.
SINCE_THEN = ("incidents", "sites", "weapon_sightings", "restrictions")


@dataclasses.dataclass(frozen=True)
class LedgerFacts:
    """What a ledger says of itself."""

    name: str
    ledger_id: str
    theatre: str
    timezone: str
    day_start: str


def facts_of_ledger(path: Place) -> LedgerFacts:
    """What a ledger says of itself."""
    with open_ledger(path, readonly=True) as ledger:
        settings = ledger.settings()
    return LedgerFacts(
        name=path.schema if isinstance(path, PostgisPlace) else Path(path).name,
        ledger_id=settings.get("ledger_id") or "",
        theatre=settings.get("theatre") or "",
        timezone=settings.get("timezone") or "UTC",
        day_start=settings.get("reporting_day_start") or "00:00",
    )


def material_of_ledger(
    path: Place, as_of: Optional[datetime] = None, with_rules: bool = False
) -> Material:
    """All that a ledger holds for a brief; with ``as_of`` (aware) all of it as it was known then.

    ``with_rules`` reads the findings of rules, too, which may be many.

    Of a table whose history an older ledger does not keep, the records are read as they stand.
    """
    with open_ledger(path, readonly=True) as ledger:

        def read(table: str) -> list:
            return ledger.records_as_of(table, as_of) if as_of else ledger.read(table)

        incidents = read("incidents")
        findings = _findings(ledger, as_of)
        observations: dict[str, list] = {}
        for item in read("observations"):
            observations.setdefault(item.incident_id, []).append(item)
        fetches = [
            fetch
            for fetch in ledger.read("fetches")
            if as_of is None or (fetch.fetched_at and fetch.fetched_at <= as_of)
        ]
        material = Material(
            entries=[
                Entry(
                    incident,
                    findings.get(incident.incident_id) or Finding(),
                    observations.get(incident.incident_id, []),
                )
                for incident in incidents
            ],
            lines=read("contact_lines"),
            zones=read("zones"),
            sites=read("sites"),
            control=read("control_areas"),
            posts=read("posts"),
            effort=read("effort"),
            links=read("links"),
            inputs=_inputs(fetches),
            ledger_head=ledger.head(),
            sees_all=ledger.sees_all,
            terms=ledger.redistribution(),
            since_then=since_then(ledger, as_of, SINCE_THEN) if as_of else None,
            sightings=read("weapon_sightings"),
            restrictions=read("restrictions"),
            agreements=agreements_of(ledger, as_of),
        )
        if with_rules:
            material.ruled = ruled_findings(ledger, material.agreements, as_of)
    material.sources = sources_of(material, fetches)
    return material


def revisions_of_ledger(
    path: Place, since: datetime, until: datetime, of_report: bool
) -> Revisions:
    """What became of a ledger's incidents after ``since`` and by ``until``; see ``revisions``."""
    with open_ledger(path, readonly=True) as ledger:
        return revisions_of(ledger, since, until, of_report)


def sources_of(material: Material, fetches: list) -> list[Source]:
    """The sources of the material, each with its attribution and what was last read of it."""
    last = {}
    for fetch in fetches:
        last[fetch.source] = fetch
    names = {entry.incident.source for entry in material.entries if entry.incident.source}
    names |= {line.source for line in material.lines if line.source}
    names |= {zone.source for zone in material.zones if zone.source}
    names |= {area.source for area in material.control if area.source}
    result = []
    for name in sorted(names, key=str.lower):
        fetch = last.get(name)
        read_at = fetch.fetched_at if fetch else None
        digest = (fetch.sha256 or "") if fetch else ""
        result.append(Source(name, attribution(name), read_at, digest))
    return result


def _findings(ledger: Ledger, as_of: Optional[datetime]) -> dict[str, Finding]:
    if as_of is None:
        return ledger.latest_findings()
    result: dict[str, Finding] = {}
    for finding in ledger.read("findings"):
        if finding.flag is None:
            continue
        if finding.assessed_at is None or finding.assessed_at <= as_of:
            result[finding.incident_id] = finding
    return result


def _inputs(fetches: list) -> list[tuple[str, str]]:
    """Files that were imported, by name alone: a path would tell of the machine."""
    return [
        (Path((fetch.address or "").replace("\\", "/")).name or fetch.source or "", fetch.sha256)
        for fetch in fetches
        if fetch.sha256
    ]
