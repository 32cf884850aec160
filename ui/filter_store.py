"""Filters that are kept by name, on this computer."""

from __future__ import annotations

import json
from typing import Dict, List

from qgis.core import QgsSettings

KEY = "ceasefire_monitor/filters"


def kept_filters() -> List[str]:
    """The names of the filters that are kept."""
    return sorted(_read(), key=str.casefold)


def keep_filter(name: str, what: dict) -> None:
    """Keep a filter by name; one of that name is replaced."""
    _write({**_read(), name: what})


def kept_filter(name: str) -> dict:
    """What was kept by that name; empty where nothing was."""
    return _read().get(name, {})


def forget_filter(name: str) -> None:
    """Keep it no more."""
    _write({other: what for other, what in _read().items() if other != name})


def _read() -> Dict[str, dict]:
    try:
        kept = json.loads(QgsSettings().value(KEY, "") or "{}")
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}


def _write(kept: Dict[str, dict]) -> None:
    QgsSettings().setValue(KEY, json.dumps(kept, ensure_ascii=False))
