"""UCDP's API and downloads: versions, pages in any order, a token, a quota, a throttle, files."""

from __future__ import annotations

import csv
import io
import random
import zipfile

from ceasefire_monitor.feeds.sources.ucdp_api import COLUMNS
from tests.feedservers.serving import Answer, Request, Serving, json_answer, with_validator

TOKEN = "ucdp-token-of-the-tests"
WHOLE = {"id", "type_of_violence", "where_prec", "date_prec", "best", "high", "low", "country_id"}


def event(number: int, **values) -> dict:
    """A fictional event with the types of UCDP's JSON."""
    one = dict.fromkeys(COLUMNS)
    one.update(
        id=number,
        relid=f"VAL-{number}",
        type_of_violence=1,
        side_a="Northern Forces",
        side_b="Southern Forces",
        where_prec=1,
        where_coordinates="Mill",
        adm_1="Upper Vale",
        latitude=47.5,
        longitude=20 + number / 1000,
        country="Vale",
        country_id=901,
        event_clarity=1,
        date_prec=1,
        date_start=f"2025-{1 + number % 12:02d}-10T00:00:00",
        date_end=f"2025-{1 + number % 12:02d}-10T00:00:00",
        deaths_civilians=0,
        best=number % 5,
        high=number % 5 + 1,
        low=number % 5,
    )
    one.update(values)
    return one


def events_of(path) -> list[dict]:
    """The rows of a real CSV as the API gives them: whole numbers and degrees as numbers."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for name, text in row.items():
            if text == "":
                row[name] = None
            elif name in WHOLE:
                row[name] = int(float(text))
            elif name in ("latitude", "longitude"):
                row[name] = float(text)
    return rows


class UcdpServer(Serving):
    """Holds ``versions`` (name to list of events); rows of a page come in no order.

    ``bend(body, request)`` may change a reply of the API; ``throttle`` answers so many requests
    with 400 first; ``ends_with`` is the NextPageUrl of the last page; ``needs_token`` as in 2026.
    """

    def __init__(self, versions=None):
        self.versions = versions or {}
        self.needs_token = True
        self.throttle = 0
        self.bend = None
        self.ends_with = ""
        super().__init__()

    def answer(self, request: Request) -> Answer:
        if request.path.startswith("/downloads/"):
            return self._file(request)
        if self.throttle > 0:
            self.throttle -= 1
            return Answer(400, "Bad Request")
        if self.needs_token and request.headers.get("x-ucdp-access-token") != TOKEN:
            return Answer(401, "API token required. Add header: x-ucdp-access-token")
        version = request.path.rpartition("/")[2]
        if version not in self.versions:
            return Answer(404, "Not Found")
        return self._page(version, request)

    def _page(self, version: str, request: Request) -> Answer:
        rows = [one for one in self.versions[version] if self._fits(one, request)]
        random.Random(version).shuffle(rows)
        size, page = int(request.one("pagesize")), int(request.one("page", "0"))
        pages = -(-len(rows) // size)
        there = f"{self.address}{request.path}?"
        body = {
            "TotalCount": len(rows),
            "TotalPages": pages,
            "PreviousPageUrl": "",
            "NextPageUrl": self.ends_with,
            "Result": rows[page * size : (page + 1) * size],
        }
        if page + 1 < pages:
            query = "&".join(
                f"page={page + 1}" if part.startswith("page=") else part
                for part in request.target.partition("?")[2].split("&")
            )
            body["NextPageUrl"] = there + query
        if self.bend is not None:
            body = self.bend(body, request)
        return body if isinstance(body, Answer) else json_answer(body)

    @staticmethod
    def _fits(one: dict, request: Request) -> bool:
        country = request.one("Country")
        if country and str(one["country_id"]) not in country.split(","):
            return False
        since = request.one("StartDate")
        return not since or one["date_end"][:10] >= since

    def _file(self, request: Request) -> Answer:
        name = request.path.rpartition("/")[2]
        for version, rows in self.versions.items():
            packed = name == f"ged{version[:2]}1-csv.zip" and version.endswith(".1")
            if packed or name == f"GEDEvent_v{version.replace('.', '_')}.csv":
                data = table_of(rows)
                body = archive_of(data) if packed else data
                return with_validator(request, Answer(200, body, {"Content-Type": "text/csv"}))
        return Answer(404, "<!DOCTYPE html><title>Not found</title>")


def table_of(rows: list[dict]) -> bytes:
    """The rows as UCDP's CSV."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def archive_of(data: bytes) -> bytes:
    """A ZIP with one table, the same bytes for the same table."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo("GEDEvent.csv", (2026, 1, 1, 0, 0, 0))
        archive.writestr(entry, data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
