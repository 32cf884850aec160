"""A zone of an agreement as it was drawn over time: anew whenever one of its lines changed."""

from __future__ import annotations

import dataclasses
from typing import Optional

import numpy as np
import shapely

from ..model.agreement import Agreement, ZoneDrawing
from ..model.errors import CeasefireError
from .agreement_lines import meant
from .agreement_times import drawing_intervals
from .agreement_zones import draw_zones
from .contact_line import LineColumns
from .utc import instants, utc_datetime

FAR_PAST = np.datetime64("1700-01-01", "us")
FAR_FUTURE = np.datetime64("2200-01-01", "us")


def drawn_over_time(
    agreement: Agreement, drawing: ZoneDrawing, lines: Optional[LineColumns], span
) -> tuple[list, list[str], list]:
    """The zone's areas with their dates, why it could not be drawn at some time, and when not.

    ``span`` are two moments (``datetime64[us]``, UTC): what is in force outside them is left out.
    Returns ``(geometry, from, to)`` each, EPSG:4326 and ``datetime64[us]``; sentences; and
    ``(from, to)`` of each time at which the zone was in force but could not be drawn.
    """
    alone = _alone(agreement, drawing)
    found, notes, gaps = [], [], []
    for start, end in drawing_intervals(agreement, drawing):
        begin = max(_known(start, FAR_PAST), span[0])
        until = min(_known(end, FAR_FUTURE), span[1])
        if begin >= until:
            continue
        changes = [each for each in _changes(agreement, drawing, lines) if begin < each < until]
        opens = [begin, *changes]
        for one, other in zip(opens, [*changes, until]):
            try:
                drawn = draw_zones(alone, lines, None, utc_datetime(one))
            except CeasefireError as error:
                notes.append(str(error))
                gaps.append((one, other))
                continue
            whole = shapely.union_all([zone.geometry for zone in drawn.zones])
            found.append((whole, one, other))
    return found, notes, gaps


def _alone(agreement: Agreement, drawing: ZoneDrawing) -> Agreement:
    """The agreement with this zone alone, so that nothing else is drawn."""
    return dataclasses.replace(agreement, zones=(drawing,), clauses=())


def _changes(agreement: Agreement, drawing: ZoneDrawing, lines) -> list:
    """The moments at which a line that draws the zone begins or ends."""
    if lines is None:
        return []
    codes = {band.line for band in drawing.bands} | set(drawing.between)
    mask = np.zeros(len(lines), dtype=bool)
    for code in codes:
        named = agreement.find("lines", code)
        if not named.as_of:
            mask |= meant(named, lines)
    dates = np.concatenate([lines.valid_from[mask], lines.valid_to[mask]])
    return list(np.unique(dates[~np.isnat(dates)]))


def _known(moment, otherwise):
    return otherwise if moment is None else instants([moment])[0]
