"""Precedents: data sets read as they are, durations as far as days are known, survival."""

from __future__ import annotations

import math

import pytest

from ceasefire_monitor.analysis.precedents.filtering import Asked, chosen
from ceasefire_monitor.analysis.precedents.reading import read_precedents
from ceasefire_monitor.analysis.precedents.survival_of import steps_of, survival_of
from ceasefire_monitor.analysis.precedents.survival_words import sentences
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.precedent import Precedent

CFD = [
    "id", "uniq_id", "cc", "cf_id", "location", "region", "actor_name", "fixed", "fixed_time",
    "cf_dec_yr", "cf_dec_month", "cf_dec_day", "cf_effect_yr", "cf_effect_month", "cf_effect_day",
    "implement", "enforcement", "ended", "end_yr", "end_month", "end_day", "ceasefire_class",
    "p_humanitarian",
]  # fmt: skip


def cfd(*rows, **more):
    cells = [
        [
            number, number, "XX", row.get("cf", number), "Vale", "1", row.get("actor", "A"),
            row.get("fixed", 0), row.get("term", -1), *row.get("dec", (-1, -1, -1)),
            *row.get("start", (2001, 3, 1)), row.get("implement", 0), row.get("enforcement", 0),
            row.get("ended", 1), *row.get("end", (-1, -1, -1)), 2, 1,
        ]
        for number, row in enumerate(rows, 1)
    ]  # fmt: skip
    return read_precedents(CFD, cells, range(1, len(cells) + 1), "file", **more)


def only(*rows):
    (record,) = cfd(*rows).precedents
    return record


def spanned(record):
    return record.outcome, record.lasted_from_days, record.lasted_to_days


def test_rows_of_actors_are_one_ceasefire():
    record = only({"cf": 7, "actor": "A", "end": (2001, 3, 11)}, {"cf": 7, "actor": "B"})
    assert (record.rows, record.sided, record.parties) == (2, "several", "A; B")
    assert spanned(record) == ("ended", 10, 10)
    assert record.kind == "cessation_of_hostilities_with_mechanism"


def test_unknown_day_and_month_are_an_interval_and_never_the_middle():
    assert spanned(only({"end": (2001, 5, -1)})) == ("ended", 61, 91)
    assert spanned(only({"end": (2001, -1, 0)})) == ("ended", 0, 305)
    assert spanned(only({"start": (2001, 2, 0), "end": (2001, 2, 0)})) == ("ended", 0, 27)


def test_a_fixed_term_that_runs_out_is_no_failure_and_one_broken_early_is():
    kept = only({"fixed": 1, "term": "72 hours", "end": (2001, 3, 4)})
    assert spanned(kept) == ("expired", 3, None)
    broken = only({"fixed": 1, "term": 30, "end": (2001, 3, 4)})
    assert spanned(broken) == ("ended", 3, 3)
    longer = only({"fixed": 1, "term": 3, "end": (2001, 4, 30)})
    assert spanned(longer) == ("ended", 60, 60) and "beyond its term" in longer.note


def test_a_term_of_unknown_length_is_neither_end_nor_expiry():
    record = only({"fixed": 1, "end": (2001, 3, 4)})
    assert spanned(record) == ("not_known", 3, None)


def test_minus_one_is_not_known_and_not_no():
    assert only({"implement": -1}).mechanism is None
    assert only({"implement": 0}).mechanism == "no"
    differing = only({"cf": 1, "implement": 1}, {"cf": 1, "implement": 0})
    assert differing.mechanism is None and "differ" in differing.note


def test_what_holds_is_watched_until_the_last_day_of_the_data():
    reading = cfd({"ended": 0}, {"end": (2003, 3, 1)}, {"ended": -1})
    holding, _, unclear = reading.precedents
    assert spanned(holding) == ("holding", 730, None)
    assert spanned(unclear) == ("not_known", None, None)


def test_an_end_before_its_start_is_told_and_not_used():
    record = only({"end": (2000, 1, 1)})
    assert record.lasted_from_days is None and "before the start" in record.note


def test_a_row_without_its_number_is_set_aside():
    reading = cfd({"cf": -1}, {"end": (2001, 3, 4)})
    assert [each.row for each in reading.aside] == [1] and len(reading.precedents) == 1


def test_older_names_of_columns_are_read():
    columns = [name.upper() for name in CFD]
    cells = [[1, 1, "XX", 1, "Vale", 1, "A", 0, -1, -1, -1, -1, 2001, 3, 1, 1, 0, 1, 2001, 3, 2, 1,
              0]]  # fmt: skip
    assert read_precedents(columns, cells, [1], "f").precedents[0].mechanism == "yes"


