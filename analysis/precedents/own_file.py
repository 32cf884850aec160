"""The user's own file of precedents: one row a ceasefire, with a handful of named columns."""

from __future__ import annotations

from datetime import date
from typing import Mapping, Optional

from ...model.errors import CeasefireError
from ...model.precedent import Precedent, SetAside
from .cells import EMPTY, Row, Span, span_of_cell, term_days
from .durations import set_duration, set_spans

WORDS = (
    "country", "region", "parties", "kind", "sided", "purpose", "enforcement", "note",
)  # fmt: skip
YES_OR_NO = ("mechanism", "mediated", "written", "partial")
COLUMNS = ("id", "name", "start", "end", "ended", "term", *WORDS, *YES_OR_NO)
YES = {"yes", "y", "true", "1", "1.0", "x"}
NO = {"no", "n", "false", "0", "0.0"}


def precedents(
    rows: list[Row], dataset: str, mapping: Mapping[str, str], until: Optional[date] = None
) -> tuple[list[Precedent], list[SetAside], Optional[date]]:
    """The ceasefires, the rows set aside, and the last day that the data tell of.

    ``mapping`` gives the file's name of a column where it is not the one here. A row without
    ``start`` is set aside; ``ended`` may be left out where ``end`` says it.
    """
    names = {name: str(mapping.get(name, name)).strip().lower() for name in COLUMNS}
    columns = set(rows[0].names()) if rows else set()
    _refuse_unknown(mapping, columns)
    if names["start"] not in columns:
        raise CeasefireError(
            f"The file has no column “{names['start']}” with the day on which each ceasefire "
            'began. Name the column in the mapping, as {"start": "Date of entry"}; columns of '
            "the ETH/PRIO data set and of PA-X are known by themselves."
        )
    told, aside = [], []
    for row in rows:
        try:
            told.append((row, *_spans(row, names)))
        except ValueError as error:
            aside.append(SetAside(row.number, row.text(names["id"]), str(error)))
    days = [span[0] for _, *spans in told for span in spans if span is not None]
    last = until or max(days, default=None)
    made = [_precedent(row, start, end, names, dataset, last) for row, start, end in told]
    return _once(made, aside, told), aside, last


def _once(made, aside, told) -> list[Precedent]:
    seen, kept = set(), []
    for record, (row, *_) in zip(made, told):
        if record.precedent_id in seen:
            aside.append(SetAside(row.number, record.source_id, "its id was in an earlier row"))
            continue
        seen.add(record.precedent_id)
        kept.append(record)
    return kept


def _refuse_unknown(mapping: Mapping[str, str], columns: set[str]) -> None:
    for name, column in mapping.items():
        if name not in COLUMNS:
            raise CeasefireError(
                f"The mapping names “{name}”, which is no column of a precedent; there is "
                + ", ".join(COLUMNS)
                + "."
            )
        if str(column).strip().lower() not in columns:
            raise CeasefireError(f"The mapping names the column “{column}”; the file has none.")


def _spans(row: Row, names: Mapping[str, str]) -> tuple[Span, Optional[Span]]:
    spans = []
    for what in ("start", "end"):
        try:
            spans.append(span_of_cell(row.raw(names[what])))
        except ValueError as error:
            raise ValueError(
                f"its {what} “{error}” is no date; write 2019, 2019-05 or 2019-05-03"
            ) from None
    if spans[0] is None:
        raise ValueError("it has no start")
    return spans[0], spans[1]


def _precedent(row, start, end, names, dataset: str, until) -> Precedent:
    number = row.text(names["id"]) or f"row {row.number}"
    record = Precedent(
        precedent_id=f"{dataset}:{number}",
        dataset=dataset,
        source_id=number,
        precedent_name=row.text(names["name"]),
        rows=1,
    )
    for name in WORDS:
        setattr(record, name, row.text(names[name]))
    for name in YES_OR_NO:
        setattr(record, name, _yes_or_no(row, names[name]))
    days = term_days(row.text(names["term"]))
    record.term_days = None if days is None else max(1, round(days))
    ended = {"yes": True, "no": False}.get(_yes_or_no(row, names["ended"]) or "")
    if ended is None and end is not None:
        ended = True
    set_spans(record, start, end)
    remarks = set_duration(record, start, end, ended, until)
    record.note = "; ".join([each for each in (record.note, *remarks) if each]) or None
    return record


def _yes_or_no(row: Row, name: str) -> Optional[str]:
    told = (row.text(name) or "").lower()
    if told in YES:
        return "yes"
    return "no" if told in NO and told not in EMPTY else None
