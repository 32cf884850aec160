"""Links between incidents: what may be stated, how they read, and what counts once."""

from __future__ import annotations

import random

import numpy as np
import pytest

from ceasefire_monitor.analysis.link_graph import events_of, leads_of, problem_of, relations_of
from ceasefire_monitor.analysis.linked_counts import linked_counts
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.links import link_incidents, withdraw_links
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.harm import Link
from ceasefire_monitor.model.incident import Incident, Observation
from ceasefire_monitor.model.land import Finding
from ceasefire_monitor.reports.counting import without_duplicates
from ceasefire_monitor.reports.material import Entry


def link(one: str, other: str, relation: str = "duplicate_of", lead=None, status="stated") -> Link:
    return Link(f"{one}-{relation}-{other}", one, relation, other, lead, status)


@pytest.fixture
def ledger(tmp_path):
    with Ledger.create(tmp_path / "ledger.gpkg") as made:
        made.write_records("incidents", [Incident(name) for name in "ABCD"], "Ana", "made")
        yield made


def test_an_incident_does_not_link_to_itself():
    assert "itself" in problem_of(link("A", "A", "follow_up_of"), [])


def test_leads_do_not_run_in_a_circle():
    there = [link("A", "B"), link("B", "C")]
    assert "withdraw one" in problem_of(link("C", "A"), there)
    assert "withdraw one" in problem_of(link("A", "C", "same_event", lead="A"), there)
    assert problem_of(link("A", "C"), there) is None
    withdrawn = [link("A", "B", status="withdrawn"), link("B", "C")]
    assert problem_of(link("C", "A"), withdrawn) is None


def test_the_lead_is_one_of_the_two_and_never_the_duplicate():
    assert "neither" in problem_of(link("A", "B", "same_event", lead="X"), [])
    assert "duplicate" in problem_of(link("A", "B", lead="A"), [])


def test_a_link_reads_from_both_ends():
    links = [link("A", "B", "same_event"), link("C", "A"), link("A", "D", "follow_up_of")]
    assert relations_of("A", links) == [
        ("same event as", "B"),
        ("has the duplicate", "C"),
        ("follow-up of", "D"),
    ]
    assert relations_of("B", links) == [("same event as", "A")]
    assert relations_of("D", links) == [("followed up by", "A")]
    assert relations_of("A", [link("A", "B", status="withdrawn")]) == []


def test_follow_ups_and_retaliation_are_other_events():
    links = [link("A", "B", "follow_up_of"), link("B", "C", "retaliation_claimed")]
    assert events_of(links) == {}


def test_an_event_has_a_lead_only_where_one_record_leads():
    assert leads_of([link("A", "B"), link("B", "C")]) == {"A": "C"}
    assert leads_of([link("A", "B"), link("A", "C")]) == {}
    assert leads_of([link("A", "B", "same_event")]) == {}


def test_the_lead_records_counts_stand_for_the_event():
    found = linked_counts("ABC", [5, 3, 1], [5, 3, 1], [link("A", "B")])
    assert found.counted.tolist() == [False, True, True]
    assert (found.left_out, found.without_lead) == (1, 0)


def test_without_a_lead_among_the_rows_the_largest_stands_for_the_event():
    links = [link("A", "B", "same_event"), link("B", "X")]
    found = linked_counts("AB", [None, 2], [None, 2], links)
    assert (found.counted.tolist(), found.without_lead) == ([False, True], 1)


def test_groups_of_duplicates_join_with_links():
    found = linked_counts("ABC", [1, 1, 9], [1, 1, 9], [link("A", "B")], {"B": "g", "C": "g"})
    assert found.counted.tolist() == [False, True, False]


def test_no_rows_are_no_trouble():
    found = linked_counts([], [], [], [link("A", "B")])
    assert (len(found.counted), found.left_out) == (0, 0)


