"""The lines that an agreement names, among the theatre's contact lines, and measuring from them."""

from __future__ import annotations

import dataclasses
from typing import Optional

import numpy as np

from ..model.agreement import Agreement, NamedLine
from ..model.errors import CeasefireError
from .agreement_lines import meant, valid_at
from .agreement_times import line_moment
from .contact_line import LineColumns, PreparedLines, prepare_lines
from .incident_columns import IncidentColumns
from .line_time import Timeline
from .nearest import Nearest, Side, nearest


@dataclasses.dataclass
class MeasuredLine:
    """One line of an agreement, ready to measure subjects from; what was measured is kept.

    ``lines`` is None, and ``why`` says so, where the theatre has no such line.
    """

    named: NamedLine
    incidents: IncidentColumns
    lines: Optional[PreparedLines]
    timeline: Optional[Timeline]
    why: str = ""
    notes: tuple = ()

    def __post_init__(self):
        self._kept: dict[int, tuple[np.ndarray, Nearest]] = {}

    def nearest(self, among: tuple[int, ...], rows: np.ndarray) -> Nearest:
        """The nearest of the line versions ``among``, for ``rows`` of the subjects."""
        best = Nearest.nothing(len(rows))
        for version in among:
            found = self._of_version(version, rows)
            closer = ~(found.distance_m >= best.distance_m)
            best.put(closer, found.take(closer))
        return best

    def _of_version(self, version: int, rows: np.ndarray) -> Nearest:
        if version not in self._kept:
            count = len(self.incidents)
            self._kept[version] = (np.zeros(count, dtype=bool), Nearest.nothing(count))
        done, kept = self._kept[version]
        missing = np.unique(rows[~done[rows]])
        if len(missing):
            lon, lat = self.incidents.lon[missing], self.incidents.lat[missing]
            kept.put(missing, nearest(self.lines, lon, lat, [version]))
            done[missing] = True
        return kept.take(rows)

    def own_side(self, agreement: Agreement, party_code: str) -> np.ndarray:
        """For each line version, on which side the party is: Side.LEFT, Side.RIGHT or NOT_KNOWN."""
        columns = self.lines.columns
        result = np.full(len(columns), int(Side.NOT_KNOWN), dtype=np.int8)
        for index in range(len(columns)):
            left = agreement.party(columns.left_party[index])
            right = agreement.party(columns.right_party[index])
            if left is not None and left.code == party_code:
                result[index] = Side.LEFT
            elif right is not None and right.code == party_code:
                result[index] = Side.RIGHT
        return result

    def strangers(self, agreement: Agreement) -> list[str]:
        """Names at the line's sides that are no party of the agreement."""
        columns = self.lines.columns
        names = dict.fromkeys([*columns.left_party, *columns.right_party])
        return [name for name in names if _is_strange(agreement, name)]

    def names_strangers(self, agreement: Agreement) -> np.ndarray:
        """For each line version, whether it names one that is no party of the agreement."""
        columns = self.lines.columns
        return np.array(
            [
                _is_strange(agreement, left) or _is_strange(agreement, right)
                for left, right in zip(columns.left_party, columns.right_party)
            ],
            dtype=bool,
        )

    def text_of(self, name: str, line: np.ndarray, missing):
        """A column of the line's attributes for measured line indices; ``missing`` where -1."""
        values = getattr(self.lines.columns, name)
        result = np.full(len(line), missing, dtype=values.dtype)
        result[line >= 0] = values[line[line >= 0]]
        return result


def measured_line(
    agreement: Agreement,
    named: NamedLine,
    columns: Optional[LineColumns],
    incidents: IncidentColumns,
) -> MeasuredLine:
    """The contact lines that ``named`` means, prepared to measure ``incidents`` from."""
    if columns is None or len(columns) == 0:
        return MeasuredLine(named, incidents, None, None, "no contact line was given")
    mask = meant(named, columns)
    moment = line_moment(agreement, named)
    if moment is not None:
        mask &= valid_at(columns, moment)
    chosen = columns.take(mask)
    kinds = sorted({str(kind or "none") for kind in chosen.kind})
    why = ""
    if len(chosen) == 0:
        why = f"no line was given that is {_told(named)}"
    elif len(kinds) > 1:
        why = f"lines of several kinds fit ({', '.join(kinds)}); say its “kind” in the agreement"
    if why:
        return MeasuredLine(named, incidents, None, None, why)
    try:
        prepared = prepare_lines(chosen)
    except CeasefireError as error:
        return MeasuredLine(named, incidents, None, None, str(error))
    dated = prepared.columns
    if moment is not None:
        # The line of that day is meant on whatever day something happened.
        dated = dataclasses.replace(dated, valid_from=None, valid_to=None)
    timeline = Timeline.of(dated)
    return MeasuredLine(named, incidents, prepared, timeline, notes=tuple(prepared.notes))


def _is_strange(agreement: Agreement, name: Optional[str]) -> bool:
    return bool(name) and agreement.party(name) is None


def _told(named: NamedLine) -> str:
    """What a contact line has to be, in words."""
    parts = []
    if named.kind:
        parts.append(f"of the kind “{named.kind}”")
    if named.line_name:
        parts.append(f"called “{named.line_name}”")
    if named.front:
        parts.append(f"of the front “{named.front}”")
    if named.as_of:
        parts.append(f"in force on {named.as_of}")
    return ", ".join(parts) or "a contact line"
