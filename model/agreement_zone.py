"""A zone or limit that an agreement's clause draws, as a layer keeps it."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Any, Optional

from .field import Shape, instant, real, table_of, text


@dataclasses.dataclass
class AgreementZone:
    """One polygon: on whose side of which line, for which weapons, by which clause, and when.

    ``geometry`` is a shapely (Multi)Polygon in EPSG:4326. The fields of a zone of the ledger are
    among these. ``near_m`` and ``far_m`` are metres from the line; None where no line draws it.
    """

    zone_id: str = text("Zone", default="")
    zone_name: Optional[str] = text("Name")
    kind: Optional[str] = text("Kind")
    rule: Optional[str] = text("Rule")
    clause: Optional[str] = text("Clause")
    rule_code: Optional[str] = text("Rule's short name")
    party: Optional[str] = text("Party on whose side it is")
    weapon_class: Optional[str] = text("Weapons concerned")
    near_m: Optional[float] = real("From so far from the line (m)")
    far_m: Optional[float] = real("Until so far from the line (m)")
    line_name: Optional[str] = text("Line measured from")
    line_valid_from: Optional[datetime] = instant("That line in force from (UTC)")
    valid_from: Optional[datetime] = instant("In force from (UTC)")
    valid_to: Optional[datetime] = instant("In force until (UTC)")
    source: Optional[str] = text("Source")
    geometry: Any = None


AGREEMENT_ZONES = table_of(
    AgreementZone, "agreement_zones", "Zones of the agreement", Shape.AREA, "zone_id"
)
