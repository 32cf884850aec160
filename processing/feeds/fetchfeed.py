"""``ceasefire:fetchfeed``: one feed is read, and the ledger brought in step with it."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path

from qgis.core import (
    QgsProcessingParameterBoolean,
)

from ...model.errors import Cancelled, CeasefireError
from .feedalgorithm import FeedAlgorithm
from .fetching import COUNTS, Wanted, failure_of, fetch_one, numbers_of, tell, write_layers


class FetchFeed(FeedAlgorithm):
    """Fetches one feed; the ledger then is as one full fetch would have made it."""

    NAME = "fetchfeed"
    TITLE = "Fetch a feed"
    HELP = (
        "Reads a feed and brings the ledger in step with it: what is new is added, what the source "
        "corrected becomes a revision, what the source no longer has becomes withdrawn, and what "
        "it has again reappears. What somebody corrected by hand stays. After the first fetch "
        "only what changed is asked for, where the source can tell.\n\n"
        "Nothing is withdrawn where not everything came, where the source's own total does not "
        "match, or where it suddenly has nothing at all (ALLOW_EMPTY says that this is meant). "
        "Where the fetch fails on the way, what had come is kept and the next one goes on; the "
        "reason is told in one sentence. Each reply is kept in “fetches” with its SHA-256, its "
        "address without secrets and its counts.\n\n"
        "Without a ledger a feed given as JSON is read once, and OUTPUT holds all its incidents."
    )

    FULL = "FULL"
    ALLOW_EMPTY = "ALLOW_EMPTY"

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_feed()
        self.add_optional_ledger(self.tr("The ledger that has the feed and takes its incidents."))
        self.add_since()
        self.add(
            QgsProcessingParameterBoolean(self.FULL, self.tr("Everything"), defaultValue=False),
            self.tr("On: the whole source is read, also what earlier fetches have had."),
        )
        self.add(
            QgsProcessingParameterBoolean(
                self.ALLOW_EMPTY, self.tr("The source may be empty"), defaultValue=False
            ),
            self.tr(
                "On: where the source has nothing at all, all its incidents are withdrawn. Off: "
                "that is taken for a fault of the source, and they stay."
            ),
        )
        self.add_signature_by()
        self.add_table(
            self.OUTPUT,
            self.tr("New and changed incidents"),
            self.tr("The incidents that this fetch added or changed, as the ledger has them."),
            points=True,
        )
        self.add_table(
            self.REJECTED,
            self.tr("Rows set aside"),
            self.tr("The rows that were set aside: row number, column, value and reason."),
        )
        self.add_results((*COUNTS, ("COMPLETE", "Complete (1) or not (0)")))

    def work(self, parameters, context, feedback, outputs):
        """Fetch, tell, and write what is new or changed."""
        place = self.ledger_place(parameters, context)
        with self._ledger(parameters, context, place) as ledger:
            settings = ledger.settings()
            feed = self.said_feed(parameters, context, ledger if place else None, settings)
            wanted = Wanted(
                self.signature(parameters, context),
                self.parameterAsBoolean(parameters, self.FULL, context),
                self.since(parameters, context, settings),
                self.parameterAsBoolean(parameters, self.ALLOW_EMPTY, context),
            )
            try:
                report = fetch_one(self, ledger, feed, wanted, feedback)
            except Cancelled:
                raise
            except CeasefireError as error:
                raise CeasefireError(failure_of(self, feed, str(error))) from error
            tell(self, feedback, ledger, feed, report)
            layers = write_layers(self, outputs, feedback, ledger, [(feed, report)])
        return {**numbers_of([report]), **layers, self.LEDGER: place or None}

    @contextmanager
    def _ledger(self, parameters, context, place: str):
        """The ledger that was given or, without one, a passing one for this fetch."""
        if place:
            with self.open_ledger(parameters, context) as ledger:
                yield ledger
            return
        from ...ledger.opening import create_ledger

        zone = self.text(parameters, self.TIMEZONE, context) or "UTC"
        with tempfile.TemporaryDirectory(prefix="ceasefire-feed-") as folder:
            passing = create_ledger(Path(folder) / "passing.gpkg", {"timezone": zone})
            with passing as ledger:
                yield ledger
