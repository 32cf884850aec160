"""The manifest of a brief: what it was made from, by what, and every figure that it prints."""

from __future__ import annotations

import configparser
import dataclasses
import hashlib
import json
import platform
from pathlib import Path
from typing import Any, Iterable

from osgeo import gdal

from .counting import Total
from .daily import Section
from .figures import Figures
from .material import Material
from .release import Release

ROOT = Path(__file__).resolve().parent.parent
METADATA = ROOT / "metadata.txt"


def plugin_version() -> str:
    """The plugin's version as ``metadata.txt`` has it."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(METADATA, encoding="utf-8")
    return parser.get("general", "version", fallback="")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def write_manifest(
    path: Path,
    files: dict[str, Path],
    material: Material,
    figures: Figures,
    options: Any,
    left_out: Any,
    pages: int,
    sections: Iterable[Section] = (),
) -> None:
    """Write the manifest as JSON, keys in a fixed order."""
    period = options.period
    contents = {
        "format": "ceasefire_monitor brief manifest 1",
        "created": options.created.isoformat(),
        "as_of": (options.as_of or options.created).isoformat(),
        "made_with": {
            "ceasefire_monitor": plugin_version(),
            "qgis": options.qgis_version,
            "gdal": gdal.__version__,
            "python": platform.python_version(),
        },
        "options": {
            "title": options.title,
            "theatre": options.theatre,
            "agreement": options.agreement,
            "from": period.start.isoformat(),
            "to": period.end.isoformat(),
            "timezone": period.zone.key,
            "reporting_day_start": f"{period.day_start:%H:%M}",
            "kind": options.kind.value,
            "template": options.template,
            "template_sha256": sha256_of(options.template_file),
            "paper": options.paper,
            "language": options.language,
            "release": options.release.value,
            "reasons": options.reasons or options.release is Release.CONFIDENTIAL,
        },
        "ledger": {"file": options.ledger, "ledger_id": options.ledger_id},
        "ledger_head": _head(material.ledger_head),
        "inputs": [{"name": name, "sha256": digest} for name, digest in material.inputs],
        "sources": [_plain(source) for source in material.sources],
        "left_out": dataclasses.asdict(left_out),
        "figures": figures_as_data(figures),
        "sections": {item.key: _section(item) for item in sections},
        "revisions": revisions_as_data(material.revisions),
        "pages": pages,
        "files": {file.name: sha256_of(file) for name, file in files.items() if file.is_file()},
    }
    text = json.dumps(contents, ensure_ascii=False, indent=1, default=str)
    path.write_text(text + "\n", encoding="utf-8")


def _section(section: Section) -> dict[str, Any]:
    """One fixed section as it is printed: its sentences, and its tables by name."""
    tables = {
        table.key: [[heading for heading, _, _ in table.columns], *table.rows]
        for table in section.tables
    }
    return {"texts": section.texts, "tables": tables}


def figures_as_data(figures: Figures) -> dict[str, Any]:
    """All figures as plain data."""
    return {
        "incidents": len(figures.entries),
        "located": figures.located,
        "sources": [
            {
                "origin": item.origin,
                "source": item.source,
                "now": _total(item.now),
                "previous": _total(item.previous),
                "without_known_duplicates": _total(item.unique),
                "categories": {key: _total(value) for key, value in item.categories.items()},
            }
            for item in figures.voices
        ],
        "of_which": [_plain(item) for item in figures.of_which],
        "flags": dict(figures.flags),
        "flags_by_an_assumed_uncertainty": dict(figures.flags_by_default),
        "flags_by_the_bare_point": dict(figures.flags_without_basis),
        "observed_hours": figures.watch.observed if figures.watch.known else None,
        "previous_observed_hours": figures.watch.previous_observed,
        "days_not_observed": [day.isoformat() for day in figures.watch.days_without]
        if figures.watch.known
        else None,
        "comparison": _plain(figures.comparison),
        "deaths": [_plain(item) for item in figures.deaths],
        "claims_nobody_could_observe": len(figures.claims.unobservable),
        "earlier_incidents": len(figures.late),
        "unknown": dataclasses.asdict(figures.unknowns),
    }


def revisions_as_data(revisions: Any) -> Any:
    """What became of incidents since an earlier report, counted; None where it is not told."""
    if revisions is None or not revisions.worth_a_table:
        return None
    since = revisions.since.isoformat()
    return {"since": since, "of_report": revisions.of_report, **revisions.counts}


def _head(head: Any) -> Any:
    """Position and hash of the ledger's custody chain; `docs/custody.md` says what they prove."""
    return None if head is None else {"position": head.position, "hash": head.hash}


def _total(total: Any) -> Any:
    return None if total is None else dataclasses.asdict(total)


def _plain(record: Any) -> dict[str, Any]:
    result = {}
    for name, value in vars(record).items():
        if isinstance(value, Total):
            value = _total(value)
        elif hasattr(value, "isoformat"):
            value = value.isoformat()
        elif hasattr(value, "value"):
            value = value.value
        result[name] = value
    return result
