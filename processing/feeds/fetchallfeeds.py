"""``ceasefire:fetchallfeeds``: every feed of a ledger, one after the other."""

from __future__ import annotations

from datetime import datetime, timezone

from qgis.core import (
    QgsProcessingMultiStepFeedback,
    QgsProcessingOutputString,
    QgsProcessingOutputVectorLayer,
    QgsProcessingParameterBoolean,
)

from ...model.errors import Cancelled, CeasefireError
from ..base import log_unexpected
from .feedalgorithm import FeedAlgorithm
from .fetching import COUNTS, Wanted, failure_of, fetch_one, named, numbers_of, tell, write_layers

OWN_COUNTS = (
    ("FETCHED", "Feeds fetched"),
    ("FAILED", "Feeds that failed"),
    ("INCOMPLETE", "Feeds of which not everything came"),
    ("SKIPPED", "Feeds that are paused, not due, or just fetched by another run"),
)


class FetchAllFeeds(FeedAlgorithm):
    """Fetches all feeds of a ledger; one that fails does not keep the others from being fetched."""

    NAME = "fetchallfeeds"
    TITLE = "Fetch all feeds"
    HELP = (
        "Fetches every feed of a ledger that is not paused, one after the other, as “Fetch a feed” "
        "does. Where one fails, the others are fetched all the same; its reason is told in one "
        "sentence, kept with the feed's status, and repeated in REPORT. With ONLY_DUE a feed is "
        "left out while its interval is not over, in its quiet hours, and while it waits after a "
        "failure: run it so every few minutes from cron. With STRICT it ends with an error where a "
        "feed failed, after all were fetched; what came stays in the ledger."
    )

    ONLY_DUE = "ONLY_DUE"
    STRICT = "STRICT"
    REPORT = "REPORT"
    INCIDENTS_OUT = "LEDGER_INCIDENTS"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger(self.tr("The ledger whose feeds are fetched."))
        for name, title, words in (
            (
                self.ONLY_DUE,
                self.tr("Only those that are due"),
                self.tr("On: interval, quiet hours and waits after failures are minded."),
            ),
            (
                self.STRICT,
                self.tr("Fail where a feed failed"),
                self.tr("On: ends with an error where a feed failed, so that cron tells it."),
            ),
        ):
            self.add(QgsProcessingParameterBoolean(name, title, defaultValue=False), words)
        self.add_signature_by()
        self.add_table(
            self.OUTPUT,
            self.tr("New and changed incidents"),
            self.tr("The incidents that these fetches added or changed, with their feed's name."),
            points=True,
        )
        self.add_table(
            self.REJECTED,
            self.tr("Rows set aside"),
            self.tr("The rows that were set aside, with their feed's name."),
        )
        self.add_results((*OWN_COUNTS, *COUNTS, ("COMPLETE", "All complete (1) or not (0)")))
        self.addOutput(QgsProcessingOutputString(self.REPORT, self.tr("What was done, in words")))
        self.addOutput(
            QgsProcessingOutputVectorLayer(
                self.INCIDENTS_OUT, self.tr("All incidents of the ledger")
            )
        )

    def work(self, parameters, context, feedback, outputs):
        """Fetch one after the other, tell all of it, and write what is new or changed."""
        place = self.ledger_place(parameters, context)
        with self.open_ledger(parameters, context) as ledger:
            only_due = self.parameterAsBoolean(parameters, self.ONLY_DUE, context)
            run = _Run(self, ledger, Wanted(self.signature(parameters, context)), feedback)
            run.fetch_all(only_due)
            if run.failed and self.parameterAsBoolean(parameters, self.STRICT, context):
                raise CeasefireError(run.failure())
            layers = write_layers(self, outputs, feedback, ledger, run.fetched)
        numbers = numbers_of(report for _, report in run.fetched)
        incomplete = sum(1 for _, report in run.fetched if not report.complete)
        return {
            **numbers,
            "COMPLETE": int(bool(numbers["COMPLETE"]) and not run.failed),
            "FETCHED": len(run.fetched),
            "FAILED": len(run.failed),
            "INCOMPLETE": incomplete,
            "SKIPPED": run.skipped,
            self.REPORT: "\n".join(run.sentences),
            self.INCIDENTS_OUT: layer_source(place, "incidents"),
            self.LEDGER: place,
            **layers,
        }


