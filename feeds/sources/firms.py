"""NASA FIRMS: thermal anomalies by area and day. A fire is no violation: corroboration only."""

from __future__ import annotations

import itertools
from datetime import date
from typing import TYPE_CHECKING, Iterator

from ..counting import were
from ..http.errors import FeedError, Reason
from ..source import Asked, Batch, Checked, Option, Outcome, Reading, Source
from ..theatredays import whole_option
from .firms_plan import DAY, Offer, Plan, midnight
from .firms_table import (
    NEEDED,
    WHO,
    Table,
    day_of_row,
    identifier,
    sure_enough,
)

if TYPE_CHECKING:
    from ..http.reply import Reply

CHUNK_ROWS = 5000
OPTIONS = (
    Option(
        "product",
        "Satellites",
        default="VIIRS_SNPP_NRT,VIIRS_NOAA20_NRT,VIIRS_NOAA21_NRT",
        help="FIRMS's names of its products, with commas. Each satellite sees a fire by itself.",
    ),
    Option("bbox", "Area", "bbox", required=True, help="West,south,east,north in degrees."),
    Option(
        "days",
        "Days at first",
        "integer",
        default=10,
        help="How many days the first fetch goes back, where the feed has no SINCE.",
    ),
    Option(
        "day_range",
        "Days a request",
        "integer",
        default=5,
        help="FIRMS takes 5; some of its documents say 10.",
    ),
    Option(
        "again_days",
        "Days asked again",
        "integer",
        default=3,
        help="How many of the days that were read before are read again, for late passes.",
    ),
    Option(
        "least_confidence",
        "Least confidence",
        "choice",
        default="low",
        choices=("low", "nominal", "high"),
        help="Detections that are less sure are left out.",
    ),
    Option(
        "full_every_hours",
        "Full pass every (hours)",
        "integer",
        default=168,
        help="After so many hours all days since the first are read again.",
    ),
)


def read(asked: Asked) -> Reading:
    """The days since the last complete one, and a few before it again, five at a time."""
    plan = Plan(asked, SOURCE.options_with_defaults(asked.options))
    offers = offered(plan)
    begin, spans = plan.first_day(), []
    for offer in offers:
        first, last = within(plan, offer, begin)
        if first <= last:
            spans.append((first, last))
            yield from days_of(plan, offer.product, first, last)
    if plan.left_out:
        asked.warn(
            f"{were(plan.left_out, 'detection')} left out because less sure than "
            f"“{plan.options['least_confidence']}”."
        )
    return outcome(plan, offers, spans)


def outcome(plan: Plan, offers: list[Offer], spans: list[tuple[date, date]]) -> Outcome:
    """How the run ended: a snapshot of the days that are over and that every product has."""
    told = len(spans) == len(offers) and all(offer.last is not None for offer in offers)
    first = max((one for one, _ in spans), default=plan.today)
    end = min([plan.today, *(offer.last for offer in offers if offer.last), *(b for _, b in spans)])
    known = plan.mark()
    mark = {
        "query": plan.fingerprint,
        "first": plan.first_of_all().isoformat(),
        "until": max(end - DAY, plan.first_of_all()).isoformat() if told else known.get("until"),
        "full_at": known.get("full_at"),
    }
    if plan.is_full() and plan.complete:
        mark["full_at"] = plan.asked.now.isoformat()
    if not (told and plan.complete and first < end):
        return Outcome(mark, complete=plan.complete)
    return Outcome(mark, True, (midnight(first), midnight(end)))


def within(plan: Plan, offer: Offer, begin: date) -> tuple[date, date]:
    """First and last day to ask of a product, from what FIRMS has of it."""
    first, last = begin, plan.today
    if offer.first is not None and offer.first > first:
        plan.asked.warn(
            f"{WHO} has {offer.product} only from {offer.first.isoformat()} on: what was fetched "
            "of earlier days stays as it is."
        )
        first = offer.first
    if offer.last is not None and offer.last < last:
        if plan.today - offer.last > DAY:
            plan.asked.warn(
                f"{WHO} has {offer.product} only up to {offer.last.isoformat()}: what burnt after "
                "that day is not known from it."
            )
        last = offer.last
    return first, last


