"""Whether a source still has the columns that a feed's incidents were made of."""

from __future__ import annotations

from typing import Any, Optional

from ..feeds.http.errors import FeedError, Reason
from ..feeds.importer import OVERRULED
from ..feeds.recognise import chosen
from ..feeds.sheet import Sheet
from ..feeds.survey import Survey
from ..feeds.table import RawTable
from ..model.errors import CeasefireError
from .feedparts import Reading, mapping_for

# A small reply may well have none of them, a large one has.
PLACES = ("latitude", "longitude", "point")
ENOUGH = 20


def columns_used(spool: Any, reading: Reading) -> dict[str, str]:
    """The columns with values that this run's incidents are made of, by field."""
    if not spool.rows:
        return {}
    columns = list(spool.columns)
    kind = chosen(reading.preset, columns)
    mapping = mapping_for(reading, kind.name)
    survey = Survey.of_json(reading.survey)
    try:
        sheet = Sheet(
            RawTable(columns, [], []), kind.columns, mapping, {*OVERRULED, "year"}, survey
        )
    except CeasefireError as error:
        raise FeedError(
            f"The source's columns are not those that the feed was made for: {error} Nothing was "
            "written.",
            Reason.SCHEMA,
        ) from None
    filled = survey.filled or set()
    return {field: columns[place] for field, place in sheet.at.items() if columns[place] in filled}


def refuse_changed_schema(name: str, before: dict[str, str], now: dict[str, str], spool: Any):
    """FeedError where columns that had values are gone: nothing may be concluded from the rest."""
    if not spool.rows:
        return
    gone = sorted({column for column in before.values() if column not in spool.columns})
    if gone:
        raise _changed(name, gone, "are no longer among its columns")
    vital = {"source_id", "occurred_from", *(PLACES if spool.rows >= ENOUGH else ())}
    empty = sorted({column for field, column in before.items() if field in vital - set(now)})
    if empty and spool.rows and not _places_elsewhere(before, now, empty):
        raise _changed(name, empty, "are empty in every row")


def _places_elsewhere(before: dict[str, str], now: dict[str, str], empty: list[str]) -> bool:
    """Whether it is places alone that moved from one column to another."""
    lost = {field for field, column in before.items() if column in empty}
    return lost <= set(PLACES) and any(field in now for field in PLACES)


def _changed(name: str, columns: list[str], what: str) -> FeedError:
    listed = "”, “".join(columns[:5])
    return FeedError(
        f"The source of “{name}” changed: “{listed}”, which had values before, {what}. Nothing was "
        "written; look at the source, and if it stays so give the feed a mapping of its columns.",
        Reason.SCHEMA,
    )


def question_of(feed: Any, options: Optional[dict]) -> str:
    """What a feed asks its source for, as a text that differs where that does.

    ``options`` are those that were given: a source that gets another one asks nothing else by it.
    """
    from ..model.incident import content_id

    told = sorted((options or {}).items())
    return content_id(feed.address, repr(told), feed.since)


def reading_of(reading: Reading) -> str:
    """How a feed reads its rows, as a text that differs where that does."""
    from ..model.incident import content_id

    told = repr(sorted(reading.mapping.items(), key=lambda pair: pair[0]))
    return content_id(reading.preset, told, reading.timezone)
