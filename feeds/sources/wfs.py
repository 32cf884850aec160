"""WFS 2.0 and 1.1: a feature type's features, page after page, as GeoJSON or GML.

Axis order: what a formal name of the system (urn, /def/crs/) says for GML; GeoJSON has longitude
first. The option ``axes`` overrules both, for servers that do otherwise.
"""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Generator, Optional

from ..source import Asked, Batch, Checked, Option, Outcome, Source
from .featurerows import FeatureRows, id_text
from .gmlfeatures import GmlFeatures
from .trial import trial
from .wfsservice import WFS, Page

# What GeoServer calls features of a view without a key: made anew at each request.
PASSING_ID = re.compile(r"(?:^|\.)fid-+[0-9a-f]+_[0-9a-f]+_-?[0-9a-f]+$")


def read(asked: Asked) -> Generator[Batch, None, Outcome]:
    """All features of the type, a batch a page, held against the number that the server counts."""
    service = WFS(asked)
    service.settle()
    table = FeatureRows(service.names(), True, asked.options.get("midnight") or "day")
    total = service.hits()
    reader = GmlFeatures(service.axes, service.srs)
    reading = Reading(asked, table)
    start, complete = 0, True
    while True:
        page = service.page(start, reader)
        fresh, batch = reading.batch(page)
        if page.features or not start:
            yield batch
        if page.matched is not None and total is not None and page.matched != total:
            asked.warn(
                f"The server first counted {total:,} features, then {page.matched:,}: they changed "
                "while they were read, and nothing is taken for withdrawn until the next time."
            )
            complete, total = False, page.matched
        total = page.matched if total is None else total
        start += len(page.features)
        if not page.features or (total is not None and reading.given >= total):
            break
        if not fresh:
            asked.warn(
                "The server gives the same page again and again, whatever startIndex is asked for "
                "(a loop): reading stopped there, and what is missing is not taken for withdrawn."
            )
            complete = False
            break
    complete = reading.agrees(total) and complete
    return Outcome(
        mark={"full_at": asked.now.isoformat()},
        snapshot=complete,
        total=total if complete else None,
        complete=complete,
    )


@dataclasses.dataclass
class Reading:
    """Which features came; each is taken once, by its id or else by all that it holds."""

    asked: Asked
    table: FeatureRows
    seen: set = dataclasses.field(default_factory=set)
    given: int = 0
    doubled: int = 0
    passing: bool = False

    def batch(self, page: Page) -> tuple[int, Batch]:
        """How many features of the page were new, and its batch."""
        field = self.asked.options.get("id_field")
        fresh = 0
        for own, properties, place in page.features:
            own = id_text(properties.get(field)) if field else id_text(own)
            if own is not None and not field and PASSING_ID.search(own):
                own = None
            self.passing = self.passing or own is None
            key = own or json.dumps([properties, place], sort_keys=True, default=str)
            if hash(key) in self.seen:
                self.doubled += 1
                continue
            self.seen.add(hash(key))
            fresh += 1
            self.table.add(own, properties, place)
        self.given += fresh
        columns, rows = self.table.take()
        reply, known = page.reply, self.table.whole_schema
        return fresh, Batch(reply, columns, rows, [], reply.etag, page.notes, known)

    def agrees(self, total: Optional[int]) -> bool:
        """Whether what came is what was counted; what is not so is said."""
        if self.passing:
            self.asked.warn(
                "The server's features have no lasting ids: set the option id_field, or a "
                "corrected feature cannot be told from a new one."
            )
        if total is not None and self.given < total:
            self.asked.warn(
                f"The server counts {total:,} features, but {self.given:,} came: what is missing "
                "is not taken for withdrawn. The option sort_by keeps pages from shifting."
            )
            return False
        if total is None and self.doubled:
            self.asked.warn(
                "Features came on two pages, so the pages shifted while they were read: nothing "
                "is taken for withdrawn. The option sort_by keeps them from shifting."
            )
            return False
        return True


def check(asked: Asked) -> Checked:
    """The feature type's title and how many features it counts."""
    return trial(asked, _look)


def _look(asked: Asked, found: Checked) -> None:
    service = WFS(asked)
    types = service.settle()
    found.sentences.append(f"The feature type is “{types[service.type_name]}”.")
    found.sentences.append(f"It comes as {'GeoJSON' if service.as_json else 'GML'}.")
    found.rows = service.hits()


SOURCE = Source(
    name="wfs",
    title="WFS",
    help=(
        "A feature type of a Web Feature Service. Give the service's address (what stands before "
        "the question mark) and the type's name, such as ns:incidents."
    ),
    read=read,
    check=check,
    options=(
        Option("type_name", "Feature type", required=True, help="Its name, with its prefix."),
        Option("version", "Version", "choice", default="2.0.0", choices=("2.0.0", "1.1.0")),
        Option(
            "output",
            "Output",
            "choice",
            default="auto",
            choices=("auto", "geojson", "gml"),
            help="GeoJSON where the service offers it, else GML.",
        ),
        Option("format", "outputFormat", help="The server's own word for the output, if odd."),
        Option("srs", "Coordinate system", help="EPSG:4326 if empty."),
        Option(
            "axes",
            "Axis order",
            "choice",
            default="auto",
            choices=("auto", "lonlat", "latlon"),
            help="For servers whose axes are not in the order that the system's name says.",
        ),
        Option("bbox", "Area", "bbox", help="Only features that touch this box, in degrees."),
        Option("cql_filter", "Filter (CQL)", help="For GeoServer."),
        Option("sort_by", "Sort by", help="A property that keeps the pages in order."),
        Option("page_size", "Features a page", "integer", default=1000),
        Option("id_field", "Id field", help="The property to use in place of the feature's id."),
        Option(
            "midnight",
            "00:00 means",
            "choice",
            default="day",
            choices=("day", "time"),
            help="Whether a time of 00:00 is that whole day, or that minute.",
        ),
    ),
    credentials=("none", "basic", "token", "key"),
    id_prefix="wfs",
)
