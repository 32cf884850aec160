"""The sources of feeds by name: one module and one line each, imported when first asked for."""

from __future__ import annotations

import importlib
from typing import Iterator, Mapping

from ...model.errors import CeasefireError
from ..source import Source

NAMES = (
    "acled",
    "ucdp",
    "arcgis",
    "ogcapi",
    "wfs",
    "kobo",
    "odk",
    "ushahidi",
    "firms",
    "gdelt",
    "hapi",
    "georss",
    "cap",
    "url",
)


class Sources(Mapping):
    """Name to Source; the module of that name is imported at its first use, with its ``SOURCE``."""

    def __getitem__(self, name: str) -> Source:
        if name not in NAMES:
            raise KeyError(name)
        return importlib.import_module(f".{name}", __package__).SOURCE

    def __contains__(self, name: object) -> bool:
        return name in NAMES

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


SOURCES = Sources()


def source_named(name: str) -> Source:
    """The source of that name; raises CeasefireError with the names that there are."""
    wanted = (name or "").strip().casefold()
    if wanted not in SOURCES:
        raise CeasefireError(f"There is no source “{name}”: choose one of {', '.join(NAMES)}.")
    return SOURCES[wanted]
