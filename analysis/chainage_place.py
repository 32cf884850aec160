"""The place on a prepared line at a chainage."""

from __future__ import annotations

import numpy as np

from .contact_line import PreparedLine
from .geodesy import direct


def place_at(line: PreparedLine, chainage_m: float) -> tuple[float, float]:
    """Longitude and latitude (degrees) at so many metres along a line, from its start."""
    pieces = line.pieces
    piece = int(np.searchsorted(pieces.chainage, chainage_m, side="right")) - 1
    piece = min(max(piece, 0), len(pieces.chainage) - 1)
    along = min(max(chainage_m - pieces.chainage[piece], 0.0), pieces.length[piece])
    return direct(pieces.lon0[piece], pieces.lat0[piece], pieces.az_start[piece], along)
