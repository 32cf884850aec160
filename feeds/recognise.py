"""Which preset a table is, by its columns."""

from __future__ import annotations

from typing import Mapping, Optional

from ..model.errors import CeasefireError
from .presets import PRESETS
from .presets.preset import Preset
from .table import plain_name


def recognise(columns: list[str]) -> Preset:
    """The first preset whose needed columns are all there; ``generic`` where none is."""
    plain = {plain_name(column) for column in columns}
    for preset in PRESETS.values():
        if all(any(has(preset, field, plain) for field in group) for group in preset.needs):
            return preset
    return PRESETS["generic"]


def has(preset: Preset, field: str, plain: set[str]) -> bool:
    """Whether one of a field's usual names is among the columns."""
    return any(plain_name(name) in plain for name in preset.columns[field])


def chosen(name: Optional[str], columns: list[str]) -> Preset:
    """The preset of that name, or the one recognised for ``auto``; raises CeasefireError."""
    wanted = (name or "auto").strip().casefold()
    if wanted == "auto":
        return recognise(columns)
    if wanted not in PRESETS:
        raise CeasefireError(
            f"There is no preset “{name}”: choose auto or one of {', '.join(PRESETS)}."
        )
    return PRESETS[wanted]


def mapped_needs(preset: Preset, mapping: Mapping) -> bool:
    """Whether MAPPING itself names a date field of the preset."""
    return any(field in mapping for field in preset.dates)
