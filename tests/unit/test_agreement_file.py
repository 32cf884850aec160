"""Agreements as files: read, checked with a sentence for every problem, and written again."""

from __future__ import annotations

import copy
import dataclasses
import json
import math
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ceasefire_monitor.analysis.agreement_file import (
    agreement_of,
    agreement_of_text,
    agreement_to_json,
    read_agreement,
)
from ceasefire_monitor.analysis.agreement_problems import Problems
from ceasefire_monitor.analysis.agreement_reading import record_of
from ceasefire_monitor.analysis.agreement_schema import schema, schema_text
from ceasefire_monitor.model.agreement import (
    Agreement,
    Expects,
    RuleKind,
    TextStatus,
    keys_of,
)
from ceasefire_monitor.model.errors import CeasefireError

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = [
    path
    for path in sorted((ROOT / "resources" / "agreements").glob("*.json"))
    if path.name != "schema.json"
] + [ROOT / "resources" / "demo" / "agreement.json"]
shipped = pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)

SMALL = {
    "format": 1,
    "agreement_id": "small",
    "title": "Small agreement (fictional)",
    "parties": [{"code": "aster", "name": "Aster"}, {"code": "borea", "name": "Borea"}],
    "timing": {"timezone": "Atlantic/Azores", "d_day": "2025-09-01"},
    "weapon_classes": [{"code": "guns", "label": "guns", "classes": ["artillery"]}],
    "lines": [{"code": "line", "title": "contact line", "kind": "de_facto"}],
    "zones": [
        {
            "code": "zone",
            "title": "Zone",
            "width_m": 4000,
            "bands": [{"line": "line", "far_m": 2000}],
        }
    ],
    "clauses": [
        {
            "reference": "2(b)",
            "text": "Guns are withdrawn.",
            "text_status": "paraphrase",
            "rules": [
                {
                    "code": "artillery",
                    "kind": "withdrawal",
                    "title": "guns at least 25 km from the line",
                    "deadline": "D+14",
                    "weapon_classes": ["guns"],
                    "limits": [
                        {"line": "line", "distance_m": 25000, "party": "aster"},
                        {"line": "line", "distance_m": 25000, "party": "borea"},
                    ],
                    "zone_width_m": 50000,
                }
            ],
        }
    ],
}


def told(**changes) -> str:
    """What reading SMALL says once a value at a path such as ``clauses.0.text`` is changed."""
    broken = copy.deepcopy(SMALL)
    for path, value in changes.items():
        place = broken
        *steps, last = [int(step) if step.isdigit() else step for step in path.split("__")]
        for step in steps:
            place = place[step]
        place[last] = value
    with pytest.raises(CeasefireError) as caught:
        agreement_of(broken)
    return str(caught.value)


RULE = "clauses__0__rules__0__"


@shipped
def test_a_shipped_agreement_reads_and_is_written_as_it_lies(path):
    agreement = read_agreement(path)
    assert agreement_to_json(agreement) == path.read_text(encoding="utf-8")
    assert agreement_of_text(agreement_to_json(agreement)) == agreement


@shipped
def test_a_shipped_agreement_fits_the_published_schema(path):
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    validator = jsonschema.Draft202012Validator(schema())
    problems = [error.message for error in validator.iter_errors(json.loads(path.read_text()))]
    assert problems == []


def test_the_published_schema_is_the_one_that_the_reader_follows():
    published = (ROOT / "resources" / "agreements" / "schema.json").read_text(encoding="utf-8")
    assert published == schema_text()
    definitions = json.loads(published)
    assert set(definitions["properties"]) == {"$schema", *keys_of(Agreement)}
    for name, definition in definitions["$defs"].items():
        record = next(key.of for key in _every_key(Agreement) if key.of and key.of.__name__ == name)
        assert list(definition["properties"]) == list(keys_of(record))


def _every_key(record, seen=None):
    seen = set() if seen is None else seen
    if record in seen:
        return
    seen.add(record)
    for key in keys_of(record).values():
        yield key
        if key.expects is Expects.OBJECT:
            yield from _every_key(key.of, seen)


@shipped
def test_a_shipped_clause_says_how_far_it_is_verified_and_names_its_source(path):
    agreement = read_agreement(path)
    assert agreement.sources
    for clause in agreement.clauses:
        assert isinstance(clause.text_status, TextStatus)
        assert clause.source, clause.reference
        partly = clause.text_status is TextStatus.PARAPHRASE
        assert clause.note or not partly, "what was added to the source is said"


def test_the_templates_and_the_demo_use_every_kind_of_rule():
    kinds = {rule.kind for path in SHIPPED for _, rule in read_agreement(path).rules()}
    assert kinds == set(RuleKind)
    demo = read_agreement(ROOT / "resources" / "demo" / "agreement.json")
    assert {rule.kind for _, rule in demo.rules()} == set(RuleKind)


