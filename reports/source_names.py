"""How sources are named and asked to be attributed."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Optional

FILE = Path(__file__).resolve().parent.parent / "resources" / "attributions.json"


@functools.lru_cache(maxsize=1)
def _sources() -> dict[str, dict[str, str]]:
    return json.loads(FILE.read_text(encoding="utf-8"))["sources"]


def source_title(name: Optional[str]) -> str:
    """A source's name for people; the name itself where the list does not have it."""
    if not name:
        return ""
    return _sources().get(name.lower(), {}).get("title", name)


def attribution(name: str) -> str:
    """How a source asks to be named; empty where the list does not have it."""
    return _sources().get(name.lower(), {}).get("attribution", "")


def civilian_deaths_are_a_floor(name: Optional[str]) -> bool:
    """Whether a source counts as civilian deaths only those known to be: there may be more."""
    return bool(name) and _sources().get(name.lower(), {}).get("civilian_deaths") == "floor"
