"""Keeping a ledger in step with a feed, in a GeoPackage."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from ceasefire_monitor.feeds.source import Option
from ceasefire_monitor.ledger.geopackage import Ledger
from ceasefire_monitor.model.errors import Cancelled, CeasefireError
from tests.scripted_source import (
    Truth,
    active,
    fetch,
    incremental_source,
    kept_feed,
    of,
    snapshot_source,
)


@pytest.fixture
def ledger(tmp_path):
    with Ledger.create(tmp_path / "ledger.gpkg", {"timezone": "UTC"}) as made:
        yield made


@pytest.fixture
def truth():
    made = Truth()
    for number in range(7):
        made.put(f"r{number}")
    return made


def test_a_first_fetch_adds_everything_and_a_second_writes_nothing(ledger, truth):
    feed, source = kept_feed(ledger), snapshot_source(truth)
    report = fetch(ledger, feed, source)
    assert (report.added, report.rows, report.replies, report.complete) == (7, 7, 3, True)
    assert sorted(report.added_ids) == [f"scripted:r{number}" for number in range(7)]
    assert active(ledger) == of(truth)
    fetches = ledger.read("fetches")
    assert [one.added for one in fetches] == [3, 3, 1]
    assert [one.complete for one in fetches] == [False, False, True]
    assert {one.feed_id for one in fetches} == {feed.feed_id}
    assert {one.run_id for one in fetches} == {report.run_id}
    again = fetch(ledger, feed, source)
    assert (again.added, again.changed, again.unchanged, again.complete) == (0, 0, 7, True)
    assert len(ledger.read("fetches")) == 3
    status = ledger.feed_status(feed.feed_id)
    assert (status.mark, status.failures) == ({"clock": truth.clock}, 0)
    assert status.last_complete_at == status.last_success_at == status.last_run_at
    assert status.quota["requests"] == 8
    assert ledger.verify().holds


def test_corrections_withdrawals_and_reappearance_each_add_a_revision(ledger, truth):
    feed, source = kept_feed(ledger), snapshot_source(truth)
    fetch(ledger, feed, source)
    truth.put("r1", description="second")
    truth.drop("r2")
    report = fetch(ledger, feed, source)
    assert (report.changed, report.withdrawn, report.unchanged) == (1, 1, 5)
    assert report.withdrawn_ids == ["scripted:r2"]
    assert active(ledger) == of(truth)
    latest = ledger.history("scripted:r2")[-1]
    assert latest.payload["workflow"] == "withdrawn"
    assert "no longer in the feed “North”" in latest.why
    last = ledger.read("fetches")[-1]
    assert latest.fetch_id == last.fetch_id
    assert (last.withdrawn, last.complete) == (1, True)
    truth.put("r2", description="back")
    report = fetch(ledger, feed, source)
    assert (report.reappeared, report.changed, report.added) == (1, 0, 0)
    assert report.reappeared_ids == ["scripted:r2"]
    assert active(ledger) == of(truth)
    assert [one.payload["workflow"] for one in ledger.history("scripted:r2")] == [
        *("recorded", "withdrawn", "recorded")
    ]
    assert ledger.verify().holds


def test_an_incremental_source_that_names_what_it_removed(ledger, truth):
    feed, source = kept_feed(ledger), incremental_source(truth)
    fetch(ledger, feed, source)
    truth.put("r1", description="second")
    truth.drop("r2")
    report = fetch(ledger, feed, source)
    assert (report.rows, report.changed, report.withdrawn) == (1, 1, 1)
    assert "removed at the source" in ledger.history("scripted:r2")[-1].why
    truth.drop("r3")
    report = fetch(ledger, feed, source)
    assert (report.rows, report.withdrawn) == (0, 1)
    assert fetch(ledger, feed, source).nothing_new
    truth.put("r3", description="again")
    assert fetch(ledger, feed, source).reappeared == 1
    assert active(ledger) == of(truth)


def test_a_fault_on_the_way_keeps_what_came_and_withdraws_nothing(ledger, truth):
    feed, source = kept_feed(ledger), snapshot_source(truth)
    fetch(ledger, feed, source)
    mark = ledger.feed_status(feed.feed_id).mark
    truth.put("r0", description="second")
    truth.drop("r6")
    truth.faults[1] = FeedError("The server s3cret broke.", Reason.LIMITED, retry_after_s=90_000)
    with pytest.raises(FeedError, match="1 changed, none was withdrawn") as told:
        fetch(ledger, feed, source)
    assert "s3cret" not in str(told.value)
    assert told.value.reason is Reason.LIMITED
    assert active(ledger)["r0"] == "second" and "r6" in active(ledger)
    status = ledger.feed_status(feed.feed_id)
    assert (status.failures, status.mark) == (1, mark)
    assert "s3cret" not in status.message
    waited = (status.next_allowed_at - status.last_run_at).total_seconds()
    assert waited == 90_000
    assert ledger.read("fetches")[-1].complete is False
    fetch(ledger, feed, source)
    assert active(ledger) == of(truth)
    assert ledger.feed_status(feed.feed_id).failures == 0


def test_waits_double_with_each_failure_up_to_a_day(ledger, truth):
    feed, source = kept_feed(ledger), snapshot_source(truth)
    waits = []
    for _ in range(6):
        truth.faults[0] = FeedError("Broken.", Reason.BROKEN)
        with pytest.raises(FeedError):
            fetch(ledger, feed, source)
        status = ledger.feed_status(feed.feed_id)
        waits.append((status.next_allowed_at - status.last_run_at).total_seconds() / 3600)
    assert waits == [2, 4, 8, 16, 24, 24]


def test_working_offline_is_no_failure(ledger, truth):
    feed, source = kept_feed(ledger), snapshot_source(truth)
    fetch(ledger, feed, source)
    before = ledger.feed_status(feed.feed_id)
    truth.faults[0] = FeedError("The offline mode is on.", Reason.OFFLINE)
    with pytest.raises(FeedError, match="offline"):
        fetch(ledger, feed, source)
    after = ledger.feed_status(feed.feed_id)
    assert (after.failures, after.next_allowed_at) == (0, before.next_allowed_at)


def test_a_fault_of_our_own_does_not_keep_a_feed_waiting(ledger, truth):
    feed, source = kept_feed(ledger), snapshot_source(truth)
    fetch(ledger, feed, source)
    ledger.note_failure(feed, "The disk is full.", of_source=False)
    status = ledger.feed_status(feed.feed_id)
    assert status.failures == 1 and status.next_allowed_at == status.last_run_at


def test_a_stumbling_source_is_told_in_a_sentence(ledger, truth):
    truth.faults[1] = KeyError("s3cret")
    with pytest.raises(FeedError, match="KeyError") as told:
        fetch(ledger, kept_feed(ledger), snapshot_source(truth))
    assert "s3cret" not in str(told.value)
    assert len(active(ledger)) == 3


def test_cancelled_while_reading_writes_nothing(ledger, truth):
    feed = kept_feed(ledger)
    truth.faults[2] = Cancelled("Stopped.")
    with pytest.raises(Cancelled):
        fetch(ledger, feed, snapshot_source(truth))
    assert ledger.read("incidents") == [] and ledger.read("fetches") == []
    assert ledger.feed_status(feed.feed_id).run == 0


def test_cancelled_while_writing_writes_nothing(ledger, truth):
    calls = []

    def step():
        calls.append(1)
        if len(calls) == 6:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        fetch(ledger, kept_feed(ledger), snapshot_source(truth), step=step)
    assert ledger.read("incidents") == [] and ledger.verify().holds


def test_an_empty_reply_where_there_were_rows_is_doubted_unless_allowed(ledger, truth):
    feed, source = kept_feed(ledger), snapshot_source(truth)
    fetch(ledger, feed, source)
    mark = ledger.feed_status(feed.feed_id).mark
    for number in range(7):
        truth.drop(f"r{number}")
    report = fetch(ledger, feed, source)
    assert (report.withdrawn, report.complete) == (0, False)
    assert "nothing at all" in report.warnings[0] and "7" in report.warnings[0]
    assert ledger.feed_status(feed.feed_id).mark == mark
    assert fetch(ledger, feed, source, allow_empty=True).withdrawn == 7
    assert active(ledger) == {}


def test_a_total_that_does_not_match_withdraws_nothing(ledger, truth):
    feed, source = kept_feed(ledger), snapshot_source(truth)
    fetch(ledger, feed, source)
    truth.drop("r6")
    truth.total = 7
    report = fetch(ledger, feed, source)
    assert (report.withdrawn, report.complete) == (0, False)
    assert "7 rows, and 6 came" in report.warnings[0]
    truth.total = 6
    assert fetch(ledger, feed, source).withdrawn == 1


def test_pages_that_shift_while_being_read_double_and_lose_nothing(ledger, truth):
    feed, source = kept_feed(ledger), snapshot_source(truth)
    fetch(ledger, feed, source)

    def shift():
        first = truth.rows.pop("r5")
        truth.rows = {"r5": first, **truth.rows}

    # r2 comes again on the second page; r5, which was before it by then, never comes.
    truth.before_page[1] = shift
    truth.total = 7
    report = fetch(ledger, feed, source)
    assert report.repeated == 1 and report.withdrawn == 0 and not report.complete
    assert "twice" in report.warnings[0]
    assert report.rows == report.unchanged + report.repeated
    assert active(ledger) == of(truth)


def test_a_row_that_became_unreadable_is_seen_and_not_withdrawn(ledger, truth):
    feed, source = kept_feed(ledger), snapshot_source(truth)
    fetch(ledger, feed, source)
    truth.put("r1", date="no day at all")
    truth.drop("r2")
    report = fetch(ledger, feed, source)
    assert (report.rejected, report.withdrawn, report.unchanged) == (1, 1, 5)
    assert report.rejected_rows[0].row_number == 2
    assert any("cannot be read" in sentence for sentence in report.warnings)
    assert "r1" in active(ledger) and "r2" not in active(ledger)


def test_what_a_person_corrected_stays_until_the_feed_says_something_new(ledger, truth):
    feed, source = kept_feed(ledger), snapshot_source(truth)
    fetch(ledger, feed, source)
    (mine,) = ledger.read("incidents", ids=["scripted:r1"])
    mine.description = "mine"
    ledger.write_records("incidents", [mine], "Bea", "seen myself")
    assert fetch(ledger, feed, source).kept == []
    assert active(ledger)["r1"] == "mine"
    truth.put("r1", description="second", latitude=11.0)
    report = fetch(ledger, feed, source)
    assert report.kept == ["scripted:r1"] and report.changed == 1
    (now,) = ledger.read("incidents", ids=["scripted:r1"])
    assert (now.description, now.latitude) == ("mine", 11.0)


def test_a_persons_withdrawal_stands_and_a_persons_reinstatement_too(ledger, truth):
    feed, source = kept_feed(ledger), snapshot_source(truth)
    fetch(ledger, feed, source)
    (mine,) = ledger.read("incidents", ids=["scripted:r1"])
    mine.workflow = "withdrawn"
    ledger.write_records("incidents", [mine], "Bea", "an exercise")
    truth.put("r1", description="second")
    report = fetch(ledger, feed, source)
    assert (report.reappeared, report.changed) == (0, 1)
    assert "r1" not in active(ledger)
    truth.drop("r1")
    assert fetch(ledger, feed, source).withdrawn == 0
    truth.put("r1", description="third")
    assert fetch(ledger, feed, source).reappeared == 0
    assert "r1" not in active(ledger)
    truth.drop("r2")
    fetch(ledger, feed, source)
    (mine,) = ledger.read("incidents", ids=["scripted:r2"])
    mine.workflow = "recorded"
    ledger.write_records("incidents", [mine], "Bea", "it did happen")
    assert fetch(ledger, feed, source).withdrawn == 0
    assert "r2" in active(ledger)


def test_what_was_reviewed_comes_back_as_reviewed(ledger, truth):
    feed, source = kept_feed(ledger), snapshot_source(truth)
    fetch(ledger, feed, source)
    (mine,) = ledger.read("incidents", ids=["scripted:r1"])
    mine.workflow = "reviewed"
    ledger.write_records("incidents", [mine], "Bea", "looked at")
    truth.drop("r1")
    assert fetch(ledger, feed, source).withdrawn == 1
    truth.put("r1", description="again")
    assert fetch(ledger, feed, source).reappeared == 1
    assert ledger.read("incidents", ids=["scripted:r1"])[0].workflow == "reviewed"


def test_an_incident_that_another_feed_still_has_is_not_withdrawn(ledger, truth):
    north, south = kept_feed(ledger), kept_feed(ledger, "South")
    other = Truth()
    other.put("r1", description="from the south")
    fetch(ledger, north, snapshot_source(truth))
    assert fetch(ledger, south, snapshot_source(other)).changed == 1
    # The north says what it said before, so it does not write over the south.
    assert fetch(ledger, north, snapshot_source(truth)).unchanged == 7
    assert active(ledger)["r1"] == "from the south"
    truth.put("r1", description="newest")
    assert fetch(ledger, north, snapshot_source(truth)).changed == 1
    assert fetch(ledger, south, snapshot_source(other)).unchanged == 1
    assert active(ledger)["r1"] == "newest"
    truth.drop("r1")
    assert fetch(ledger, north, snapshot_source(truth)).withdrawn == 0
    assert "r1" in active(ledger)
    other.put("r9")
    other.drop("r1")
    assert fetch(ledger, south, snapshot_source(other)).withdrawn == 1
    truth.put("r1", description="back in the north")
    assert fetch(ledger, north, snapshot_source(truth)).reappeared == 1


def test_a_window_judges_by_the_time_that_the_feed_told(ledger, truth):
    may = datetime(2024, 5, 1, tzinfo=timezone.utc)
    june = datetime(2024, 6, 1, tzinfo=timezone.utc)
    truth.put("old", date="2024-04-10T10:00:00Z")
    feed = kept_feed(ledger)
    fetch(ledger, feed, snapshot_source(truth))
    (mine,) = ledger.read("incidents", ids=["scripted:old"])
    mine.occurred_from = datetime(2024, 5, 2, tzinfo=timezone.utc)
    ledger.write_records("incidents", [mine], "Bea", "it was later")
    truth.rows = {name: row for name, row in truth.rows.items() if name not in ("old", "r0")}
    # Its new time lies beyond the window, and it comes all the same: it is seen.
    truth.put("r1", date="2024-07-01T10:00:00Z")
    report = fetch(ledger, feed, snapshot_source(truth, window=(may, june)))
    assert report.withdrawn_ids == ["scripted:r0"]
    assert report.changed == 1


def test_a_feed_that_asks_for_something_else_lets_go_and_withdraws_nothing(ledger, truth):
    feed = kept_feed(ledger, options='{"country": "Vale"}')
    fetch(ledger, feed, snapshot_source(truth))
    feed.options = '{"country": "Hill"}'
    ledger.write_records("feeds", [feed], "Ada", "another country")
    other = Truth()
    other.put("h1")
    report = fetch(ledger, feed, snapshot_source(other))
    assert (report.added, report.withdrawn) == (1, 0)
    assert "asks for something else" in report.warnings[0]
    assert other.asked[-1].full and other.asked[-1].mark == {}
    assert fetch(ledger, feed, snapshot_source(other)).withdrawn == 0
    assert len(active(ledger)) == 8


def test_a_schema_that_lost_a_column_writes_nothing(ledger, truth):
    feed, source = kept_feed(ledger), snapshot_source(truth)
    fetch(ledger, feed, source)
    truth.columns.remove("latitude")
    truth.put("r1", description="second")
    with pytest.raises(FeedError, match="latitude") as told:
        fetch(ledger, feed, source)
    assert told.value.reason is Reason.SCHEMA
    assert active(ledger)["r1"] == "first"
    assert ledger.feed_status(feed.feed_id).failures == 1


def test_a_narrower_since_withdraws_only_within_it_and_keeps_the_mark(ledger, truth):
    truth.put("old", date="2024-04-10T10:00:00Z")
    feed = kept_feed(ledger)
    fetch(ledger, feed, snapshot_source(truth))
    mark = ledger.feed_status(feed.feed_id).mark
    truth.drop("old")
    truth.drop("r1")
    since = datetime(2024, 5, 1, tzinfo=timezone.utc)
    report = fetch(ledger, feed, snapshot_source(truth), since=since)
    assert report.withdrawn_ids == ["scripted:r1"]
    assert ledger.feed_status(feed.feed_id).mark == mark
    assert truth.asked[-1].since == since


def test_what_was_over_before_since_is_not_brought_in_but_stays_where_it_was_known(ledger, truth):
    """Of a source that does not look at dates itself, such as a file."""
    truth.put("old", date="2024-04-10T10:00:00Z")
    since = datetime(2024, 5, 1, tzinfo=timezone.utc)
    feed = kept_feed(ledger, since=since)
    report = fetch(ledger, feed, snapshot_source(truth))
    assert (report.added, report.earlier) == (7, 1)
    assert "old" not in active(ledger)
    # What the feed has brought is followed, also to a date before.
    truth.put("r1", date="2024-04-11T10:00:00Z", description="was earlier")
    report = fetch(ledger, feed, snapshot_source(truth))
    assert (report.changed, report.withdrawn, report.earlier) == (1, 0, 1)
    assert active(ledger)["r1"] == "was earlier"


def test_a_day_that_reaches_into_the_span_is_wanted(ledger, truth):
    truth.put("day", date="2024-04-30")
    feed = kept_feed(ledger, since=datetime(2024, 4, 30, 12, tzinfo=timezone.utc))
    fetch(ledger, feed, snapshot_source(truth))
    assert "day" in active(ledger)


def test_two_runs_at_once_do_not_write_over_each_other(ledger, truth):
    feed, source = kept_feed(ledger), snapshot_source(truth)
    fetch(ledger, feed, source)

    def meanwhile():
        truth.put("r0", description="newer")
        with Ledger.open(ledger.path) as other:
            fetch(other, feed, snapshot_source(truth))

    truth.put("r1", description="second")
    truth.before_page[2] = meanwhile
    with pytest.raises(CeasefireError, match="same time"):
        fetch(ledger, feed, source)
    assert active(ledger) == of(truth)
    assert ledger.feed_status(feed.feed_id).failures == 0


def test_the_strictest_terms_of_a_source_count(ledger, truth):
    fetch(ledger, kept_feed(ledger, redistribution="rows"), snapshot_source(truth))
    assert ledger.redistribution() == {"scripted": "rows"}
    fetch(ledger, kept_feed(ledger, "South", redistribution="none"), snapshot_source(Truth()))
    other = Truth()
    other.put("x")
    fetch(ledger, ledger.feed("South"), snapshot_source(other))
    assert ledger.redistribution() == {"scripted": "none"}


def test_a_ledger_names_the_feeds_that_it_has(ledger):
    feed = kept_feed(ledger, "South")
    kept_feed(ledger)
    assert [one.feed_name for one in ledger.feeds()] == ["North", "South"]
    assert ledger.feed(feed.feed_id) == ledger.feed(" south ") == feed
    with pytest.raises(CeasefireError, match="North”, “South"):
        ledger.feed("West")


def test_two_feeds_of_a_kind_without_names_of_their_own_do_not_share_ids(ledger, truth):
    plain = {"source_id": "id", "occurred_from": "date"}
    reports = [
        fetch(ledger, kept_feed(ledger, name), snapshot_source(truth, mapping=plain, id_prefix="x"))
        for name in ("North", "South")
    ]
    assert [report.added for report in reports] == [7, 7]
    sources = {one.source for one in ledger.read("incidents")}
    assert len(sources) == 2 and all(source.startswith("x-") for source in sources)


def test_an_option_that_a_later_version_of_a_source_has_changes_no_question(ledger, truth):
    feed = kept_feed(ledger)
    fetch(ledger, feed, incremental_source(truth))
    more = (Option("kind", "Kind", default="all"),)
    assert fetch(ledger, feed, incremental_source(truth, options=more)).nothing_new
    assert not truth.asked[-1].full


def test_full_compares_everything_again(ledger, truth):
    feed, source = kept_feed(ledger), incremental_source(truth)
    fetch(ledger, feed, source)
    truth.deleted.clear()
    truth.rows.pop("r3")
    assert fetch(ledger, feed, source).withdrawn == 0
    report = fetch(ledger, feed, source, full=True)
    assert (report.rows, report.unchanged, report.withdrawn_ids) == (6, 6, ["scripted:r3"])
