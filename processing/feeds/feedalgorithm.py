"""What the algorithms of feeds share: their ledger, the feed that is named, and its time."""

from __future__ import annotations

from typing import Any, Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSink,
    QgsProcessingParameterFile,
    QgsProcessingParameterString,
)

from ...model.errors import CeasefireError
from ..ledger.theatretime import TheatreTime, zone_parameter
from ..review.reviewparameters import ReviewAlgorithm


class FeedAlgorithm(ReviewAlgorithm):
    """Base of the algorithms of feeds."""

    GROUP = "Feeds"
    GROUP_ID = "feeds"
    FEED = "FEED"
    SINCE = "SINCE"
    OUTPUT = "OUTPUT"
    REJECTED = "REJECTED"

    def add_feed(self) -> None:
        """The parameter FEED."""
        self.add(
            QgsProcessingParameterString(self.FEED, self.tr("Feed"), multiLine=True),
            self.tr(
                "The name of a feed of the ledger; or a feed that is not kept, as JSON: "
                '{"source": "url", "address": "/data/reports/*.csv", "preset": "smm"}. Its keys '
                "are the fields of the table of feeds, without any secret."
            ),
        )

    def add_optional_ledger(self, words: str) -> None:
        """The parameter LEDGER, where a feed may also be described without one."""
        self.add(
            QgsProcessingParameterFile(
                self.LEDGER,
                self.tr("Ledger"),
                fileFilter="GeoPackage (*.gpkg);;All files (*)",
                optional=True,
            ),
            words,
        )

    def add_since(self) -> None:
        """The parameters SINCE and TIMEZONE."""
        self.add(
            QgsProcessingParameterString(self.SINCE, self.tr("Since"), optional=True),
            self.tr(
                "Nothing that happened earlier is wanted: 2031-03-14 or 2031-03-14T19:30, in the "
                "theatre's time. Where empty, as the feed itself says."
            ),
        )
        self.add(*zone_parameter(self, self.TIMEZONE))

    def add_signature_by(self) -> None:
        """The parameter BY."""
        self.add(
            QgsProcessingParameterString(self.BY, self.tr("By"), optional=True),
            self.tr("Who signs for it in the history; where empty, QGIS's user by full name."),
        )

    def add_table(self, name: str, title: str, words: str, points: bool = False) -> None:
        """An optional output layer or table."""
        kinds = QgsProcessing.SourceType
        self.add(
            QgsProcessingParameterFeatureSink(
                name,
                title,
                kinds.TypeVectorPoint if points else kinds.TypeVector,
                optional=True,
                createByDefault=points,
            ),
            words,
        )

    def add_results(self, counts, place: bool = True) -> None:
        """Numbers that come out, by name and title, and the ledger."""
        for name, title in counts:
            self.addOutput(QgsProcessingOutputNumber(name, self.tr(title)))
        if place:
            self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def said_feed(self, parameters, context, ledger: Optional[Any], settings: dict):
        """The feed that FEED names in the ledger, or describes as JSON."""
        text = self.text(parameters, self.FEED, context)
        if not text:
            raise CeasefireError(self.tr("No feed is named: give FEED, a name or JSON."))
        if text.startswith("{"):
            from ...feeds.definition import feed_of_text

            time = TheatreTime(self.text(parameters, self.TIMEZONE, context), settings)
            return feed_of_text(text, lambda since: time.moment(since, closing=False))
        if ledger is None:
            raise CeasefireError(
                self.tr(
                    "The feed “%1” is looked for in a ledger: give LEDGER, or describe the feed as "
                    "JSON in braces."
                ).replace("%1", text)
            )
        return ledger.feed(text)

    def since(self, parameters, context, settings: dict):
        """SINCE as a moment; None where it is empty."""
        text = self.text(parameters, self.SINCE, context)
        time = TheatreTime(self.text(parameters, self.TIMEZONE, context), settings)
        return time.moment(text, closing=False)


def feed_called(ledger: Any, name: str) -> Optional[Any]:
    """The feed of that name or id; None where there is none. Capitals do not matter."""
    folded = name.strip().casefold()
    known = {(feed.feed_name or "").strip().casefold() for feed in ledger.feeds()}
    known |= {feed.feed_id for feed in ledger.feeds()}
    return ledger.feed(name) if folded in known or name in known else None
