"""What a review may not do is refused in the file too, whatever program writes."""

from __future__ import annotations

import dataclasses

import pytest
from osgeo import ogr

from ceasefire_monitor.ledger.bulk import AT_LEAST
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.ledger.review_triggers import review_trigger_statements
from ceasefire_monitor.model.errors import CeasefireError
from ceasefire_monitor.model.harm import Harm, Link
from ceasefire_monitor.model.incident import Incident
from ceasefire_monitor.model.land import Fetch
from ceasefire_monitor.model.review import plain_name, refused_followers
from ceasefire_monitor.model.vocabulary import vocabulary

ogr.UseExceptions()


@dataclasses.dataclass
class ImportResult:
    """What an importer gives."""

    source: str
    incidents: list
    observations: tuple = ()
    posts: tuple = ()
    effort: tuple = ()
    rejected: tuple = ()
    rows: int = 1
    notes: tuple = ()


@pytest.fixture
def path(tmp_path):
    place = tmp_path / "ledger.gpkg"
    with Ledger.create(place) as made:
        made.write_records("incidents", [Incident("A", place="Mill")], "Ana", "patrol log")
        made.write_records("harm", [Harm("H", "A", "P1", "killed")], "Ana", "patrol log")
    return place


def write(path, sql: str) -> None:
    """An edit from another program: no session, the file's triggers alone."""
    dataset = ogr.Open(str(path), update=1)
    dataset.ExecuteSQL(sql)


def refused(path, sql: str) -> str:
    with pytest.raises(RuntimeError) as caught:
        write(path, sql)
    return str(caught.value)


def value(path, column: str, table="incidents"):
    dataset = ogr.Open(str(path))
    return dataset.GetLayerByName(table).GetNextFeature().GetField(column)


def set_to(**values) -> str:
    """An update of the incident; None is NULL."""
    told = ", ".join(
        f"{name} = " + ("NULL" if text is None else f"'{text}'") for name, text in values.items()
    )
    return f"UPDATE incidents SET {told}"


def test_every_step_is_refused_or_let_through_as_the_vocabulary_says(path):
    for field, listed in (("verification", "verifications"), ("workflow", "workflows")):
        for before in vocabulary(listed):
            for after in vocabulary(listed):
                dataset = ogr.Open(str(path), update=1)
                dataset.ExecuteSQL(f"DROP TRIGGER incidents_{field}_steps")
                reason = {"edit_reason": "test"}
                dataset.ExecuteSQL(set_to(**{field: before}, **reason))
                (again,) = [
                    text
                    for text in review_trigger_statements()
                    if f'"incidents_{field}_steps"' in text
                ]
                dataset.ExecuteSQL(again)
                del dataset
                step = set_to(**{field: after}, **reason)
                if after in refused_followers(field, before):
                    assert "goes from" in refused(path, step)
                    assert value(path, field) == before
                else:
                    write(path, step)
                    assert value(path, field) == after


def test_a_users_own_codes_may_be_set(path):
    write(path, set_to(verification="seen_by_council", workflow="archived"))
    write(path, set_to(verification="confirmed", workflow="reviewed"))
    write(path, set_to(workflow="released"))
    assert value(path, "workflow") == "released"


def test_a_users_own_codes_are_no_way_around_the_steps(path):
    for own in ("archived", "on_shelf"):
        write(path, set_to(workflow=own))
        assert "goes from" in refused(path, set_to(workflow="released"))
    write(path, set_to(workflow="recorded"))
    write(path, set_to(verification="refuted"))
    write(path, set_to(verification="seen_by_council"))
    assert "goes from" in refused(path, set_to(verification="confirmed"))
    write(path, "UPDATE harm SET verification = 'refuted'")
    write(path, "UPDATE harm SET verification = 'seen_by_council'")
    assert "goes from" in refused(path, "UPDATE harm SET verification = 'confirmed'")


def test_leaving_a_state_empty_is_no_way_around(path):
    write(path, set_to(workflow=None))
    assert "goes from" in refused(path, set_to(workflow="released"))


def test_harm_has_the_same_steps(path):
    write(path, "UPDATE harm SET verification = 'refuted'")
    assert "goes from" in refused(path, "UPDATE harm SET verification = 'confirmed'")


