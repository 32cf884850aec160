"""ACLED: read through its API with a myACLED account, kept in step by timestamps and deletions."""

from __future__ import annotations

from typing import Optional

from ..http.errors import FeedError, Reason
from ..http.reply import Reply
from ..source import Asked, Batch, Checked, Option, Reading, Source
from ..theatredays import day_option, whole_option
from .acled_pages import KEY, Pages
from .acled_plan import Plan
from .acled_reply import WHO, read_page
from .acled_session import ADDRESS, Session

FIELDS = (
    "event_id_cnty|event_date|time_precision|disorder_type|event_type|sub_event_type|actor1|actor2|"
    "country|admin1|location|latitude|longitude|geo_precision|source|notes|fatalities|tags|"
    "timestamp"
)
OPTIONS = (
    Option(
        "country",
        "Countries",
        help="Names as ACLED spells them, with | between several. Empty: all of them.",
    ),
    Option(
        "region", "Regions", help="Names or numbers of ACLED's regions, with | between several."
    ),
    Option("admin1", "First-level areas", help="Names, with | between several."),
    Option("event_type", "Event types", help="Such as Battles|Explosions/Remote violence."),
    Option("sub_event_type", "Sub-event types", help="Such as Armed clash|Air/drone strike."),
    Option("disorder_type", "Disorder types", help="Such as Political violence."),
    Option("until", "Last day", "date", help="No events after this day are asked for."),
    Option(
        "bbox",
        "Area",
        "bbox",
        help="Only events within west,south,east,north; also held against each event here.",
    ),
    Option("query", "Further parameters", help="As in an address: actor1=Name&fatalities=1."),
    Option("fields", "Columns", default=FIELDS, help="With | between them."),
    Option("limit", "Rows a page", "integer", default=5000, help="From 1 to 5,000."),
    Option(
        "paging",
        "Paging",
        "choice",
        default="auto",
        choices=("auto", "cursor", "page"),
        help="Auto asks by cursor, and by page number where the server knows no cursor.",
    ),
    Option(
        "overlap_days",
        "Overlap (days)",
        "integer",
        default=7,
        help="How far before the newest change that is known changes are asked for again.",
    ),
    Option(
        "full_every_hours",
        "Full pass every (hours)",
        "integer",
        default=168,
        help="After so many hours everything is read again, to see what no longer fits.",
    ),
)


def read(asked: Asked) -> Reading:
    """All events at first; then deletions, and events changed since the newest that is known."""
    options = SOURCE.options_with_defaults(asked.options)
    session, plan = Session(asked), Plan(asked, options)
    if asked.mark.get("timestamp"):
        reply, gone, all_told = deletions(asked, session, plan)
        if reply is None or not all_told:
            plan.full = True
        if reply is not None:
            yield Batch(reply, plan.columns, [], gone)
    query = plan.query()
    pages = Pages(
        lambda where: session.ask("acled", {**query, **where}),
        whole_option(options, "limit", 1, 5000),
        options["paging"],
        asked.warn,
        asked.now,
    )
    for page in pages:
        yield plan.taken(page)
    return plan.outcome(pages)


def deletions(asked: Asked, session: Session, plan: Plan) -> tuple[Optional[Reply], list, bool]:
    """(reply, ids that were deleted, whether all were told); without a reply where none is had."""
    query = {
        "deleted_timestamp": plan.changed_since(),
        "deleted_timestamp_where": ">=",
        "limit": 0,
    }
    try:
        page = read_page(session.ask("deleted", query))
    except FeedError as error:
        if error.reason not in (Reason.NOT_FOUND, Reason.GONE, Reason.SCHEMA, Reason.REFUSED):
            raise
        asked.warn(
            f"{WHO}'s list of deleted events could not be read, so all events are read again to "
            "see which are gone."
        )
        return None, [], False
    gone = [str(row[KEY]) for row in page.rows if row.get(KEY)]
    told = page.cursor is None and (page.total is None or page.total <= len(page.rows))
    if not told:
        asked.warn(
            f"{WHO} gave only {len(page.rows):,} of its deleted events, so all events are read "
            "again to see which are gone."
        )
    return page.reply, gone, told


def check(asked: Asked) -> Checked:
    """One page of a few rows: whether the account is let in, and how many events there are."""
    options = SOURCE.options_with_defaults(asked.options)
    session, plan = Session(asked), Plan(asked, options)
    plan.full = True
    page = read_page(session.ask("acled", {**plan.query(), "cursor": 0, "limit": 50}))
    found = Checked(True, True, page.total)
    days = sorted(str(row.get("event_date"))[:10] for row in page.rows if row.get("event_date"))
    if days:
        found.first, found.last = (day_option({"day": one}, "day") for one in (days[0], days[-1]))
        found.sentences.append(
            f"The first and last day are those of the first {len(page.rows):,} rows only."
        )
    if page.restriction is not None:
        found.sentences.append(page.restriction.sentence())
    return found


SOURCE = Source(
    name="acled",
    title="ACLED",
    help=(
        "Political violence and protest, coded by the Armed Conflict Location & Event Data "
        "project. It needs a myACLED account with access to the API. New data come once a week."
    ),
    address=ADDRESS,
    options=OPTIONS,
    credentials=("login", "token"),
    preset="acled",
    attribution="ACLED (Armed Conflict Location & Event Data), acleddata.com",
    redistribution="aggregates",
    interval_minutes=1440,
    id_prefix="acled",
    read=read,
    check=check,
)
