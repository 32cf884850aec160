"""Which symbol stands for which category: one list for maps, legends and charts."""

from __future__ import annotations

import dataclasses
from typing import Optional, Tuple


@dataclasses.dataclass(frozen=True)
class SymbolClass:
    """One symbol: its code (also the SVG's name), label, colour, and the categories it stands for.

    Fire runs from dark brown to yellow, the rest is after Okabe and Ito's palette, so that people
    with a colour deficiency can tell the classes apart; on a map the shape alone does.
    """

    code: str
    label: str
    colour: str
    categories: Tuple[str, ...] = ()


CLASSES = (
    SymbolClass("explosion", "Explosion", "#a63c06", ("firing/explosion",)),
    SymbolClass("burst", "Burst", "#dd6f1e", ("firing/burst",)),
    SymbolClass("shot", "Shot", "#ef9540", ("firing/shot",)),
    SymbolClass(
        "in_flight",
        "Flight, flash or flare",
        "#c9a000",
        (
            "firing/projectile",
            "firing/tracer",
            "firing/rocket_trail",
            "firing/muzzle_flash",
            "firing/illumination_flare",
        ),
    ),
    SymbolClass("shelling", "Shelling", "#6b2a06", ("firing/shelling",)),
    SymbolClass("air_strike", "Air strike", "#3b1200", ("firing/air_strike",)),
    SymbolClass("firing", "Other fire", "#b8875a"),
    SymbolClass("clash", "Armed clash", "#222222"),
    SymbolClass("weapon", "Weapon sighted", "#0072b2"),
    SymbolClass("movement", "Movement", "#0072b2"),
    SymbolClass("fortification", "Fortification", "#0072b2"),
    SymbolClass("mine_uxo", "Mine or unexploded ordnance", "#7a5195"),
    SymbolClass("overflight", "Overflight", "#2a7fb8"),
    SymbolClass("maritime", "Incident at sea", "#2a7fb8"),
    SymbolClass("civilian", "Harm to civilians", "#a3246c"),
    SymbolClass("damage", "Damage", "#a3246c"),
    SymbolClass("detention", "Detention", "#555555"),
    SymbolClass("thermal", "Thermal anomaly", "#946c00", ("other/thermal_anomaly",)),
    SymbolClass("other", "Other", "#555555"),
)
_BY_CODE = {item.code: item for item in CLASSES}
_BY_CATEGORY = {category: item for item in CLASSES for category in item.categories}


def symbol_class(category: Optional[str]) -> SymbolClass:
    """The class of a category: by its own code, else by its first level, else "other"."""
    if category is None:
        return _BY_CODE["other"]
    found = _BY_CATEGORY.get(category)
    return found or _BY_CODE.get(category.split("/")[0], _BY_CODE["other"])


def class_expression(field: str = "category") -> str:
    """A QGIS expression that gives a feature's class code, in step with ``symbol_class``."""
    lines = ["CASE"]
    for item in CLASSES:
        if item.categories:
            codes = ", ".join(f"'{code}'" for code in item.categories)
            lines.append(f"""WHEN "{field}" IN ({codes}) THEN '{item.code}'""")
    groups = ", ".join(f"'{item.code}'" for item in CLASSES if not item.categories)
    first = f"""regexp_replace(coalesce("{field}", 'other'), '/.*$', '')"""
    lines.append(f"WHEN {first} IN ({groups}) THEN {first}")
    lines.append("ELSE 'other' END")
    return " ".join(lines)