def test_what_was_withdrawn_comes_back_only_with_a_reason(path):
    write(path, set_to(workflow="withdrawn", edit_reason="twice"))
    assert "only with a reason" in refused(path, set_to(workflow="recorded"))
    assert "only with a reason" in refused(path, set_to(workflow=None))
    assert "only with a reason" in refused(path, set_to(workflow="archived"))
    write(path, set_to(workflow="recorded", edit_reason="was another one"))
    with Ledger.open(path) as ledger:
        assert ledger.history("A")[-1].why == "was another one"


@pytest.mark.parametrize("reason", [None, "", "  ", "\u00a0 "])
def test_an_incident_is_withdrawn_only_with_a_reason(path, reason):
    said = refused(path, set_to(workflow="withdrawn", edit_reason=reason))
    assert "is withdrawn only with a reason" in said
    with Ledger.open(path) as ledger:
        (known,) = ledger.read("incidents")
        withdrawn = dataclasses.replace(known, workflow="withdrawn")
        with pytest.raises(CeasefireError, match="only with a reason"):
            ledger.write_records("incidents", [withdrawn], "Bo", reason)
        ledger.write_records("incidents", [withdrawn], "Bo", "twice")
        assert ledger.history("A")[-1].why == "twice"


def test_a_feed_that_withdraws_gives_its_own_word(path):
    with Ledger.open(path) as ledger:
        for word in ("recorded", "withdrawn", "recorded"):
            brought = ImportResult("watch", [Incident("B", "watch", "B", workflow=word)])
            ledger.write_import(brought, Fetch(source="watch"), "Bo", "")
        states = ledger.history("B")
    # A file in which it stands again is no reason to take it up again: its keeper decides.
    assert [state.payload["workflow"] for state in states] == ["recorded", "withdrawn"]
    assert all(state.fetch_id and not state.why for state in states)


def test_four_eyes_hold_in_the_file(path):
    confirm = {"verification": "confirmed"}
    with Ledger.open(path) as ledger:
        ledger.set_setting("four_eyes", "yes")
    assert "nobody signed" in refused(path, set_to(**confirm))
    assert "another person" in refused(path, set_to(**confirm, edited_by=" ANA"))
    write(path, set_to(place="Ford", edited_by="Bo"))
    write(path, set_to(reliability="A", edited_by="Cy"))
    assert "another person" in refused(path, set_to(workflow="reviewed", edited_by="Bo"))
    write(path, set_to(**confirm, edited_by="Cy"))
    with Ledger.open(path) as ledger:
        assert ledger.history("A")[-1].who == "Cy"
        ledger.set_setting("four_eyes", "no")
    write(path, set_to(workflow="reviewed", edited_by="Bo"))


def test_four_eyes_hold_for_many_new_incidents_at_once(path):
    many = [Incident(f"M{number}", verification="confirmed") for number in range(AT_LEAST + 1)]
    with Ledger.open(path) as ledger:
        ledger.set_setting("four_eyes", "yes")
        for some in (many[:9], many):
            with pytest.raises(CeasefireError, match="another person|at once"):
                ledger.write_records("incidents", some, "Bo", "sure")
        assert not [one for one in ledger.read("incidents") if one.incident_id.startswith("M")]
        ledger.set_setting("four_eyes", "no")
        ledger.write_records("incidents", many, "Bo", "sure")
        assert len(ledger.read("incidents")) > AT_LEAST


NAMES = (
    ("Ana", "Ana\u00a0"),
    ("Ana", "\u200bANA\t"),
    ("Ана Ґонта", "\u2009АНА  ҐОНТА"),
    ("Zoë Łuk", "ZOËŁUK"),
    ("Νίκη", "ΝίΚΗ"),
    ("Արամ", "ԱՐԱՄ"),
    ("ŽANA", "žana"),
)


@pytest.mark.parametrize(("recorded_as", "told_as"), NAMES)
def test_one_person_is_one_however_the_name_is_spelt(path, recorded_as, told_as):
    assert plain_name(recorded_as) == plain_name(told_as)
    with Ledger.open(path) as ledger:
        ledger.write_records("incidents", [Incident("A", place="Ford")], recorded_as, "seen")
        ledger.set_setting("four_eyes", "yes")
    said = refused(path, set_to(verification="confirmed", edited_by=told_as))
    assert "another person" in said
    assert "nobody signed" in refused(path, set_to(verification="confirmed", edited_by="\u00a0"))
    write(path, set_to(verification="confirmed", edited_by="Bo"))