def offered(plan: Plan) -> list[Offer]:
    """What FIRMS says it has of each product; without days where it does not say."""
    found = {}
    try:
        table = Table(ask(plan, f"data_availability/csv/{plan.key}/ALL"))
        for row in table:
            days = [date.fromisoformat(row[name].strip()) for name in ("min_date", "max_date")]
            found[row["data_id"].strip()] = days
    except (KeyError, ValueError):
        found = {}
    except FeedError as error:
        if error.reason not in (Reason.NOT_FOUND, Reason.REFUSED, Reason.SCHEMA):
            raise
    if not found:
        plan.asked.warn(
            f"{WHO} does not say which days it has, so what is no longer among its detections was "
            "not withdrawn."
        )
        return [Offer(product, None, None) for product in plan.products]
    absent = [product for product in plan.products if product not in found]
    if absent:
        raise FeedError(
            f"{WHO} has no product “{absent[0]}”; it has {', '.join(sorted(found))}: set the "
            "feed's option “product”.",
            Reason.REFUSED,
        )
    return [Offer(product, *found[product]) for product in plan.products]


def days_of(plan: Plan, product: str, first: date, last: date) -> Iterator[Batch]:
    """The detections of a product on some days, a few days a request."""
    length = whole_option(plan.options, "day_range", 1, 10)
    day = first
    while day <= last:
        count = min(length, (last - day).days + 1)
        for box in plan.boxes:
            area = ",".join(f"{edge:.6f}".rstrip("0").rstrip(".") for edge in box)
            path = f"area/csv/{plan.key}/{product}/{area}/{count}/{day.isoformat()}"
            yield from parts_of(plan, ask(plan, path), day, day + DAY * (count - 1))
        day += DAY * count


def parts_of(plan: Plan, reply: Reply, first: date, last: date) -> Iterator[Batch]:
    """The rows of one reply in parts, each with what names it; at least one part."""
    table = Table(reply)
    missing = [name for name in NEEDED if name not in table.columns]
    if missing:
        raise FeedError(
            f"{WHO}'s table has no column {' and no '.join(missing)}: its form may have changed. "
            "Look for a newer version of the plugin.",
            Reason.SCHEMA,
        )
    columns, strangers, rows = ["detection", *table.columns], 0, iter(table)
    part = list(itertools.islice(rows, CHUNK_ROWS))
    while True:
        kept = []
        for row in part:
            day = day_of_row(row)
            if day is not None and not first <= day <= last:
                strangers += 1
            elif sure_enough(row, plan.options["least_confidence"]):
                kept.append([identifier(row), *(value or None for value in row.values())])
            else:
                plan.left_out += 1
        yield Batch(reply, columns, kept, [])
        part = list(itertools.islice(rows, CHUNK_ROWS))
        if not part:
            break
    if strangers:
        plan.missing(
            f"{were(strangers, 'detection')} left out because {WHO} was asked for other days "
            f"({first} to {last}); nothing was withdrawn."
        )
    if table.uneven:
        plan.missing(
            f"{were(table.uneven, 'row')} left out because {WHO}'s table has more or fewer cells "
            "there than in its header: it may be cut off, and nothing was withdrawn."
        )


def ask(plan: Plan, path: str) -> Reply:
    """The reply of a path below FIRMS's API; the key in it is hidden in every text."""
    try:
        return plan.asked.client.get(f"{plan.root}/{path}", accept="text/csv", authorised=False)
    except FeedError as error:
        if error.status in (400, 401, 403) and "map_key" in error.body.casefold():
            error.reason = Reason.UNAUTHORISED
        if error.reason is not Reason.UNAUTHORISED:
            raise
        raise FeedError(
            f"{WHO} does not take this feed's MAP_KEY: check it, or ask for one at "
            "firms.modaps.eosdis.nasa.gov/api/map_key.",
            Reason.UNAUTHORISED,
            status=error.status,
        ) from None


def check(asked: Asked) -> Checked:
    """The days that FIRMS has, and how many detections on the last of them."""
    plan = Plan(asked, SOURCE.options_with_defaults(asked.options))
    offers = offered(plan)
    ends = [offer.last for offer in offers if offer.last]
    starts = [offer.first for offer in offers if offer.first]
    day = min(ends, default=plan.today)
    rows = sum(
        len(batch.rows) for offer in offers for batch in days_of(plan, offer.product, day, day)
    )
    return Checked(
        True,
        True,
        rows,
        max(starts, default=None),
        day,
        [f"The rows are those of {day.isoformat()} alone; a fire is no violation."],
    )


SOURCE = Source(
    name="firms",
    title="NASA FIRMS thermal anomalies",
    help=(
        "Fires and other heat seen by satellites within hours. It needs a free MAP_KEY. A fire is "
        "no violation: it can only bear out what somebody reported."
    ),
    address="https://firms.modaps.eosdis.nasa.gov",
    options=OPTIONS,
    credentials=("key",),
    preset="firms",
    mapping={"source_id": "detection"},
    attribution="NASA FIRMS (LANCE), earthdata.nasa.gov/firms",
    redistribution="rows",
    interval_minutes=180,
    id_prefix="firms",
    read=read,
    check=check,
)
