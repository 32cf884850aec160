"""Which incidents the rows are of that an import set aside: they are still at the source."""

from __future__ import annotations

from typing import Any, Mapping, Optional

from .importer import OVERRULED, ImportResult
from .notes import Notes
from .places import Gazetteer
from .presets import PRESETS
from .sheet import Sheet
from .span import time_zone
from .survey import Survey
from .table import RawTable, cell_text
from .work import Work


def ids_set_aside(
    table: RawTable,
    result: ImportResult,
    mapping: Mapping[str, Any],
    survey: Optional[Mapping[str, Any]] = None,
) -> list[str]:
    """The ids that the incidents of the rejected rows of ``result`` would have had.

    A row that could not be read is no proof that its incident is gone. ``survey`` is what
    the rows were imported with.
    """
    if not result.rejected:
        return []
    places = {number: i for i, number in enumerate(table.row_numbers)}
    chosen = [table.rows[places[one.row_number]] for one in result.rejected]
    some = RawTable(table.columns, chosen, list(range(1, len(chosen) + 1)))
    kind = PRESETS[result.preset]
    sheet = Sheet(some, kind.columns, mapping, {*OVERRULED, "year"}, _survey(table, survey))
    work = Work(sheet, time_zone("UTC"), Notes([]), result.source, Gazetteer(None))
    found = (work.identity(cells)["incident_id"] for cells in sheet.rows if any(cells))
    return list(dict.fromkeys(found))


def _survey(table: RawTable, survey: Optional[Mapping[str, Any]]) -> Survey:
    """Which columns are filled in all of the rows, so that they are bound as they were."""
    if survey is not None:
        return Survey.of_json(survey)
    filled = {
        name
        for place, name in enumerate(table.columns)
        if any(cell_text(row[place]) is not None for row in table.rows)
    }
    return Survey(filled)