def test_one_save_does_not_change_an_incident_and_confirm_it(path):
    with Ledger.open(path) as ledger:
        ledger.set_setting("four_eyes", "yes")
    for confirms in ({"verification": "confirmed"}, {"workflow": "reviewed"}):
        said = refused(path, set_to(deaths_best="9", edited_by="Bo", **confirms))
        assert "at once" in said
        said = refused(
            path, set_to(occurred_from="2031-05-01T10:00:00Z", edited_by="B", **confirms)
        )
        assert "at once" in said
    with Ledger.open(path) as ledger:
        (known,) = ledger.read("incidents")
        both = dataclasses.replace(known, deaths_best=9, verification="confirmed")
        with pytest.raises(CeasefireError, match="at once"):
            ledger.write_records("incidents", [both], "Bo", "sure")
        # Grading beside confirming is no content.
        graded = dataclasses.replace(known, reliability="A", verification="confirmed")
        ledger.write_records("incidents", [graded], "Bo", "sure")


def test_a_place_that_a_form_sends_first_is_of_the_same_save(path):
    """QGIS sends geometry and attributes of one save as two statements."""
    with Ledger.open(path) as ledger:
        ledger.set_setting("four_eyes", "yes")
    dataset = ogr.Open(str(path), update=1)
    layer = dataset.GetLayerByName("incidents")
    feature = layer.GetNextFeature()
    feature.SetGeometry(ogr.CreateGeometryFromWkt("POINT (30 10)"))
    layer.SetFeature(feature)
    del layer, dataset
    said = refused(path, set_to(verification="confirmed", edited_by="Bo"))
    assert "at once" in said
    with Ledger.open(path):
        pass  # which seals the move: it stays as nobody's
    write(path, set_to(verification="confirmed", edited_by="Bo"))


@pytest.mark.parametrize(
    "state", [{"verification": "confirmed"}, {"workflow": "released"}, {"workflow": "reviewed"}]
)
def test_who_records_an_incident_does_not_confirm_it_in_the_same_save(path, state):
    ((field, code),) = state.items()
    new = f"INSERT INTO incidents(incident_id, {field}, edited_by) VALUES ('B', '{code}', 'Bo')"
    with Ledger.open(path) as ledger:
        ledger.set_setting("four_eyes", "yes")
        with pytest.raises(CeasefireError, match="record it first"):
            ledger.write_records("incidents", [Incident("C", **state)], "Bo", "seen")
        brought = ImportResult("watch", [Incident("D", "watch", "D", **state)])
        ledger.write_import(brought, Fetch(source="watch"), "Bo", "daily")
    assert "record it first" in refused(path, new)
    write(path, new.replace(code, "followed_up" if field == "verification" else "recorded"))
    with Ledger.open(path) as ledger:
        ledger.set_setting("four_eyes", "no")
    write(path, new.replace("'B'", "'E'"))


def test_what_a_feed_says_itself_is_no_review(path):
    """A feed's own correction goes through, whatever the steps of a review are."""
    with Ledger.open(path) as ledger:
        ledger.set_setting("four_eyes", "yes")
        for word in ("refuted", "confirmed"):
            brought = ImportResult("watch", [Incident("B", "watch", "B", verification=word)])
            ledger.write_import(brought, Fetch(source="watch"), "Bo", "daily")
        (kept,) = ledger.read("incidents", ids=["B"])
        assert kept.verification == "confirmed"


def test_our_own_writing_is_held_too(path):
    with Ledger.open(path) as ledger:
        (known,) = ledger.read("incidents")
        released = dataclasses.replace(known, workflow="released")
        with pytest.raises(CeasefireError, match="workflow goes from “recorded” only to"):
            ledger.write_records("incidents", [released], "Bo", "out")


def test_an_incident_is_not_linked_to_itself(path):
    with Ledger.open(path) as ledger:
        with pytest.raises(CeasefireError, match="itself"):
            ledger.write_records("links", [Link("L", "A", "same_event", "A")], "Bo", "x")
        ledger.write_records("links", [Link("L", "A", "same_event", "B")], "Bo", "x")
    assert "itself" in refused(path, "UPDATE links SET other_id = 'A'")
