"""``ceasefire:listfeeds``: the feeds of a ledger and how each of them stands."""

from __future__ import annotations

from datetime import datetime, timezone

from qgis.core import QgsProcessingOutputString

from ...model.field import Field, Kind
from .feedalgorithm import FeedAlgorithm

FIELDS = (
    Field("feed_name", Kind.TEXT, "Feed"),
    Field("state", Kind.TEXT, "State"),
    Field("source", Kind.TEXT, "Source"),
    Field("address", Kind.TEXT, "Address"),
    Field("options", Kind.TEXT, "Options"),
    Field("authcfg", Kind.TEXT, "Authentication configuration"),
    Field("preset", Kind.TEXT, "Preset"),
    Field("interval_minutes", Kind.INTEGER, "Interval (minutes)"),
    Field("quiet_hours", Kind.TEXT, "Quiet hours"),
    Field("last_run_at", Kind.INSTANT, "Last run (UTC)"),
    Field("last_success_at", Kind.INSTANT, "Last success (UTC)"),
    Field("last_complete_at", Kind.INSTANT, "Last complete run (UTC)"),
    Field("next_at", Kind.INSTANT, "Next turn (UTC)"),
    Field("failures", Kind.INTEGER, "Failures in a row"),
    Field("message", Kind.TEXT, "Message"),
    Field("quota", Kind.TEXT, "Requests"),
    Field("redistribution", Kind.TEXT, "May be handed on"),
    Field("attribution", Kind.TEXT, "Attribution"),
    Field("feed_id", Kind.TEXT, "Feed's id"),
)
STATES = {
    "paused": "it is paused",
    "new": "it was never fetched",
    "failing": "its last fetch failed",
    "incomplete": "its last fetch was incomplete",
    "in step": "it is in step",
}


class ListFeeds(FeedAlgorithm):
    """Lists feeds with their status; reads only."""

    NAME = "listfeeds"
    TITLE = "List feeds"
    HELP = (
        "Lists the feeds of a ledger: where each comes from, when it was last fetched, last "
        "succeeded and last was complete, when its next turn is, and in one sentence what went "
        "wrong where something did. States are paused, new, failing, incomplete and in step."
    )

    REPORT = "REPORT"
    COUNTS = (
        ("FEEDS", "Feeds"),
        ("FAILING", "Feeds whose last fetch failed"),
        ("DUE", "Feeds whose turn it is"),
    )

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger(self.tr("The ledger whose feeds are listed."))
        self.add_table(
            self.OUTPUT, self.tr("Feeds"), self.tr("A table: one row a feed, with its status.")
        )
        self.add_results(self.COUNTS)
        self.addOutput(QgsProcessingOutputString(self.REPORT, self.tr("The list in words")))

    def work(self, parameters, context, feedback, outputs):
        """Read the feeds and their status, and list them by name."""
        place = self.ledger_place(parameters, context)
        with self.open_ledger(parameters, context, readonly=True) as ledger:
            rows, sentences, failing, due = self._rows(ledger)
        for sentence in sentences or [self.tr("The ledger has no feed yet.")]:
            feedback.pushInfo(sentence)
        destination = self.write_rows(outputs, self.OUTPUT, FIELDS, rows, feedback)
        return {
            self.OUTPUT: destination,
            "FEEDS": len(rows),
            "FAILING": failing,
            "DUE": due,
            self.REPORT: "\n".join(sentences),
            self.LEDGER: place,
        }

    def _rows(self, ledger):
        from ...feeds.due import turn_of
        from ...feeds.span import time_zone

        zone = time_zone(ledger.settings().get("timezone"))
        now = datetime.now(timezone.utc)
        rows, sentences, states, due = [], [], [], 0
        for feed in sorted(ledger.feeds(), key=lambda one: (one.feed_name or "").casefold()):
            status = ledger.feed_status(feed.feed_id)
            turn = turn_of(feed, status, now, zone)
            states.append(state_of(feed, status))
            due += turn.due
            rows.append(_row(feed, status, states[-1], turn))
            sentences.append(self._sentence(feed, status, states[-1], turn, zone))
        return rows, sentences, states.count("failing"), due

    def _sentence(self, feed, status, state: str, turn, zone) -> str:
        words = [
            self.tr("“%1” (%2): %3.")
            .replace("%1", feed.feed_name or feed.feed_id)
            .replace("%2", feed.source or "")
            .replace("%3", self.tr(STATES[state]))
        ]
        if status is not None and status.last_success_at is not None:
            words.append(
                self.tr("Last success %1.").replace("%1", _local(status.last_success_at, zone))
            )
        if status is not None and status.message and state in ("failing", "incomplete"):
            words.append(status.message)
        if turn.due:
            words.append(self.tr("Its turn is now."))
        elif turn.at is not None:
            words.append(self.tr("Next turn %1.").replace("%1", _local(turn.at, zone)))
        return " ".join(words)


def state_of(feed, status) -> str:
    """One of STATES: how a feed stands, by its last run."""
    from ...feeds.due import is_paused

    if is_paused(feed):
        return "paused"
    if status is None or (status.last_run_at is None and not status.failures):
        return "new"
    if status.failures:
        return "failing"
    if status.last_complete_at is None or status.last_complete_at < status.last_run_at:
        return "incomplete"
    return "in step"


def _row(feed, status, state: str, turn) -> tuple:
    quiet = f"{feed.quiet_from}–{feed.quiet_to}" if feed.quiet_from and feed.quiet_to else None
    values = {
        **vars(feed),
        "state": state,
        "quiet_hours": quiet,
        "next_at": turn.at,
        "quota": _quota(status),
        **{
            name: getattr(status, name, None)
            for name in (
                "last_run_at",
                "last_success_at",
                "last_complete_at",
                "failures",
                "message",
            )
        },
    }
    return tuple(values[field.name] for field in FIELDS)


def _quota(status):
    """The requests of the last day on which there were any, as text; None where none are known."""
    quota = getattr(status, "quota", None) or {}
    if not quota.get("requests"):
        return None
    return f"{quota['requests']} ({quota.get('day')})"


def _local(moment: datetime, zone) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"