class _Run:
    """The feeds of one ledger, fetched in turn; what came, what failed, and what was said."""

    def __init__(self, algorithm: FetchAllFeeds, ledger, wanted: Wanted, feedback):
        self.algorithm, self.ledger, self.wanted = algorithm, ledger, wanted
        self.feedback = feedback
        self.fetched: list = []
        self.failed: list = []
        self.sentences: list[str] = []
        self.skipped = 0

    def fetch_all(self, only_due: bool) -> None:
        """All feeds whose turn it is, by name."""
        tr = self.algorithm.tr
        feeds = sorted(self.ledger.feeds(), key=lambda feed: (feed.feed_name or "").casefold())
        turn = [feed for feed in feeds if self._is_its_turn(feed, only_due)]
        if not feeds:
            self._say(tr("The ledger has no feed yet; add one with “Add a feed”."))
        steps = QgsProcessingMultiStepFeedback(max(1, len(turn)), self.feedback)
        for number, feed in enumerate(turn):
            steps.setCurrentStep(number)
            self._stop_if_cancelled(number, len(turn))
            try:
                self._fetch(feed, steps)
            except Cancelled:
                self._stop_if_cancelled(number, len(turn))
                raise

    def failure(self) -> str:
        """One sentence on all that failed."""
        return (
            self.algorithm.tr("%1 of %2 feeds failed; what the others brought is kept. %3")
            .replace("%1", str(len(self.failed)))
            .replace("%2", str(len(self.failed) + len(self.fetched)))
            .replace("%3", " ".join(self.failed))
        )

    def _is_its_turn(self, feed, only_due: bool) -> bool:
        from ...feeds.due import is_paused, turn_of
        from ...feeds.span import time_zone

        zone = time_zone(self.ledger.settings().get("timezone"))
        status = self.ledger.feed_status(feed.feed_id) if only_due else None
        turn = turn_of(feed, status, datetime.now(timezone.utc), zone)
        if turn.due or (not only_due and not is_paused(feed)):
            return True
        self.skipped += 1
        self.feedback.pushInfo(
            self.algorithm.tr("“%1” is left out: %2.")
            .replace("%1", feed.feed_name)
            .replace("%2", self.algorithm.tr(turn.why))
        )
        return False

    def _fetch(self, feed, feedback) -> None:
        """One feed; a failure is told and does not stop the others."""
        from ...ledger.feedstatus import Overtaken

        try:
            report = fetch_one(self.algorithm, self.ledger, feed, self.wanted, feedback)
        except Cancelled:
            raise
        except Overtaken as error:
            # Another run has just done the same: nothing is amiss, and nothing to be told by cron.
            self.skipped += 1
            self._say(named(self.algorithm, feed, str(error)))
        except CeasefireError as error:
            self._failed(feed, str(error))
        except Exception as error:
            log_unexpected(f"fetchallfeeds {feed.source}", error)
            self._failed(
                feed,
                self.algorithm.tr(
                    "something unexpected (%1); please report it with what the message log says "
                    "under “Ceasefire Monitor”."
                ).replace("%1", type(error).__name__),
            )
        else:
            self.fetched.append((feed, report))
            self.sentences += tell(self.algorithm, self.feedback, self.ledger, feed, report)

    def _failed(self, feed, sentence: str) -> None:
        words = failure_of(self.algorithm, feed, sentence)
        self.failed.append(words)
        self.sentences.append(words)
        self.feedback.reportError(words, False)

    def _say(self, words: str) -> None:
        self.sentences.append(words)
        self.feedback.pushInfo(words)

    def _stop_if_cancelled(self, number: int, total: int) -> None:
        if self.feedback.isCanceled():
            raise Cancelled(
                self.algorithm.tr("Stopped after %1 of %2 feeds; what those brought is kept.")
                .replace("%1", str(number))
                .replace("%2", str(total))
            )


def layer_source(place: str, table: str) -> str:
    """A table of a ledger as QGIS names it among results, so that a model's next step takes it."""
    from ...model.field import Shape
    from ...model.tables import table as table_named
    from ..ledger.place import source_of

    geometry = None if table_named(table).shape is Shape.NONE else "geom"
    source, provider = source_of(place, table, geometry)
    return source if provider == "ogr" else f"{provider}://{source}"
