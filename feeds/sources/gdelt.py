"""GDELT 2.0 events: a file every fifteen minutes, each read once, in order."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Optional

from ..counting import were
from ..http.errors import FeedError, Reason
from ..source import Asked, Batch, Checked, Option, Outcome, Reading, Source
from .gdelt_files import (
    COLUMNS,
    STAMP,
    STEP,
    WHO,
    DamagedFile,
    Listed,
    listed,
    named_between,
    rows_of,
)
from .gdelt_plan import Plan

if TYPE_CHECKING:
    from ..http.reply import Reply

OPTIONS = (
    Option(
        "codes",
        "CAMEO codes",
        default="18,19,20,0871",
        help=(
            "Beginnings of event codes with commas: 18 assault, 19 fight (194 artillery, 195 from "
            "the air, 196 violate a ceasefire), 20 mass violence, 0871 declare a ceasefire."
        ),
    ),
    Option(
        "countries",
        "Countries",
        help="FIPS 10-4 codes of where it happened, with commas. Empty: all of them.",
    ),
    Option("bbox", "Area", "bbox", help="Only events within west,south,east,north."),
    Option(
        "places",
        "Places",
        "choice",
        default="cities",
        choices=("cities", "areas", "all"),
        help=(
            "Cities leaves out events that are known only to a state or a country, whose points "
            "are mere centres; their number is said."
        ),
    ),
    Option(
        "root_only",
        "Root events only",
        "boolean",
        default=False,
        help="Only events that stand in the first sentence of an article.",
    ),
    Option(
        "history_hours",
        "Hours at first",
        "integer",
        default=24,
        help="How many hours the first fetch goes back, where the feed has no SINCE.",
    ),
    Option(
        "listing_beyond_hours",
        "Master list beyond (hours)",
        "integer",
        default=24,
        help=(
            "Up to so many hours missed files are asked for by the names they should have; beyond, "
            "by GDELT's master list, which is above 100 MB. 0: always by the list."
        ),
    ),
    Option(
        "wait_for_missing_hours",
        "Wait for missing files (hours)",
        "integer",
        default=2,
        help="A file that is not there is asked for again until it is so old, then given up.",
    ),
)


def read(asked: Asked) -> Reading:
    """The files since the last one that was read, and those that were missing before."""
    plan = Plan(asked, SOURCE.options_with_defaults(asked.options))
    newest = newest_file(plan)
    if plan.done is not None and newest.stamp <= plan.done and not plan.waiting:
        return Outcome(dict(plan.mark), nothing_new=True)
    files = wanted(plan, newest)
    missing, last, stopped = {}, plan.done, False
    for number, file in enumerate(files):
        try:
            found, why = taken(plan, file)
        except FeedError as error:
            if number == 0 or error.reason is Reason.SCHEMA:
                raise
            asked.warn(f"{error} The files from {file.stamp.strftime(STAMP)} on are not read yet.")
            stopped = True
            break
        if found is not None and found.rows:
            yield found
        elif found is not None:
            found.reply.discard()
        else:
            missing[file.stamp] = why
        last = max(last or file.stamp, file.stamp)
    tell(plan)
    waiting = plan.tell_missing(missing)
    left = [one.stamp for one in files[number:]] if stopped else []
    again = sorted({*waiting, *(one for one in left if one in plan.waiting)})
    mark = {
        "last": last.strftime(STAMP) if last else None,
        "waiting": [one.strftime(STAMP) for one in again],
        "query": plan.fingerprint,
    }
    return Outcome(mark, complete=not (again or stopped))


def newest_file(plan: Plan) -> Listed:
    """The newest file by lastupdate.txt; raises FeedError (SCHEMA) where that names none."""
    reply = plan.get("lastupdate.txt", "text/plain")
    files = list(listed(reply.lines()))
    if not files:
        raise FeedError(
            f"{WHO}'s lastupdate.txt names no file of events: its form may have changed, or a "
            "network's own page came instead. Try again later.",
            Reason.SCHEMA,
        )
    return max(files, key=lambda one: one.stamp)


def wanted(plan: Plan, newest: Listed) -> list[Listed]:
    """The files to read, the oldest first, those that were missing before among them."""
    after = plan.after(newest.stamp)
    again = [Listed(stamp) for stamp in plan.waiting if stamp <= after]
    between = named_between(after, newest.stamp - STEP)
    if len(between) * STEP > plan.hours("listing_beyond_hours"):
        between = from_master_list(plan, after, newest.stamp) or between
    new = [newest] if newest.stamp > after else []
    return sorted([*again, *between, *new], key=lambda one: one.stamp)


def from_master_list(plan: Plan, after: datetime, before: datetime) -> list[Listed]:
    """The files between two instants by the master list; empty, and said, where that fails."""
    try:
        reply = plan.get("masterfilelist.txt", "text/plain")
        every = list(listed_between(reply, after, before))
    except FeedError as error:
        plan.asked.warn(f"{error} Missed files are asked for by the names they should have.")
        return []
    if not every:
        plan.asked.warn(
            f"{WHO}'s master list names no file of the time that was missed: the files are asked "
            "for by the names they should have."
        )
    return every


def listed_between(reply: Reply, after: datetime, before: datetime):
    """The files of a listing between two instants, each once."""
    seen = set()
    for file in listed(reply.lines()):
        if after < file.stamp < before and file.stamp not in seen:
            seen.add(file.stamp)
            yield file


def taken(plan: Plan, file: Listed) -> tuple[Optional[Batch], str]:
    """The wanted rows of a file; without them why it is missing. A damaged one is asked twice."""
    why = ""
    for _ in range(2):
        try:
            reply = plan.get(file.name, "application/zip, */*")
            rows, uneven = rows_of(reply, file)
        except DamagedFile as error:
            why = f"damaged twice: {error}"
            continue
        except FeedError as error:
            if error.reason not in (Reason.NOT_FOUND, Reason.GONE):
                raise
            return None, "it is not there"
        plan.uneven += uneven
        kept = [[cell or None for cell in cells] for cells in rows if plan.sieve.wants(cells)]
        return Batch(reply, list(COLUMNS), kept, [], file.stamp.strftime(STAMP)), ""
    return None, why


def tell(plan: Plan) -> None:
    """Say what was left out, with its number."""
    sieve = plan.sieve
    if sieve.vague:
        plan.asked.warn(
            f"{were(sieve.vague, 'event')} left out because the place is known only to a "
            f"{'country or state' if plan.options['places'] == 'cities' else 'country'}, whose "
            "centre is no place of an event."
        )
    if sieve.old:
        plan.asked.warn(f"{were(sieve.old, 'event')} left out because dated before {sieve.first}.")
    if plan.uneven:
        plan.asked.warn(
            f"{were(plan.uneven, 'row')} left out because of not having {len(COLUMNS)} columns."
        )


def check(asked: Asked) -> Checked:
    """The newest file, and how many of its events the feed would take."""
    plan = Plan(asked, SOURCE.options_with_defaults(asked.options))
    newest = newest_file(plan)
    found, why = taken(plan, newest)
    if found is None:
        raise FeedError(
            f"{WHO}'s newest file, {newest.name}, did not come ({why}): try again in a quarter of "
            "an hour.",
            Reason.NOT_FOUND,
        )
    day = newest.stamp.date()
    return Checked(
        True,
        True,
        len(found.rows),
        None,
        day,
        [
            f"The rows are those of the newest quarter of an hour ({newest.stamp:%Y-%m-%d %H:%M} "
            "UTC) alone, as machines read them in media reports; none is verified."
        ],
    )


SOURCE = Source(
    name="gdelt",
    title="GDELT 2.0 events",
    help=(
        "Events that machines read in the world's media, every fifteen minutes. They are reports, "
        "often doubled and often wrong about the place: leads to follow up, never violations."
    ),
    address="http://data.gdeltproject.org/gdeltv2",
    options=OPTIONS,
    credentials=("none",),
    preset="gdelt",
    attribution="The GDELT Project, gdeltproject.org",
    redistribution="rows",
    interval_minutes=15,
    id_prefix="gdelt",
    read=read,
    check=check,
)