@pytest.mark.parametrize("seed", range(20))
def test_events_are_the_connected_parts_as_brute_force_finds_them(seed):
    chance = random.Random(seed)
    ids = [f"I{number}" for number in range(30)]
    links = [link(*chance.sample(ids, 2), "same_event") for _ in range(20)]
    reach = {name: {name} for name in ids}
    for _ in ids:
        for item in links:
            both = reach[item.incident_id] | reach[item.other_id]
            for name in both:
                reach[name] = reach[name] | both
    found = linked_counts(ids, range(30), range(30), links)
    assert len(set(found.event)) == len({frozenset(part) for part in reach.values()})
    sizes = np.arange(30)
    for part in reach.values():
        rows = [ids.index(name) for name in part]
        assert found.counted[rows].sum() == 1
        assert sizes[rows][found.counted[rows]][0] == max(rows)


def test_a_briefs_total_without_known_duplicates_follows_the_links():
    def entry(name, count, group=None):
        incident = Incident(name, count_low=count, count_high=count, count_qualifier="exact")
        seen = [Observation("o", duplicate_group=group)] if group else []
        return Entry(incident, Finding(), seen)

    rows = [entry("A", 5), entry("B", 2, "g"), entry("C", 9, "g"), entry("D", 1), entry("", 1)]
    assert without_duplicates(rows).low == 5 + 9 + 1 + 1
    links = [link("A", "B"), link("D", "X", "same_event")]
    assert without_duplicates(rows, links).low == 2 + 1 + 1
    withdrawn = [link("A", "B", status="withdrawn")]
    assert without_duplicates(rows[:2], withdrawn) is None


def test_links_are_stated_once_and_withdrawn_without_being_deleted(ledger):
    outcome = link_incidents(ledger, [("A", "B"), ("C", "B")], "duplicate_of", "Ana", "same log")
    assert len(outcome.stated) == 2
    again = link_incidents(ledger, [("A", "B")], "duplicate_of", "Ana", "again")
    assert (len(again.stated), len(again.unchanged)) == (0, 1)
    stated = ledger.read("links")
    assert [item.lead_id for item in stated] == ["B", "B"]
    assert stated[0].stated_by == "Ana" and stated[0].stated_at is not None
    assert withdraw_links(ledger, [stated[0].link_id], "Bo", "was another") == [stated[0].link_id]
    assert withdraw_links(ledger, [stated[0].link_id], "Bo", "once more") == []
    kept = ledger.read("links")
    assert [item.status for item in kept] == ["withdrawn", "stated"]
    assert len(ledger.history(stated[0].link_id, "links")) == 2
    link_incidents(ledger, [("A", "B")], "duplicate_of", "Ana", "it was after all")
    assert len(ledger.read("links")) == 3


def test_the_same_event_is_the_same_from_the_other_end(ledger):
    link_incidents(ledger, [("A", "B")], "same_event", None, "one blast")
    again = link_incidents(ledger, [("B", "A")], "same_event", None, "one blast")
    assert len(again.unchanged) == 1
    led = link_incidents(ledger, [("B", "A")], "same_event", None, "B saw more", lead="B")
    assert [item.lead_id for item in led.stated] == ["B"]
    assert [item.lead_id for item in ledger.read("links")] == ["B"]


@pytest.mark.parametrize(
    ("pairs", "relation", "why", "words"),
    [
        ([("A", "A")], "same_event", "x", "itself"),
        ([("A", "Z")], "same_event", "x", "no incident “Z”"),
        ([("A", "B")], "cousin_of", "x", "no relation"),
        ([("A", "B")], "same_event", " ", "reason"),
        ([], "same_event", "x", "nothing to link"),
        ([("A", "B"), ("B", "C"), ("C", "A")], "duplicate_of", "x", "withdraw one"),
    ],
)
def test_a_link_that_may_not_stand_writes_none(ledger, pairs, relation, why, words):
    with pytest.raises(CeasefireError, match=words):
        link_incidents(ledger, pairs, relation, "Ana", why)
    assert ledger.read("links") == []
