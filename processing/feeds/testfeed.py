"""``ceasefire:testfeed``: tells in words whether a feed works, and writes nothing."""

from __future__ import annotations

from qgis.core import (
    QgsProcessingOutputString,
)

from ...model.field import Shape
from ...model.tables import INCIDENTS
from .feedalgorithm import FeedAlgorithm

TOLD = 5


class TestFeed(FeedAlgorithm):
    """Tries a feed: reachable, authorised, how many rows, which dates, what they would become."""

    NAME = "testfeed"
    TITLE = "Test a feed"
    HELP = (
        "Tries a feed and tells in words: whether it can be reached, whether it lets you in, how "
        "many rows it has and of which dates where it says so, and what its first rows would "
        "become: how many incidents, of which categories, how many without a place, and which "
        "rows would be set aside and why. Nothing is written to the ledger, the feed's status "
        "included. A feed that does not work is no error of this algorithm: WORKS is 0 then, and "
        "the reason is in REPORT."
    )

    REPORT = "REPORT"
    COUNTS = (
        ("WORKS", "Works (1) or not (0)"),
        ("REACHABLE", "Reachable (1) or not (0)"),
        ("AUTHORISED", "Authorised (1) or not (0)"),
        ("ROWS", "Rows that the source says it has"),
        ("FIRST_ROWS", "First rows that were read"),
        ("INCIDENTS", "Incidents among the first rows"),
        ("NOT_LOCATED", "Of these, without a place"),
        ("REJECTED_ROWS", "First rows that would be set aside"),
    )

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_feed()
        self.add_optional_ledger(self.tr("The ledger that has the feed. It is only read."))
        self.add_since()
        self.add_table(
            self.OUTPUT,
            self.tr("First incidents"),
            self.tr("Optional: what the first rows would become."),
        )
        self.add_results(self.COUNTS)
        for name, title in (
            ("FIRST", self.tr("First date")),
            ("LAST", self.tr("Last date")),
            (self.REPORT, self.tr("What was found, in words")),
        ):
            self.addOutput(QgsProcessingOutputString(name, title))

    def work(self, parameters, context, feedback, outputs):
        """Ask, tell, and write no more than OUTPUT."""
        place = self.ledger_place(parameters, context)
        feed, settings = self._feed(parameters, context, place)
        since = self.since(parameters, context, settings)
        found = self._tried(feed, settings, feedback, since)
        sentences = self._sentences(feed, found, feed.timezone or settings.get("timezone"))
        for sentence in sentences:
            (feedback.pushInfo if found.works else feedback.pushWarning)(sentence)
        for sentence in found.warnings:
            feedback.pushWarning(sentence)
        result = found.first_rows
        incidents = result.incidents if result is not None else []
        return {
            "WORKS": int(found.works),
            "REACHABLE": int(found.reachable),
            "AUTHORISED": int(found.authorised),
            "ROWS": found.rows,
            "FIRST": found.first.isoformat() if found.first else None,
            "LAST": found.last.isoformat() if found.last else None,
            "FIRST_ROWS": result.rows if result is not None else 0,
            "INCIDENTS": len(incidents),
            "NOT_LOCATED": sum(1 for one in incidents if one.longitude is None),
            "REJECTED_ROWS": len(result.rejected) if result is not None else 0,
            self.OUTPUT: self._write(outputs, incidents, feedback),
            self.REPORT: "\n".join([*sentences, *found.warnings]),
            self.LEDGER: place or None,
        }

    def _feed(self, parameters, context, place: str):
        """The feed, and the ledger's settings; the ledger is closed again."""
        if not place:
            return self.said_feed(parameters, context, None, {}), {}
        with self.open_ledger(parameters, context, readonly=True) as ledger:
            settings = ledger.settings()
            return self.said_feed(parameters, context, ledger, settings), settings

    def _tried(self, feed, settings: dict, feedback, since):
        from ...feeds.http.errors import FeedError
        from .client import make_client
        from .trial import Trial, try_feed

        try:
            client = make_client(feed, feedback)
        except FeedError as error:
            return Trial(asked=False, failure=str(error))
        with client:
            return try_feed(feed, settings, client, client.credentials, since)

    def _sentences(self, feed, found, zone) -> list[str]:
        """What was found, a sentence a thing."""
        name = feed.feed_name
        if not found.asked:
            first = self.tr("“%1” was not asked.")
        elif not found.reachable:
            first = self.tr("“%1” cannot be reached.")
        elif not found.authorised:
            first = self.tr("“%1” can be reached, but does not let you in.")
        elif found.failure is not None:
            first = self.tr("“%1” can be reached and lets you in, but cannot be read.")
        else:
            first = self.tr("“%1” can be reached and lets you in.")
        told = [first.replace("%1", name), *found.sentences]
        if found.failure is not None:
            told.append(found.failure)
        if found.works:
            told += [*self._size(found), *self._first_rows(found.first_rows, zone)]
        return told

    def _size(self, found) -> list[str]:
        rows = (
            self.tr("It does not say how many rows it has.")
            if found.rows is None
            else self.tr("Rows: %1.").replace("%1", f"{found.rows:,}")
        )
        if found.first is None and found.last is None:
            return [rows]
        dates = self.tr("Dates: from %1 to %2.")
        for place, day in (("%1", found.first), ("%2", found.last)):
            dates = dates.replace(place, day.isoformat() if day else self.tr("not known"))
        return [rows, dates]

    def _first_rows(self, result, zone) -> list[str]:
        from ...feeds.span import time_zone
        from .firstincident import first_incident
        from .trial import categories

        if result is None:
            return [self.tr("No row came: at this moment a fetch would bring nothing.")]
        unlocated = sum(1 for one in result.incidents if one.longitude is None)
        counted = ", ".join(f"{name} {number:,}" for name, number in categories(result))
        told = [
            self.tr(
                "The first %1 rows would become, by the preset %2, %3 incidents (%4 without a "
                "place) and %5 rows of effort; %6 would be set aside."
            )
            .replace("%1", f"{result.rows:,}")
            .replace("%2", result.preset)
            .replace("%3", f"{len(result.incidents):,}")
            .replace("%4", f"{unlocated:,}")
            .replace("%5", f"{len(result.effort):,}")
            .replace("%6", f"{len(result.rejected):,}")
        ]
        if counted:
            told.append(self.tr("Their categories: %1.").replace("%1", counted))
            told.append(first_incident(self, result.incidents[0], time_zone(zone)))
        told += [
            self.tr("Row %1 would be set aside: %2.")
            .replace("%1", str(one.row_number))
            .replace("%2", str(one.reason).rstrip("."))
            for one in result.rejected[:TOLD]
        ]
        return [*told, *result.notes]

    def _write(self, outputs, incidents, feedback):
        names = INCIDENTS.names()
        rows = (
            (*(getattr(one, name) for name in names), one.longitude, one.latitude)
            for one in incidents
        )
        return self.write_rows(outputs, self.OUTPUT, INCIDENTS.fields, rows, feedback, Shape.POINT)
