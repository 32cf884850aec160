"""``ceasefire:effortcoverage``: what each post could observe in each hour."""

from __future__ import annotations

from qgis.core import (
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterFeatureSink,
)

from ...model.errors import CeasefireError
from ...model.field import Field, Kind, Shape
from .reviewparameters import ReviewAlgorithm

STATE_TITLES = {
    "operating": "Operating",
    "degraded": "Degraded",
    "contradicted": "Contradicted",
    "denied": "Denied",
    "down": "Down",
    "not_deployed": "Not deployed",
    "not_known": "Not known",
}
HOURLY = (
    Field("post_id", Kind.TEXT, "Post"),
    Field("hour_from", Kind.INSTANT, "From (UTC)"),
    Field("hour_to", Kind.INSTANT, "To (UTC)"),
    Field("local_hour", Kind.TEXT, "Hour, local"),
    Field("state", Kind.TEXT, "State"),
    Field("observed", Kind.REAL, "Share observed"),
    *(Field(f"{name}_min", Kind.REAL, f"{title} (min)") for name, title in STATE_TITLES.items()),
    Field("observations", Kind.INTEGER, "Observations"),
    Field("reported", Kind.TEXT, "To be printed"),
    Field("reasons", Kind.TEXT, "Reasons"),
    Field("restrictions", Kind.TEXT, "Restrictions of access"),
)
POSTS = (
    Field("post_id", Kind.TEXT, "Post"),
    Field("name", Kind.TEXT, "Name"),
    Field("hours", Kind.REAL, "Hours of the period"),
    Field("observed_h", Kind.REAL, "Observed (h)"),
    Field("observed", Kind.REAL, "Share observed"),
    *(Field(f"{name}_h", Kind.REAL, f"{title} (h)") for name, title in STATE_TITLES.items()),
    Field("observations", Kind.INTEGER, "Observations"),
    Field("without_effort", Kind.INTEGER, "Observations in hours without effort"),
    Field("overlaps", Kind.INTEGER, "Times at which rows overlap"),
    Field("contradictions", Kind.INTEGER, "Times at which rows contradict"),
    Field("incomplete", Kind.INTEGER, "Rows without a beginning or end"),
    Field("backwards", Kind.INTEGER, "Rows that end before they begin"),
    Field("unstated", Kind.INTEGER, "Rows without a known status"),
)