def test_pax_in_both_forms_of_its_dates():
    columns = ["Con", "AgtId", "Agt", "Dat", "Status", "Agtp", "Stage", "StageSub", "Ce", "SsrArm"]
    rows = [
        ["Vale", 5, "Accord", "13/02/1999", "Unilateral document", "Intra", "Cea", "Ceas", 3, 0],
        ["Vale", 6, "Other", "2011-02-13", "Multiparty signed/agreed", "Intra", "Pre", "", 0, 2],
        ["Vale", 6, "Other", "2011-02-13", "Multiparty signed/agreed", "Intra", "Pre", "", 0, 2],
    ]
    reading = read_precedents(columns, rows, [1, 2, 3], "f")
    first, second = reading.precedents
    assert first.start_from == first.start_to == "1999-02-13" and first.purpose == "ceasefire"
    assert second.start_from == "2011-02-13" and second.codes == '{"ssrarm": 2}'
    assert [each.row for each in reading.aside] == [3]
    with pytest.raises(CeasefireError, match="None of these has a duration"):
        survival_of(reading.precedents)


def test_own_file_with_its_own_names_and_a_wrong_date_set_aside():
    columns = ["No", "Entry", "Broken on", "mechanism"]
    rows = [[1, "2001-03", "2001-05-02", "yes"], [2, "spring", None, "no"], [3, None, None, ""]]
    mapping = {"id": "No", "start": "Entry", "end": "Broken on"}
    reading = read_precedents(columns, rows, [1, 2, 3], "mine", mapping)
    assert spanned(reading.precedents[0]) == ("ended", 32, 62)
    assert "“spring” is no date" in reading.aside[0].reason and len(reading.aside) == 2
    with pytest.raises(CeasefireError, match="no column of a precedent"):
        read_precedents(columns, rows, [1, 2, 3], "mine", {"begin": "Entry"})


def test_survival_by_mechanism_with_numbers_at_risk_and_no_word_of_cause():
    rows = [{"implement": 1, "end": (2002, 3, day)} for day in range(1, 13)]
    rows += [{"implement": 0, "end": (2001, 3, 1 + day)} for day in range(1, 13)]
    made = survival_of(cfd(*rows).precedents, "mechanism")
    assert [group.name for group in made.groups] == ["mechanism: no", "mechanism: yes"]
    assert not made.intervals
    steps = steps_of(made)
    assert [step.at_risk_from for step in steps[:3]] == [12, 12, 11]
    told = " ".join(sentences(made))
    assert made.differences[0].points == pytest.approx(1.0) and "no effect" in told
    assert made.test.p < 0.001


def test_partly_known_days_give_turnbulls_estimate():
    rows = [{"end": (2001, 4, -1)}] * 3 + [{"end": (2001, 3, 20)}] * 2 + [{"ended": 0}]
    made = survival_of(cfd(*rows).precedents)
    assert made.intervals and made.method == "Turnbull"
    steps = steps_of(made)
    assert [(step.day_from, step.day) for step in steps[1:]] == [(19, 19), (31, 60)]
    assert steps[1].share == pytest.approx(4 / 6, abs=1e-4)
    assert "ceasefire" in " ".join(sentences(made))


def test_a_group_of_which_none_ended_has_no_false_bounds():
    rows = [{"implement": 1, "ended": 0}] * 3 + [{"end": (2001, 4, day)} for day in (1, 9, 20)]
    rows += [{"start": (2003, 1, 1), "ended": 0}]
    made = survival_of(cfd(*rows).precedents, "mechanism")
    assert made.groups[1].ends == 0 and "more than half still held" in " ".join(sentences(made))
    assert made.differences and all(math.isnan(each.low) for each in made.differences)
    assert "bounds cannot be told" in " ".join(sentences(made))
    assert steps_of(made)[-1].share == 1.0


def test_filters_take_what_is_sure_and_issues_by_their_numbers():
    records = cfd({"implement": 1, "end": (2001, 5, -1)}, {"implement": -1}).precedents
    assert len(chosen(records, Asked(mechanism="yes", lasted_days=61))) == 1
    assert chosen(records, Asked(lasted_days=62)) == []
    assert [each.source_id for each in chosen(records, Asked(mechanism="not_known"))] == ["2"]
    pax = [Precedent("a", codes='{"ce": 2}'), Precedent("b", codes='{"ce": 1, "ssrarm": 3}')]
    assert [each.precedent_id for each in chosen(pax, Asked(issues="Ce>=2"))] == ["a"]
    assert [each.precedent_id for each in chosen(pax, Asked(issues="ce, SsrArm"))] == ["b"]
    with pytest.raises(CeasefireError, match="is no issue"):
        chosen(pax, Asked(issues="Ce=>2"))
