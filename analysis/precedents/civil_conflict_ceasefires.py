"""The ETH/PRIO Civil Conflict Ceasefire data set: one row an actor, one precedent a ceasefire.

-1 means unclear, 0 no; 0 and -1 as month or day mean not known. Older versions write the names of
columns with capitals and have ``purpose_1`` and ``purpose_2``. What the codes of ``ended`` above 0
mean is in the data set's codebook; here each of them is an end.
"""

from __future__ import annotations

import json
from datetime import date
from typing import Iterable, Optional

from ...model.precedent import Precedent, SetAside
from .cells import Row, Span, agreed, span_of_parts, term_days, yes_or_no
from .durations import set_duration, set_spans

NAME = "ETH/PRIO Civil Conflict Ceasefire Dataset"
CITATION = (
    "Clayton, Nygård, Strand, Rustad, Wiehler, Sagård, Landsverk, Ryland, Sticher, Wink and Bara "
    "(2022): Introducing the ETH/PRIO Civil Conflict Ceasefire Dataset. Journal of Conflict "
    "Resolution, doi:10.1177/00220027221129195."
)
KINDS = {
    1: "cessation_of_hostilities",
    2: "cessation_of_hostilities_with_mechanism",
    3: "definitive",
}
PURPOSES = {1: "humanitarian", 2: "peace_process", 3: "holiday", 4: "election", 5: "other"}
PURPOSE_COLUMNS = {
    "p_humanitarian": "humanitarian",
    "p_peaceprocess": "peace_process",
    "p_holiday": "holiday",
    "p_election": "election",
    "p_other": "other",
}
ENFORCEMENT = {0: "none", 1: "external", 2: "international_organisation"}
KEPT = ("ended", "timing", "implement", "enforcement", "ddr", "nsa_frac", "fixed", "fixed_time")


def is_this(columns: Iterable[str]) -> bool:
    """Whether a table has the columns of this data set."""
    return {"cf_id", "cf_effect_yr"} <= {str(name).strip().lower() for name in columns}


def precedents(
    rows: list[Row], until: Optional[date] = None
) -> tuple[list[Precedent], list[SetAside], Optional[date]]:
    """The ceasefires, the rows set aside, and the last day that the data tell of.

    What holds is watched until ``until``; where it is not given, until that last day.
    """
    ceasefires: dict[tuple, list[Row]] = {}
    aside = []
    for row in rows:
        number = row.text("cf_id")
        if number is None or row.code("cf_id") == -1:
            aside.append(SetAside(row.number, row.text("uniq_id", "id"), "it has no cf_id"))
            continue
        ceasefires.setdefault((row.text("cc", "location") or "", number), []).append(row)
    last = max((day for row in rows for day in _known_days(row)), default=None)
    made = [_precedent(key, group, until or last) for key, group in ceasefires.items()]
    return made, aside, until or last


def _precedent(key: tuple, rows: list[Row], until: Optional[date]) -> Precedent:
    country, number = key
    record = Precedent(
        precedent_id=f"cfd:{country}:{number}",
        dataset=NAME,
        source_id=number,
        country=agreed([row.text("location") for row in rows])[0],
        region=agreed([row.text("region") for row in rows])[0],
        parties="; ".join(dict.fromkeys(row.text("actor_name") or "not known" for row in rows)),
        sided="several" if len(rows) > 1 else "unilateral",
        rows=len(rows),
        purpose=_purposes(rows),
        codes=json.dumps(_kept(rows), ensure_ascii=False, sort_keys=True),
    )
    remarks = _set_qualities(record, rows)
    start, more = _start(rows)
    ends = [span for span in map(_end, rows) if span is not None]
    end = min(ends) if ends else None
    if len(set(ends)) > 1:
        more.append("the actors' ends differ; the first counts")
    set_spans(record, start, end)
    record.term_days = _term(rows)
    remarks += more + set_duration(record, start, end, _ended(rows), until)
    if any(row.known("fixed") for row in rows) and record.term_days is None:
        remarks += _unknown_term(record)
    record.note = "; ".join(remarks) or None
    return record


def _set_qualities(record: Precedent, rows: list[Row]) -> list[str]:
    """What the rows say with one voice; what they differ on stays not known, and is told."""
    told = {
        "kind": [KINDS.get(row.code("ceasefire_class")) for row in rows],
        "mechanism": [yes_or_no(row.code("implement")) for row in rows],
        "enforcement": [ENFORCEMENT.get(row.code("enforcement")) for row in rows],
        "mediated": [yes_or_no(row.code("mediator_nego")) for row in rows],
        "written": [yes_or_no(row.code("written")) for row in rows],
        "partial": [yes_or_no(row.code("partial")) for row in rows],
    }
    remarks = []
    for name, values in told.items():
        value, differ = agreed(values)
        setattr(record, name, value)
        if differ:
            remarks.append(f"the rows differ on “{name}”, which is therefore not known")
    return remarks


def _purposes(rows: list[Row]) -> Optional[str]:
    found = [word for name, word in PURPOSE_COLUMNS.items() if any(row.known(name) for row in rows)]
    for row in rows:
        found += [
            PURPOSES[code]
            for code in (row.code("purpose_1"), row.code("purpose_2"))
            if code in PURPOSES
        ]
    return ", ".join(dict.fromkeys(found)) or None


def _start(rows: list[Row]) -> tuple[Optional[Span], list[str]]:
    """From when it had effect; where that is not known, from when it was declared."""
    effect = [span for span in (_parts(row, "cf_effect") for row in rows) if span is not None]
    if effect:
        return min(effect), []
    declared = [span for span in (_parts(row, "cf_dec") for row in rows) if span is not None]
    if declared:
        return min(declared), ["counted from its declaration"]
    return None, []


def _end(row: Row) -> Optional[Span]:
    return _parts(row, "end")


def _parts(row: Row, name: str) -> Optional[Span]:
    return span_of_parts(row.code(f"{name}_yr"), row.code(f"{name}_month"), row.code(f"{name}_day"))


def _known_days(row: Row) -> Iterable[date]:
    for name in ("cf_effect", "end"):
        span = _parts(row, name)
        if span is not None:
            yield span[1] if span[0] == span[1] else span[0]


def _ended(rows: list[Row]) -> Optional[bool]:
    """Ended once one of them ended it; holding only where all rows say so."""
    codes = [row.known("ended") for row in rows]
    if any(codes):
        return True
    return None if None in codes else False


def _term(rows: list[Row]) -> Optional[int]:
    told = [term_days(row.text("fixed_time")) for row in rows if row.known("fixed") != 0]
    days = agreed(told)[0]
    return None if days is None else max(1, round(days))


def _unknown_term(record: Precedent) -> list[str]:
    """Its term's length is not known, so that its end may be that of the term."""
    if record.outcome != "ended":
        return ["it had a fixed term of unknown length"]
    record.outcome, record.lasted_to_days = "not_known", None
    return ["it had a fixed term of unknown length: its end may be that of the term"]


def _kept(rows: list[Row]) -> dict[str, str]:
    return {
        name: "; ".join(dict.fromkeys(row.text(name) or "" for row in rows))
        for name in KEPT
        if any(row.text(name) for row in rows)
    }
