"""HDX HAPI's conflict events: filters, limit and offset, and the identifier it asks for."""

from __future__ import annotations

from typing import Any, Callable, Optional

from tests.feedservers.serving import Answer, Request, Serving, json_answer

PATH = "/api/v2/coordination-context/conflict-events"


def month(
    area: str, start: str, events: Any, kind: str = "political_violence", **more: Any
) -> dict:
    """A row: an area's number of events in a month. All names are fictional."""
    year, number = int(start[:4]), int(start[5:7])
    last = {2: 28, 4: 30, 6: 30, 9: 30, 11: 30}.get(number, 31)
    return {
        "resource_hdx_id": "0001",
        "location_ref": 1,
        "location_code": "VAL",
        "location_name": "Vale",
        "admin1_ref": 2,
        "admin1_code": "VAL01",
        "admin1_name": "Upper Vale",
        "provider_admin1_name": "Upper Vale",
        "admin2_ref": 3,
        "admin2_code": area,
        "admin2_name": f"District {area}",
        "provider_admin2_name": f"District {area}",
        "admin_level": 2,
        "event_type": kind,
        "events": events,
        "fatalities": 0,
        "reference_period_start": f"{start}T00:00:00",
        "reference_period_end": f"{year}-{number:02d}-{last}T23:59:59",
        "has_hrp": True,
        "in_gho": True,
        **more,
    }


class HapiServer(Serving):
    """Rows with filters; ``knows`` are the filters that it heeds."""

    def __init__(self, rows: Optional[list] = None, **manners: Any):
        self.rows = list(rows or [])
        self.knows = {"event_type", "location_code", "admin_level", "offset"}
        self.identifier: Optional[str] = "dmFsZTp2YWxl"
        self.before_page: Callable[[int], None] = lambda _number: None
        self.pages = 0
        for name, value in manners.items():
            setattr(self, name, value)
        super().__init__()

    def answer(self, request: Request) -> Answer:
        """A page of rows."""
        if request.path != PATH:
            return Answer(404, "nothing here")
        if self.identifier and self.identifier not in (
            request.headers.get("x-hdx-hapi-app-identifier"),
            request.one("app_identifier"),
        ):
            return json_answer({"error": "Invalid app_identifier"}, 403)
        self.pages += 1
        self.before_page(self.pages)
        found = self.rows
        for name in self.knows & {"event_type", "location_code", "admin_level"}:
            if request.one(name):
                found = [row for row in found if str(row[name]) == request.one(name)]
        at = int(request.one("offset", "0")) if "offset" in self.knows else 0
        return json_answer({"data": found[at : at + int(request.one("limit", "10000"))]})
