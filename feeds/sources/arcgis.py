"""ArcGIS FeatureServer and MapServer layers, read anew only when their last edit says so."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any, Generator, Mapping, Optional

from ..http.errors import FeedError, Reason
from ..instants import iso_instant, of_milliseconds
from ..source import Asked, Batch, Checked, Option, Outcome, Source
from .arcgislayer import ArcGISLayer, literal
from .arcgispages import Pages, count, everything
from .arcgisrows import ArcGISRows
from .trial import due_in_full, trial


def read(asked: Asked) -> Generator[Batch, None, Outcome]:
    """All records of the layer, or those edited since the last run, a batch a reply."""
    layer = ArcGISLayer(asked)
    layer.describe()
    settings = json.dumps([layer.address, asked.options, str(asked.since)], sort_keys=True)
    mark = asked.mark if asked.mark.get("settings") == settings else {}
    if not asked.full and layer.last_edit is not None and mark.get("last_edit") == layer.last_edit:
        return Outcome(mark=asked.mark, nothing_new=True)
    whole = asked.full or due_in_full(asked, mark) or not can_be_partial(layer, mark)
    where = condition(asked, layer, None if whole else mark["last_edit"])
    pages = Pages(layer, ArcGISRows(layer), where, asked.warn)
    total = count(pages)
    yield from everything(pages, total)
    if pages.rows.without_id:
        asked.warn(
            "The layer numbers its records in no field: set the option id_field, or a corrected "
            "record cannot be told from a new one."
        )
    full_at = asked.now.isoformat() if whole else mark["full_at"]
    return Outcome(
        mark={"settings": settings, "last_edit": layer.last_edit, "full_at": full_at},
        snapshot=whole and pages.complete,
        window=(asked.since, None) if asked.since and date_field(layer) else None,
        complete=pages.complete,
    )


def condition(asked: Asked, layer: ArcGISLayer, edited_since: Optional[int]) -> str:
    """The where clause: the option's, nothing before ``since``, and what was edited since then."""
    parts = [asked.options.get("where") or "1=1"]
    field = date_field(layer)
    if asked.since is not None and field:
        # A layer may keep its dates in a zone of its own: a day earlier loses nothing.
        parts.append(f"{field} >= {literal(asked.since - timedelta(days=1))}")
    if edited_since is not None:
        moment = of_milliseconds(edited_since) - timedelta(seconds=1)
        parts.append(f"{layer.edit_field} >= {literal(moment)}")
    if len(parts) == 1:
        return parts[0]
    return " AND ".join(f"({part})" for part in parts)


def date_field(layer: ArcGISLayer) -> Optional[str]:
    """The field to hold ``since`` against: the option's, else the layer's own start of time."""
    return layer.options.get("date_field") or (layer.meta.get("timeInfo") or {}).get(
        "startTimeField"
    )


def can_be_partial(layer: ArcGISLayer, mark: Mapping[str, Any]) -> bool:
    """Whether the layer tells each record's last edit, so that the edited ones can be asked for."""
    return bool(layer.edit_field and mark.get("last_edit") and layer.last_edit)


def check(asked: Asked) -> Checked:
    """The layer's description, its count, and the first and last date where it names a field."""
    return trial(asked, _look)


def _look(asked: Asked, found: Checked) -> None:
    layer = ArcGISLayer(asked)
    meta = layer.describe()
    pages = Pages(layer, ArcGISRows(layer), condition(asked, layer, None), asked.warn)
    found.rows = count(pages)
    found.sentences.append(f"The layer is “{meta.get('name')}” with {len(layer.fields)} fields.")
    if layer.last_edit:
        found.sentences.append(f"Its {pages.version}.")
    if not layer.located:
        found.sentences.append("Its records have no geometry.")
    field = date_field(layer)
    if not field:
        return
    wanted = [
        {"statisticType": kind, "onStatisticField": field, "outStatisticFieldName": name}
        for kind, name in (("min", "first_date"), ("max", "last_date"))
    ]
    try:
        _, value = layer.query(where=pages.where, outStatistics=json.dumps(wanted))
        values = value["features"][0]["attributes"]
    except (FeedError, KeyError, IndexError) as error:
        if isinstance(error, FeedError) and error.reason is not Reason.REFUSED:
            raise
        found.sentences.append("The server gives no first and last date.")
        return
    named = {name.casefold(): value for name, value in values.items()}
    first, last = named.get("first_date"), named.get("last_date")
    found.first, found.last = day_of(first), day_of(last)


def day_of(value: Any):
    """The UTC day of milliseconds or of an ISO text; None where it is none."""
    moment = of_milliseconds(value) or (iso_instant(value) if isinstance(value, str) else None)
    return moment.date() if moment else None


SOURCE = Source(
    name="arcgis",
    title="ArcGIS feature or map service",
    help=(
        "One layer of an ArcGIS FeatureServer or MapServer. Give the layer's address, ending in "
        "its number, as …/FeatureServer/0. A layer that says when it was last edited is only read "
        "when that changed."
    ),
    read=read,
    check=check,
    options=(
        Option("where", "Condition (SQL)", default="1=1", help="Which records are wanted."),
        Option("bbox", "Area", "bbox", help="Only records that touch this box, in degrees."),
        Option(
            "date_field",
            "Date field for SINCE",
            help="The field that holds when it happened; the layer's own start of time if empty.",
        ),
        Option(
            "id_field",
            "Id field",
            help="The field whose value stays with a record; if empty the layer's global id, else "
            "its object id.",
        ),
        Option("page_size", "Records a page", "integer", help="At most what the server allows."),
        Option("format", "Format", "choice", default="json", choices=("json", "geojson")),
        Option(
            "midnight",
            "00:00 means",
            "choice",
            default="day",
            choices=("day", "time"),
            help="Whether a date at 00:00 UTC is that whole day, or that minute.",
        ),
        Option(
            "domains",
            "Names for coded values",
            "boolean",
            default=True,
            help="Put the name of a coded value in place of its code.",
        ),
        Option(
            "full_every_hours",
            "Read everything every (hours)",
            "integer",
            default=24,
            help="Between these, a layer that keeps the date of each edit is asked for edits only.",
        ),
        Option(
            "token_url", "Address that makes tokens", help="Such as …/sharing/rest/generateToken."
        ),
        Option(
            "token_in",
            "Send the token in",
            "choice",
            default="header",
            choices=("header", "form"),
            help="Servers before 10.5 take it in a form only.",
        ),
    ),
    credentials=("none", "token", "login"),
    id_prefix="arcgis",
)
