"""Mappings kept by name in QGIS's settings, and as files to hand to a colleague."""

from __future__ import annotations

import json
from pathlib import Path
from typing import List, Optional

from qgis.core import QgsSettings

from ...model.errors import CeasefireError
from .trial import Reading

KEY = "ceasefire_monitor/import_mappings"
FORMAT = "ceasefire-monitor-mapping"


def names() -> List[str]:
    """The names of those kept, in order."""
    return sorted(_kept(), key=str.casefold)


def load(name: str) -> Optional[Reading]:
    """The reading of that name; None where there is none."""
    found = _kept().get(name)
    return reading_of(found) if isinstance(found, dict) else None


def save(name: str, reading: Reading) -> None:
    """Keep a reading by name, in place of the one that had the name."""
    QgsSettings().setValue(KEY, json.dumps({**_kept(), name: as_pairs(reading)}))


def remove(name: str) -> None:
    """Forget a name."""
    kept = _kept()
    kept.pop(name, None)
    QgsSettings().setValue(KEY, json.dumps(kept))


def write_file(path: str, reading: Reading) -> None:
    """Write a reading as a file; raises CeasefireError where it cannot be written."""
    text = json.dumps({"format": FORMAT, **as_pairs(reading)}, indent=2, ensure_ascii=False)
    try:
        Path(path).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise CeasefireError(
            f"The mapping could not be written ({error.strerror}): choose another place."
        ) from None


def read_file(path: str) -> Reading:
    """The reading that a file holds; raises CeasefireError where it holds none."""
    try:
        held = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        held = None
    if not isinstance(held, dict) or held.get("format") != FORMAT:
        raise CeasefireError(
            f"“{Path(path).name}” is not a mapping of an import: choose a file that was written "
            "here."
        )
    return reading_of(held)


def as_pairs(reading: Reading) -> dict:
    """A reading as JSON has it."""
    return {
        "preset": reading.preset,
        "timezone": reading.timezone,
        "mapping": dict(reading.mapping),
    }


def reading_of(held: dict) -> Reading:
    """A reading from JSON; what is missing is as if nothing had been chosen."""
    mapping = held.get("mapping")
    return Reading(
        str(held.get("preset") or "auto"),
        str(held.get("timezone") or "UTC"),
        mapping if isinstance(mapping, dict) else {},
    )


def _kept() -> dict:
    try:
        kept = json.loads(QgsSettings().value(KEY, "{}") or "{}")
    except (TypeError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}