def test_the_width_of_the_whole_zone_is_never_taken_for_one_side():
    minsk = read_agreement(ROOT / "resources" / "agreements" / "minsk_2014_2015.json")
    rules = {rule.code: rule for _, rule in minsk.rules()}
    for code, width in (("artillery", 50_000), ("mlrs", 70_000), ("heavy", 140_000)):
        rule = rules[f"package_{code}"]
        assert rule.zone_width_m == width
        assert [limit.distance_m for limit in rule.limits] == [width / 2, width / 2]
        assert {limit.party: limit.line for limit in rule.limits} == {
            "ukrainian_forces": "de_facto",
            "armed_formations": "line_2014",
        }
    message = told(**{RULE + "limits__0__distance_m": 50000, RULE + "limits__1__distance_m": 50000})
    assert message.startswith("Clause 2(b), rule “artillery”: key “zone_width_m” is 50,000, but")
    assert "make 100,000" in message and "25,000 on each side" in message
    assert "“width_m” is 2,000" in told(zones__0__width_m=2000)


@pytest.mark.parametrize(
    "path, value, sentence",
    [
        (
            RULE + "limits__0__distance_m",
            "25 km",
            "Clause 2(b), rule “artillery”, limit 1: key “distance_m” is “25 km”, but a number of "
            "metres is expected.",
        ),
        (
            RULE + "limits__0__distance_m",
            -5,
            "Clause 2(b), rule “artillery”, limit 1: key “distance_m” is -5, but a number of "
            "metres is expected.",
        ),
        (
            RULE + "weapn_classes",
            ["guns"],
            "Clause 2(b), rule “artillery”: the key “weapn_classes” is not known; "
            "“weapon_classes” may be meant.",
        ),
        (
            RULE + "weapon_classes",
            ["gun"],
            "Clause 2(b), rule “artillery”: key “weapon_classes” names “gun”, but there is no such "
            "weapon class; “guns” may be meant.",
        ),
        (
            RULE + "kind",
            "withdrawl",
            "Clause 2(b), rule “artillery”: key “kind” is “withdrawl”, which is not known; "
            "“withdrawal” may be meant.",
        ),
        (
            RULE + "deadline",
            "D+14th",
            "Clause 2(b), rule “artillery”: key “deadline” is “D+14th”, but a date (2025-09-01), a "
            "date and time (2025-09-01 04:00), D+14, D+14 18:00 or H+72 is expected.",
        ),
        (
            RULE + "deadline",
            "2025-08-01",
            "Clause 2(b), rule “artillery”: key “deadline” is 2025-08-01, before the agreement is "
            "in force.",
        ),
        (
            RULE + "at_most",
            5,
            "Clause 2(b), rule “artillery”: key “at_most” does not belong to a rule of the kind "
            "“withdrawal”.",
        ),
        (
            RULE + "limits__1__party",
            "aster",
            "Clause 2(b), rule “artillery”: key “limits” gives the party “aster” two limits; "
            "give one.",
        ),
        (
            "timing__timezone",
            "Atlantic/Azors",
            "Timing: key “timezone” is “Atlantic/Azors”, but the name of a time zone such as "
            "Europe/Kyiv is expected.",
        ),
        (
            "timing__d_day",
            "2025-02-30",
            "Timing: key “d_day” is “2025-02-30”, but a date such as 2025-09-01 is expected.",
        ),
        (
            "timing__first_day_number",
            2,
            "Timing: key “first_day_number” is 2, but 0 or 1 is expected.",
        ),
        ("clauses__0__text", "", "Clause 2(b): key “text” is missing; text is expected: "
         "what it says."),
        (
            "parties__1__code",
            "aster",
            "The agreement: 2 parties are called “aster”; each needs a name of its own.",
        ),
        (
            "zones__0__bands__0__near_m",
            3000,
            "Zone “zone”, band 1: key “far_m” is 2000, but more than “near_m” (3000) is expected.",
        ),
        (
            "zones__0__area",
            [[[0, 0], [1, 1]]],
            "Zone “zone”: a zone is drawn in one way, by “bands”, “between”, “area” or "
            "“layer_zone”; given: “bands” and “area”.",
        ),
        (
            "weapon_classes__0__classes",
            ["artilery"],
            "Weapon class “guns”: key “classes” names “artilery”, but there is no such word; "
            "“artillery” may be meant.",
        ),
        (
            "lines__0__kind",
            None,
            "Line “line”: say which contact line it means: by “kind”, “line_name”, “front” or "
            "“as_of”.",
        ),
        ("clauses", 3, "The agreement: key “clauses” is 3, but a list of objects in braces { } "
         "is expected."),
        ("format", 2, "The agreement: key “format” is 2, but 1 is expected."),
    ],
)  # fmt: skip
def test_a_problem_is_told_by_clause_key_and_what_is_expected(path, value, sentence):
    assert sentence in told(**{path: value}).splitlines()


