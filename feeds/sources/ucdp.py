"""UCDP's georeferenced events: yearly releases and candidate months, by API or as files."""

from __future__ import annotations

from ..http.errors import FeedError, Reason
from ..source import Asked, Checked, Option, Reading, Source
from .ucdp_api import Api, read_api, total_of
from .ucdp_files import ask, parts_of, read_files
from .ucdp_plan import Plan, day_in

OPTIONS = (
    Option(
        "version",
        "Version",
        required=True,
        help=(
            "26.1 is a year's release, 26.0.8 a month of the candidate data, 26.01.26.06 several "
            "months of it; with commas several, the oldest first: an event in two of them is taken "
            "from the later one."
        ),
    ),
    Option(
        "follow_newer",
        "Follow newer versions",
        "boolean",
        default=True,
        help="Ask at each fetch whether the next year or month has come out, and take it then.",
    ),
    Option(
        "form",
        "Form",
        "choice",
        default="auto",
        choices=("auto", "api", "csv"),
        help="Auto is the API where the feed has a token, and the public files where it has none.",
    ),
    Option(
        "country",
        "Countries",
        help="Gleditsch-Ward numbers with commas. Empty: all of them.",
    ),
    Option(
        "type_of_violence",
        "Types of violence",
        help="1 state-based, 2 non-state, 3 one-sided, with commas. Empty: all of them.",
    ),
    Option("dyad", "Dyads", help="UCDP's numbers with commas; only through the API."),
    Option("actor", "Actors", help="UCDP's numbers with commas; only through the API."),
    Option("until", "Last day", "date", help="Events that began after this day are left out."),
    Option("bbox", "Area", "bbox", help="Only events within west,south,east,north."),
    Option("page_size", "Rows a page", "integer", default=1000, help="From 1 to 1,000."),
    Option(
        "first_page", "Number of the first page", "integer", default=0, help="0, or 1 if UCDP says."
    ),
    Option(
        "quota",
        "Requests a day",
        "integer",
        default=5000,
        help="UCDP's limit for a token; the feed stops before it and goes on the next day.",
    ),
    Option(
        "full_every_hours",
        "Full pass every (hours)",
        "integer",
        default=168,
        help="After so many hours all is read again, also where no total or file changed.",
    ),
    Option(
        "downloads",
        "Address of the files",
        default="https://ucdp.uu.se/downloads",
        help="Where the public files lie.",
    ),
)


def read(asked: Asked) -> Reading:
    """All events of the versions, by the API or from the files."""
    plan = Plan(asked, SOURCE.options_with_defaults(asked.options))
    reading = read_api if by_api(plan) else read_files
    return (yield from reading(plan))


def by_api(plan: Plan) -> bool:
    """Whether the API is asked, rather than the files."""
    form = plan.options["form"]
    known = plan.asked.credentials
    return form == "api" or (form == "auto" and bool(known.token or known.authcfg))


def check(asked: Asked) -> Checked:
    """The total of each version by the API, or the days and rows of the files."""
    plan = Plan(asked, SOURCE.options_with_defaults(asked.options))
    if by_api(plan):
        return check_api(plan)
    found = Checked(True, True, 0)
    days = []
    for version in plan.versions:
        for columns, rows in parts_of(ask(plan, version, None), plan):
            kept = plan.take(columns, rows)
            found.rows += len(kept)
            days += [day_in(row[columns.index("date_start")]) for row in kept]
    days = [day for day in days if day is not None]
    if days:
        found.first, found.last = min(days), max(days)
    return found


def check_api(plan: Plan) -> Checked:
    """One small page of each version."""
    api = Api(plan)
    totals = [total_of(api.first_page(version, 1)[1]) for version in plan.versions]
    if None in totals:
        raise FeedError("UCDP does not say how many events there are.", Reason.SCHEMA)
    quota = api.quota()
    return Checked(
        True,
        True,
        sum(totals),
        sentences=[
            "UCDP's rows come in no order, so the first and last day are known after a fetch.",
            f"{quota['requests']:,} of {quota['limit']:,} requests a day were used by this feed.",
        ],
    )


SOURCE = Source(
    name="ucdp",
    title="UCDP georeferenced events",
    help=(
        "Events of organised violence with at least one death, from the Uppsala Conflict Data "
        "Program. The API needs a token, the public files do not. Firing without deaths is not in "
        "it, so it alone cannot count ceasefire violations."
    ),
    address="https://ucdpapi.pcr.uu.se/api",
    options=OPTIONS,
    credentials=("none", "token"),
    preset="ucdp",
    attribution="UCDP GED and Candidate Events, Uppsala University, CC BY 4.0",
    redistribution="rows",
    interval_minutes=1440,
    id_prefix="ucdp",
    read=read,
    check=check,
)
