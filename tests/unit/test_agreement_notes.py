"""What is said of an agreement's file before it is used."""

from __future__ import annotations

from pathlib import Path

import pytest

from ceasefire_monitor.analysis.agreement_file import agreement_of, read_agreement
from ceasefire_monitor.analysis.agreement_notes import agreement_notes
from ceasefire_monitor.model.errors import CeasefireError

ROOT = Path(__file__).resolve().parents[2]


def told(**more):
    return {
        "format": 1,
        "agreement_id": "vale",
        "title": "Understanding of the Vale",
        "note": "Widths count both sides.",
        "parties": [{"code": "aster", "name": "Aster"}, {"code": "borea", "name": "Borea"}],
        "timing": {"timezone": "UTC", "in_force_from": "2025-01-01"},
        "weapon_classes": [{"code": "tanks", "label": "tanks", "classes": ["tank"]}],
        "lines": [{"code": "line", "title": "contact line", "kind": "de_facto"}],
        "clauses": [clause(15000)],
        **more,
    }


def clause(metres, status="verified"):
    rule = {
        "code": "tanks",
        "kind": "withdrawal",
        "title": "tanks withdrawn",
        "weapon_classes": ["tanks"],
        "limits": [{"line": "line", "distance_m": metres}],
    }
    return {"reference": "2(b)", "text": "Tanks.", "text_status": status, "rules": [rule]}


def test_a_verified_agreement_needs_no_word():
    assert agreement_notes(agreement_of(told())) == []
    assert agreement_notes(read_agreement(ROOT / "resources" / "demo" / "agreement.json")) == []


def test_clauses_that_are_not_verified_are_named_with_the_files_own_note():
    first, second = agreement_notes(agreement_of(told(clauses=[clause(15000, "not_verified")])))
    assert first.startswith("“Understanding of the Vale” marks clauses as not verified: “2(b)”.")
    assert second == "Note in the agreement's file: Widths count both sides."
    korea = read_agreement(ROOT / "resources" / "agreements" / "korea_1953_2018.json")
    first, second = agreement_notes(korea)
    assert "“2018, exercises”, “2018, guard posts”, “2018, flights”" in first
    assert "is background knowledge and not verified" in second


def test_kilometres_written_for_metres_are_noticed():
    zone = {
        "code": "z",
        "title": "Inner",
        "kind": "buffer",
        "bands": [{"line": "line", "far_m": 10}],
    }
    found = agreement_notes(agreement_of(told(clauses=[clause(15)], zones=[zone])))
    assert sorted(found) == [
        "Clause 2(b), rule “tanks”, limit 1: “distance_m” is 15 m; if kilometres were meant, "
        "write 15000.",
        "Zone “z”, band 1: “far_m” is 10 m; if kilometres were meant, write 10000.",
    ]
    zone["bands"] = [{"line": "line", "far_m": 100}]
    assert agreement_notes(agreement_of(told(clauses=[clause(100)], zones=[zone]))) == []


def test_an_empty_list_of_parties_is_called_that():
    with pytest.raises(CeasefireError, match="it has no party .key “parties” is an empty list"):
        agreement_of(told(parties=[]))
    without = {key: value for key, value in told().items() if key != "parties"}
    with pytest.raises(CeasefireError, match="key “parties” is missing"):
        agreement_of(without)


def test_the_commands_of_korea_are_known_by_their_abbreviations():
    korea = read_agreement(ROOT / "resources" / "agreements" / "korea_1953_2018.json")
    assert (korea.party("UNC").code, korea.party("kpa").code) == ("south", "north")
