"""A raw table with its columns bound to the fields that a preset knows."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Mapping, Optional

from ..model.errors import CeasefireError
from .datefacts import DateFacts, facts_of
from .survey import Survey
from .table import RawTable, cell_text, plain_name

Getter = Callable[[list], Optional[str]]


class RowError(Exception):
    """One row cannot be imported: the column, its value, and why."""

    def __init__(self, column: Optional[str], value: Optional[str], reason: str):
        super().__init__(reason)
        self.column = column
        self.value = value
        self.reason = reason


def nothing(cells: list) -> None:
    """The getter of a field that the table does not have."""


def texts_of(row: list) -> list[Optional[str]]:
    """The cells of a row as stripped text, None where empty."""
    try:
        plain = "".join(row).isascii()
    except TypeError:
        plain = False
    if plain:
        return [cell.strip() or None for cell in row]
    return [cell_text(cell) for cell in row]


class Sheet:
    """Rows of stripped text (None where empty) and, by field, the column that holds it.

    ``names`` gives for each field the usual names of its column. ``mapping`` overrules them:
    ``{"field": "Column"}``, ``{"field": {"value": constant}}``, or ``{"field": {"column":
    "Column", "values": {"its word": "code"}}}``. ``survey`` tells of the whole file, of which the
    table is a part. Raises CeasefireError where the mapping cannot be followed.
    """

    def __init__(
        self,
        table: RawTable,
        names: Mapping[str, Iterable[str]],
        mapping: Optional[Mapping[str, Any]] = None,
        allowed: Iterable[str] = (),
        survey: Optional[Survey] = None,
    ):
        self.survey = survey
        self.columns = table.columns
        self.numbers = table.row_numbers
        self.rows = [texts_of(row) for row in table.rows]
        self.at: dict[str, int] = {}
        self.constants: dict[str, str] = {}
        self.values: dict[str, dict[str, str]] = {}
        self._bind(names)
        self._overrule(mapping or {}, {*names, *allowed})

    def _bind(self, names: Mapping[str, Iterable[str]]) -> None:
        """Give each field the first of its usual columns that is filled, else that is there."""
        if self.survey is not None and self.survey.filled is not None:
            filled = {i for i, name in enumerate(self.columns) if name in self.survey.filled}
        else:
            filled = {i for i in range(len(self.columns)) if any(row[i] for row in self.rows)}
        places: dict[str, int] = {}
        for position, column in enumerate(self.columns):
            places.setdefault(plain_name(column), position)
        taken: set[int] = set()
        for field, usual in names.items():
            there = [places[name] for name in map(plain_name, usual) if name in places]
            free = [position for position in there if position not in taken]
            chosen = next((position for position in free if position in filled), None)
            if chosen is None and free:
                chosen = free[0]
            if chosen is not None:
                self.at[field] = chosen
                taken.add(chosen)

    def _overrule(self, mapping: Mapping[str, Any], allowed: set[str]) -> None:
        for field, wanted in mapping.items():
            if field not in allowed:
                raise CeasefireError(
                    f"MAPPING names the field “{field}”, which is not one: use some of "
                    f"{', '.join(sorted(allowed))}."
                )
            if isinstance(wanted, str):
                wanted = {"column": wanted}
            if not isinstance(wanted, Mapping) or not {"column", "value"} & set(wanted):
                raise CeasefireError(
                    f"MAPPING for “{field}” must be a column's name, "
                    '{"value": …} or {"column": …, "values": {…}}.'
                )
            if "column" in wanted:
                self.at[field] = self.position(str(wanted["column"]))
                self.constants.pop(field, None)
                self.values[field] = self._value_map(field, wanted.get("values"))
            else:
                self.at.pop(field, None)
                text = cell_text(wanted["value"])
                if text is not None:
                    self.constants[field] = text

    @staticmethod
    def _value_map(field: str, values: Any) -> dict[str, str]:
        if values is None:
            return {}
        if not isinstance(values, Mapping):
            raise CeasefireError(f"“values” in MAPPING for “{field}” must be pairs of words.")
        return {
            str(word).casefold().strip(): cell_text(code) or "" for word, code in values.items()
        }

    def position(self, column: str) -> int:
        """Where a column stands; raises CeasefireError with the columns that there are."""
        if column in self.columns:
            return self.columns.index(column)
        plain = [plain_name(name) for name in self.columns]
        if plain_name(column) in plain:
            return plain.index(plain_name(column))
        raise CeasefireError(
            f"MAPPING names the column “{column}”, which the table does not have; it has "
            f"{', '.join(self.columns[:40])}."
        )

    def has(self, field: str) -> bool:
        """Whether the table or the mapping gives the field."""
        return field in self.at or field in self.constants

    def name(self, field: str) -> Optional[str]:
        """The column's own name for a field; None where a constant or nothing stands for it."""
        return self.columns[self.at[field]] if field in self.at else None

    def getter(self, field: str) -> Getter:
        """A function from a row's cells to the field's text or None."""
        if field in self.constants:
            constant = self.constants[field]
            return lambda cells: constant
        if field not in self.at:
            return nothing
        position = self.at[field]
        values = self.values.get(field)
        if not values:
            return lambda cells: cells[position]
        return lambda cells: (
            values.get(cells[position].casefold(), cells[position]) if cells[position] else None
        )

    def column(self, field: str) -> list[Optional[str]]:
        """All of a field's texts."""
        get = self.getter(field)
        return [get(cells) for cells in self.rows]

    def surveyed_as_filled(self, field: str) -> bool:
        """Whether the survey of the whole file found a field's column filled."""
        return bool(self.survey and self.survey.filled and self.name(field) in self.survey.filled)

    def date_facts(self, field: str) -> DateFacts:
        """What a field's texts show of its dates, in the whole file where it was surveyed."""
        surveyed = self.survey.dates.get(self.name(field) or "") if self.survey else None
        return surveyed or facts_of(self.column(field))

    def year_facts(self, field: str) -> DateFacts:
        """How many of a field's first dates bear no year, of the file where it was surveyed."""
        surveyed = self.survey.dates.get(self.name(field) or "") if self.survey else None
        if surveyed is not None:
            return surveyed
        facts = DateFacts()
        facts.sample(text for text in self.column(field) if text)
        return facts

    def wrong(self, field: str, value: Optional[str], reason: str) -> RowError:
        """The error that sets a row aside for what one field holds."""
        return RowError(self.name(field) or field, value, reason)
