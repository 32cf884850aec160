"""What is told of the contact lines of two dates: areas, stretches, and each side's sums."""

from __future__ import annotations

import dataclasses
import math
from datetime import datetime
from typing import Any, Optional

import numpy as np

from ..model.field import Shape, instant, integer, real, table_of, text
from .conformal_plane import ConformalPlane
from .contact_line import PreparedLines
from .line_change_barriers import Barriers
from .line_change_faces import Borne, Faces
from .utc import utc_datetime

DEFAULT_TOLERANCE_M = 50.0
MOVED, APPEARED, VANISHED = "moved", "appeared", "vanished"


@dataclasses.dataclass
class ChangedArea:
    """One contiguous area that changed sides; ``geometry`` is a shapely area, EPSG:4326.

    ``change``: the line moved, or a pocket appeared or vanished. ``depth_m`` is the greatest
    distance between the two lines around it; for a pocket that came or
    went, that from its rim to the place deepest within.
    """

    area_id: str = text("Area id", default="")
    number: Optional[int] = integer("Number")
    front: Optional[str] = text("Front")
    from_party: Optional[str] = text("From")
    to_party: Optional[str] = text("To")
    change: Optional[str] = text("Change")
    area_km2: Optional[float] = real("Area (km²)")
    depth_m: Optional[float] = real("Greatest depth (m)")
    chainage_from_m: Optional[float] = real("From chainage of the old line (m)")
    chainage_to_m: Optional[float] = real("To chainage of the old line (m)")
    tolerance_m: Optional[float] = real("Smaller moves left out (m)")
    date_from: Optional[datetime] = instant("Old line as of (UTC)")
    date_to: Optional[datetime] = instant("New line as of (UTC)")
    geometry: Any = None


@dataclasses.dataclass
class MovedStretch:
    """A stretch of line that moved; ``geometry`` is where it runs now, or ran where it vanished."""

    stretch_id: str = text("Stretch id", default="")
    area_number: Optional[int] = integer("Number of the area")
    front: Optional[str] = text("Front")
    gaining_party: Optional[str] = text("Party gaining")
    losing_party: Optional[str] = text("Party losing")
    change: Optional[str] = text("Change")
    old_line: Optional[str] = text("Old line")
    old_chainage_from_m: Optional[float] = real("From chainage of the old line (m)")
    old_chainage_to_m: Optional[float] = real("To chainage of the old line (m)")
    old_length_m: Optional[float] = real("Length on the old line (m)")
    new_line: Optional[str] = text("New line")
    new_chainage_from_m: Optional[float] = real("From chainage of the new line (m)")
    new_chainage_to_m: Optional[float] = real("To chainage of the new line (m)")
    new_length_m: Optional[float] = real("Length on the new line (m)")
    mean_move_m: Optional[float] = real("Mean move (m)")
    greatest_move_m: Optional[float] = real("Greatest move (m)")
    date_from: Optional[datetime] = instant("Old line as of (UTC)")
    date_to: Optional[datetime] = instant("New line as of (UTC)")
    geometry: Any = None

    @property
    def moved_m(self) -> float:
        """How much of the line moved here: of the old line, or of the rim of a new pocket."""
        return (self.new_length_m if self.change == APPEARED else self.old_length_m) or 0.0


@dataclasses.dataclass
class SideChange:
    """What one side gained and lost on one front, or (``front`` "all fronts") altogether."""

    front: Optional[str] = text("Front")
    party: Optional[str] = text("Party")
    gained_km2: Optional[float] = real("Gained (km²)")
    lost_km2: Optional[float] = real("Lost (km²)")
    net_km2: Optional[float] = real("Net (km²)")
    areas: Optional[int] = integer("Areas that changed")
    moved_km: Optional[float] = real("Length of line that moved (km)")
    greatest_move_m: Optional[float] = real("Greatest move (m)")
    date_from: Optional[datetime] = instant("Old line as of (UTC)")
    date_to: Optional[datetime] = instant("New line as of (UTC)")


CHANGED_AREAS = table_of(ChangedArea, "changed_areas", "Changed areas", Shape.AREA, "area_id")
MOVED_STRETCHES = table_of(
    MovedStretch, "moved_stretches", "Moved stretches", Shape.LINE, "stretch_id"
)
SIDE_CHANGES = table_of(SideChange, "side_changes", "Changes by side", Shape.NONE, None)


@dataclasses.dataclass
class ChangeSettings:
    """The two moments (``datetime64[us]``, UTC), and how ends are closed and small moves left out.

    ``theatre``: shapely polygon in EPSG:4326 or None. ``tolerance_m``: moves up to it are none;
    None: the larger uncertainty of the two lines, 50 m where neither is known.
    """

    before: np.datetime64
    after: np.datetime64
    theatre: Optional[object] = None
    tolerance_m: Optional[float] = None


@dataclasses.dataclass
class LineChange:
    """What changed, and ``notes`` in whole sentences on what is doubtful or left out.

    ``same_fronts``: every line had one between the same sides on the other date, or a theatre
    closed what they part; else land may have changed sides that no line encloses.
    """

    areas: list[ChangedArea]
    stretches: list[MovedStretch]
    sides: list[SideChange]
    notes: list[str]
    same_fronts: bool = True

    @property
    def moved_m(self) -> float:
        """How much of the line moved: of the old line, or of a new pocket's rim."""
        return math.fsum(one.moved_m for one in self.stretches)

    @property
    def greatest_move_m(self) -> float:
        """The greatest move, metres; 0 where the line did not move."""
        return max((one.depth_m for one in self.areas), default=0.0)


@dataclasses.dataclass
class Comparison:
    """Everything that two dates' lines are compared by; what is "old" belongs to ``before``."""

    lines: PreparedLines
    settings: ChangeSettings
    plane: ConformalPlane
    faces: Faces
    old: Barriers
    new: Barriers
    on_old: Borne
    on_new: Borne
    names: list[str]
    held_old: np.ndarray
    held_new: np.ndarray

    @property
    def dates(self) -> tuple[Optional[datetime], Optional[datetime]]:
        """The two moments as aware datetimes."""
        return utc_datetime(self.settings.before), utc_datetime(self.settings.after)


def usual_tolerance(lines: PreparedLines, indices, asked: Optional[float]) -> float:
    """The tolerance asked for, else the largest uncertainty of these lines, else 50 m."""
    if asked is not None:
        return float(asked)
    known = lines.columns.uncertainty_m[np.asarray(sorted(indices), dtype=np.int64)]
    known = known[~np.isnan(known)]
    return float(known.max()) if len(known) else DEFAULT_TOLERANCE_M