def test_all_problems_are_told_at_once_up_to_twenty():
    message = told(**{RULE + "code": 5, RULE + "title": None, "timing__timezone": 1})
    assert len(message.splitlines()) == 3
    many = copy.deepcopy(SMALL)
    many["parties"] = [{"code": "not a code", "name": ""} for _ in range(30)]
    with pytest.raises(CeasefireError) as caught:
        agreement_of(many)
    lines = str(caught.value).splitlines()
    assert len(lines) == 21 or len(lines) <= 20
    assert all(line.endswith(".") for line in lines)


@pytest.mark.parametrize(
    "content, expected",
    [
        (b"{", "is no JSON: expecting property name"),
        (b"[]", "one object in braces"),
        (b"\xff\xfe{}", "is not UTF-8"),
        (b'{"a": NaN}', "“NaN” is no number"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"title": "a", "title": "b"}', "“title” is given twice"),
        (b"", "is no JSON"),
        (b"1" * 10_000, "is no JSON"),
    ],
)
def test_a_file_that_is_no_agreement_gives_a_sentence(tmp_path, content, expected):
    path = tmp_path / "odd.json"
    path.write_bytes(content)
    with pytest.raises(CeasefireError) as caught:
        read_agreement(path)
    assert expected in str(caught.value)


def test_a_file_that_is_not_there_gives_a_sentence(tmp_path):
    with pytest.raises(CeasefireError, match="cannot be read"):
        read_agreement(tmp_path / "missing.json")
    with pytest.raises(CeasefireError, match="cannot be read"):
        read_agreement(tmp_path)


ODD = (None, "", "x y", "D+99999", -1, 10**400, 1e308, math.inf, True, [], {}, [[]], [{}], [None])


def _places(value, path=()):
    """The path of every key and list entry of a JSON value."""
    if path:
        yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in entries:
        if isinstance(each, (dict, list)):
            yield from _places(each, (*path, key))
        else:
            yield (*path, key)


def _said(agreement) -> str:
    """What reading says of an odd agreement; "" where it is taken. Anything else fails."""
    try:
        read = agreement_of(agreement)
        assert agreement_of_text(agreement_to_json(read)) == read
    except CeasefireError as error:
        assert str(error), "an error without words"
        assert all(line.endswith(".") for line in str(error).splitlines())
        return str(error)
    return ""


@shipped
def test_whatever_value_a_key_has_the_answer_is_a_sentence_or_an_agreement(path):
    """Every key of every shipped agreement is given odd values, taken away, and misspelt."""
    whole = json.loads(path.read_text(encoding="utf-8"))
    for number, place in enumerate(_places(whole)):
        odd = copy.deepcopy(whole)
        holder = odd
        for step in place[:-1]:
            holder = holder[step]
        key = place[-1]
        kept = holder[key]
        holder[key] = ODD[number % len(ODD)]
        _said(odd)
        if isinstance(key, str):
            del holder[key]
            holder[key + "x"] = kept
            message = _said(odd)
            assert f"the key “{key}x” is not known" in message or "more problem" in message


def _value_of(key):
    """Values that a key may have, as the model keeps them."""
    simple = {
        Expects.TEXT: st.text(min_size=1).filter(lambda text: text.strip() and "\x00" not in text),
        Expects.CODE: st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9_.-]{0,8}\Z"),
        Expects.WHOLE: st.integers(0, 10**9),
        Expects.NUMBER: st.floats(0, 1e9),
        Expects.METRES: st.floats(0, 1e9),
        Expects.DATE: st.dates(
            min_value=date(1800, 1, 1),
            max_value=date(2999, 12, 31),
        ).map(str),
        Expects.CLOCK: st.times().map(lambda clock: f"{clock:%H:%M}"),
        Expects.MOMENT: st.sampled_from(["2025-09-01", "2025-09-01 04:00", "D+14", "H+72", "D"]),
        Expects.ZONE: st.sampled_from(["UTC", "Atlantic/Azores"]),
        Expects.RING: st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), max_size=4).map(
            tuple
        ),
    }
    if key.expects is Expects.OBJECT:
        return _records(key.of)
    if key.expects is Expects.CHOICE:
        return st.sampled_from(list(key.of))
    return simple[key.expects]


def _records(record):
    fields = {}
    for name, key in keys_of(record).items():
        value = _value_of(key)
        if key.many:
            unique = key.expects not in (Expects.OBJECT, Expects.RING)
            least = 1 if key.required else 0
            value = st.lists(value, min_size=least, max_size=2, unique=unique).map(tuple)
        elif not key.required:
            default = record.__dataclass_fields__[name].default
            value = st.one_of(st.just(default), value)
        fields[name] = value
    return st.builds(record, **fields)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(_records(Agreement))
def test_what_is_written_reads_back_as_it_was(agreement):
    problems = Problems()
    again = record_of(Agreement, json.loads(agreement_to_json(agreement)), "It", problems)
    assert problems.sentences == []
    assert again == agreement
    assert dataclasses.asdict(again) == dataclasses.asdict(agreement)