class EffortCoverage(ReviewAlgorithm):
    """Gives a table of posts and hours, and the posts with their hours."""

    NAME = "effortcoverage"
    TITLE = "Coverage by post and hour"
    HELP = (
        "Says for each post and each hour of the theatre's clock how much of it was observed, from "
        "the ledger's effort rows and restrictions of access: the minutes in each status, the "
        "reasons, and how many observations there were.\n\n"
        "“0” is printed only of an hour of which some was observed; else “not observed”, or where "
        "no row tells of the hour, “not known”: a post without rows is not taken to be down. Where "
        "rows say opposite things the time is contradicted, and not counted as observed. Outside "
        "a post's own dates it is not deployed. Days on which clocks change have 23 or 25 hours."
    )

    HOURS = "HOURS"
    POSTS = "POSTS"
    COUNTS = (
        ("OBSERVED_HOURS", "Hours observed, all posts"),
        ("ALL_HOURS", "Hours of all posts"),
        ("CONTRADICTIONS", "Times at which rows contradict"),
        ("INCOMPLETE", "Rows without a beginning or end"),
        ("BACKWARDS", "Rows that end before they begin"),
        ("UNSTATED", "Rows without a known status"),
    )

    def initAlgorithm(self, configuration=None):
        """The parameters, each with its help, and the outputs."""
        self.add_ledger(self.tr("The ledger whose posts and effort are counted; it is only read."))
        self.add_period()
        self.add(
            QgsProcessingParameterFeatureSink(
                self.HOURS, self.tr("Posts and hours"), QgsProcessing.SourceType.TypeVector
            ),
            self.tr("A table with one row for each post and hour."),
        )
        self.add(
            QgsProcessingParameterFeatureSink(
                self.POSTS,
                self.tr("Posts with their hours"),
                QgsProcessing.SourceType.TypeVectorPoint,
                optional=True,
            ),
            self.tr("The posts as points, with the hours of the period in each status."),
        )
        for name, title in self.COUNTS:
            self.addOutput(QgsProcessingOutputNumber(name, self.tr(title)))
        self.addOutput(QgsProcessingOutputString(self.LEDGER, self.tr("Ledger")))

    def work(self, parameters, context, feedback, outputs):
        """Read the effort, lay it over the hours, write both tables."""
        from ...analysis.coverage import coverage_of
        from ..libraries import require_shapely

        require_shapely()
        with self.open_ledger(parameters, context, readonly=True) as ledger:
            time = self.theatre_time(parameters, context, ledger)
            start, end = self.period(parameters, context, time)
            if start is None or end is None:
                raise CeasefireError(self.tr("FROM or TO is missing: give both."))
            posts = ledger.read("posts")
            restrictions = ledger.read("restrictions", since=start, until=end)
            effort = ledger.read("effort")
            observations = ledger.read("observations", since=start, until=end)
        self.stop_if_cancelled(feedback)
        coverage = coverage_of(posts, effort, restrictions, start, end, time.zone, observations)
        rows = _hours(coverage, restrictions, time.zone)
        hours = self.write_rows(outputs, self.HOURS, HOURLY, rows, feedback)
        summary = list(_posts(coverage, posts))
        destination = self.write_rows(outputs, self.POSTS, POSTS, summary, feedback, Shape.POINT)
        totals = self._totals(coverage)
        self._tell(feedback, coverage, totals)
        place = self.ledger_place(parameters, context)
        return {self.HOURS: hours, self.POSTS: destination, self.LEDGER: place, **totals}

    def _totals(self, coverage) -> dict:
        watched = coverage.stretches.values()
        span = (coverage.edges[0], coverage.edges[-1])
        contradictions = sum(_touching(item.contradictions, *span) for item in watched)
        return {
            "OBSERVED_HOURS": float(coverage.hours()[:, :2].sum()),
            "ALL_HOURS": float(coverage.hours().sum()),
            "CONTRADICTIONS": contradictions,
            "INCOMPLETE": sum(item.incomplete for item in watched),
            "BACKWARDS": sum(item.backwards for item in watched),
            "UNSTATED": sum(item.unstated for item in watched),
        }

    def _tell(self, feedback, coverage, totals) -> None:
        if not coverage.posts:
            feedback.pushWarning(self.tr("The ledger has no posts and no effort."))
        for key, one, many in (
            (
                "CONTRADICTIONS",
                self.tr("At one time rows of one post contradict each other."),
                self.tr("At %1 times rows of one post contradict each other."),
            ),
            (
                "INCOMPLETE",
                self.tr("One effort row has no beginning or no end and says nothing."),
                self.tr("%1 effort rows have no beginning or no end and say nothing."),
            ),
            (
                "BACKWARDS",
                self.tr("One effort row does not end after it begins and says nothing."),
                self.tr("%1 effort rows do not end after they begin and say nothing."),
            ),
            (
                "UNSTATED",
                self.tr("One effort row has no known status and says nothing."),
                self.tr("%1 effort rows have no known status and say nothing."),
            ),
        ):
            if totals[key]:
                feedback.pushWarning(self.counted(totals[key], one, many))
        feedback.pushInfo(
            self.counted(
                len(coverage.posts),
                self.tr("One post: %2 of %3 hours were observed."),
                self.tr("%1 posts: %2 of %3 hours were observed."),
            )
            .replace("%2", f"{totals['OBSERVED_HOURS']:,.1f}")
            .replace("%3", f"{totals['ALL_HOURS']:,.1f}")
        )


def _hours(coverage, restrictions, zone):
    """One row for each post and hour."""
    from ...analysis.coverage import printed, restrictions_within
    from ...analysis.utc import utc_datetime

    moments = [utc_datetime(edge) for edge in coverage.edges]
    local = [f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}" for moment in moments]
    fraction, state = coverage.fraction, coverage.state
    for row, name in enumerate(coverage.posts):
        stretches = coverage.stretches[name]
        own = [item for item in restrictions if item.post_id == name]
        for hour in range(len(moments) - 1):
            span = (coverage.edges[hour], coverage.edges[hour + 1])
            events, word = int(coverage.events[row, hour]), str(state[row, hour])
            kinds = [item.kind or "?" for item in restrictions_within(own, name, *span)]
            yield (
                name,
                moments[hour],
                moments[hour + 1],
                local[hour],
                word,
                float(fraction[row, hour]),
                *(float(value) / 60.0 for value in coverage.seconds[row, hour]),
                events if events or word in ("observed", "partly") else None,
                printed(word, events),
                "; ".join(stretches.reasons(*span)) or None,
                ", ".join(kinds) or None,
            )


def _posts(coverage, posts):
    """One row for each post, with its point."""
    known = {post.post_id: post for post in posts}
    hours, fraction = coverage.hours(), coverage.fraction
    span = (coverage.edges[0], coverage.edges[-1])
    for row, name in enumerate(coverage.posts):
        post, stretches = known.get(name), coverage.stretches[name]
        observed, total = float(hours[row, :2].sum()), float(hours[row].sum())
        yield (
            name,
            post.name if post else None,
            total,
            observed,
            observed / total,
            *(float(value) for value in hours[row]),
            int(coverage.events[row].sum()),
            int(coverage.events[row][fraction[row] <= 0].sum()),
            _touching(stretches.overlaps, *span),
            _touching(stretches.contradictions, *span),
            stretches.incomplete,
            stretches.backwards,
            stretches.unstated,
            post.longitude if post else None,
            post.latitude if post else None,
        )


def _touching(pairs, start, end) -> int:
    """How many of the stretches lie in a span, in part or whole."""
    return sum(bool(first < end and last > start) for first, last in pairs)
