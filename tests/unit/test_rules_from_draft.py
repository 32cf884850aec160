"""Clauses of a draft read as rules, which only a person makes rules."""

from __future__ import annotations

import json

import pytest

from ceasefire_monitor.analysis.agreement_file import agreement_of_text, agreement_to_json
from ceasefire_monitor.analysis.clauses.draft import draft_of_text
from ceasefire_monitor.analysis.clauses.draft_words import calibre_in, distances_in
from ceasefire_monitor.analysis.clauses.proposals import propose
from ceasefire_monitor.analysis.clauses.trial import Frame, confirm, trial_agreement
from ceasefire_monitor.model.errors import CeasefireError

TEXT = """Article 1 The parties shall refrain from firing and from laying new mines.

Article 2 Artillery and mortars of 100 mm and more are withdrawn 15 km from the line.

Article 3 Heavy weapons are withdrawn.

Article 4 There shall be no fire within 500 m of hospitals and schools.

Article 5 The parties shall not fire from 22:00 to 06:00.

Article 6 Drones shall not fly within 2 kilometres of the line.

Article 7 The parties meet each week."""
FRAME = Frame(("Aster", "Borealis"), "Europe/Athens", "2031-01-01")


def draft(text=TEXT):
    return draft_of_text(text, "draft.txt", [])


def rules(text=TEXT):
    return [
        (each.kind, json.loads(each.rule) if each.rule else None) for each in propose(draft(text))
    ]


def test_each_clause_is_read_as_its_kind_of_rule_and_talk_as_none():
    assert [kind for kind, _ in rules()] == [
        "prohibited_act", "withdrawal", "withdrawal", "site_protection", "silence", "no_fly",
    ]  # fmt: skip
    told = [rule for _, rule in rules()]
    assert told[0]["categories"] == ["firing", "mine_uxo/mine"]
    assert told[1]["limits"] == [{"line": "line", "distance_m": 15000.0}]
    assert told[1]["weapon_class"]["calibre_from_mm"] == 100
    assert told[1]["weapon_class"]["classes"] == ["artillery", "mortar"]
    assert told[3]["where"] == {"site_kinds": ["hospital", "school"], "within_m": 500.0}
    assert told[4]["windows"] == [{"daily_from": "22:00", "daily_to": "06:00"}]
    assert told[5]["limits"][0]["distance_m"] == 2000 and told[5]["categories"] == [
        "overflight/uav"
    ]


def test_what_lacks_a_class_or_distance_cannot_be_a_rule():
    lacking = propose(draft())[2]
    assert lacking.rule is None and "not classed" in lacking.assumed
    with pytest.raises(CeasefireError, match="cannot be a rule"):
        confirm(propose(draft()), "r3", "A. Analyst")


def test_a_width_counts_both_sides_and_says_so():
    text = "1. Tanks are withdrawn from a zone 30 km wide."
    ((_, rule),) = rules(text)
    assert rule["limits"][0]["distance_m"] == 15000
    assert "both sides together" in propose(draft(text))[0].assumed


def test_distances_and_calibres_as_they_are_written():
    assert [metres for metres, _ in distances_in("1,500 m, 1,5 km, 2.5 kilometres")] == [
        1500, 1500, 2500,
    ]  # fmt: skip
    assert distances_in("100 mm and 15 minutes") == []
    assert calibre_in("more than 100 mm") == {"calibre_above_mm": 100}
    assert calibre_in("of 120 mm") == {"calibre_from_mm": 120, "calibre_to_mm": 120}


def test_nothing_is_a_rule_before_somebody_confirms_and_signs():
    proposals = propose(draft())
    assert confirm(proposals, "", "") == [] and not any(each.confirmed for each in proposals)
    with pytest.raises(CeasefireError, match="who confirms"):
        confirm(proposals, "r1", " ")
    with pytest.raises(CeasefireError, match="no proposal “r9”"):
        confirm(proposals, "r9", "A. Analyst")
    assert len(confirm(proposals, "all", "A. Analyst")) == 5


def test_the_confirmed_rules_are_an_agreement_that_says_it_is_a_draft():
    told = draft()
    made = trial_agreement(told, confirm(propose(told), "r1, r2", "A. Analyst"), FRAME)
    again = agreement_of_text(agreement_to_json(made))
    assert [rule.code for _, rule in again.rules()] == ["r1", "r2"]
    assert again.title.startswith("Draft held against") and "no violations" in again.note
    assert [each.reference for each in again.clauses] == ["Article 1", "Article 2"]


def test_a_json_draft_keeps_its_rules_and_only_the_others_are_read():
    clause = {"text_status": "verified"}
    told = {
        "format": 1, "agreement_id": "d", "title": "D", "status": "draft",
        "parties": [{"code": "a", "name": "A"}, {"code": "b", "name": "B"}],
        "timing": {"timezone": "Europe/Athens", "in_force_from": "2040-01-01"},
        "clauses": [
            {**clause, "reference": "1", "text": "No firing.", "rules": [
                {"code": "own", "kind": "prohibited_act", "title": "t", "categories": ["firing"]}]},
            {**clause, "reference": "2", "text": "The parties shall not lay new mines."},
        ],
    }  # fmt: skip
    read = draft(json.dumps(told))
    made = trial_agreement(read, confirm(propose(read), "all", "A. Analyst"), FRAME)
    assert [rule.code for _, rule in made.rules()] == ["own", "r1"]
    assert made.timing.in_force_from == "2031-01-01" and made.status.value == "agreed"


def test_a_text_without_parties_is_named():
    told = draft()
    with pytest.raises(CeasefireError, match="Name the parties"):
        trial_agreement(told, confirm(propose(told), "r1", "A"), Frame((), "UTC", "2031-01-01"))
