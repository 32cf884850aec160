"""An OGC API - Features service of invented reports, small and mutable, to try algorithms on."""

from __future__ import annotations

import threading

from .serving import Answer, Request, Serving, json_answer

ITEMS = "/collections/reports/items"


def report(number: int, **more) -> dict:
    """The properties and place of one report; ``more`` overrules them."""
    return {
        "date": f"2025-03-{number:02d}T10:00:00Z",
        "category": "firing/shelling",
        "place": f"Post {number}",
        "description": "heard",
        "lon": 20.0 + number / 100,
        "lat": 10.0,
        **more,
    }


class ReportsServer(Serving):
    """``reports`` is the truth, by id: see ``report``. Pages have ``page`` items.

    ``token`` is asked for where it is set. ``fault`` is None, ``refuse`` (403 whose body repeats
    what was sent), ``broken`` (500), ``short`` (the second page is not there though it is counted)
    or ``stall`` (no answer until ``close``).
    """

    def __init__(self, token: str = ""):
        self.reports: dict = {}
        self.token, self.page, self.fault = token, 100, None
        self.stalled, self._released = threading.Event(), threading.Event()
        super().__init__()
        self.collection = f"{self.address}/collections/reports"

    def close(self) -> None:
        """Release who waits, and stop."""
        self._released.set()
        super().close()

    def respond(self, request: Request, handler) -> None:
        """Stall outside of the lock; else answer."""
        if self.fault == "stall" and request.path == ITEMS:
            self.log.append(request)
            self.stalled.set()
            self._released.wait(60)
            return
        super().respond(request, handler)

    def answer(self, request: Request) -> Answer:
        """The collection's description, or a page of its items."""
        sent = request.headers.get("authorization", "")
        if self.fault == "refuse":
            return json_answer({"error": f"{sent} may not read this"}, 403)
        if self.fault == "broken":
            return json_answer({"error": "out of order"}, 500)
        if self.token and sent != f"Bearer {self.token}":
            return json_answer({"error": f"{sent} is not known here"}, 401)
        if request.path == "/collections/reports":
            interval = [["2025-03-01T00:00:00Z", None]]
            return json_answer(
                {
                    "id": "reports",
                    "title": "Reports",
                    "extent": {"temporal": {"interval": interval}},
                }
            )
        if request.path != ITEMS:
            return json_answer({"error": "nothing here"}, 404)
        return self._items(request)

    def _items(self, request: Request) -> Answer:
        start, size = int(request.one("start", "0")), self.page
        size = min(size, int(request.one("limit", str(size))))
        if self.fault == "short" and start:
            return json_answer({"type": "FeatureCollection", "features": []})
        some = list(self.reports.items())[start : start + size]
        page = {
            "type": "FeatureCollection",
            "features": [feature(identifier, one) for identifier, one in some],
            "numberMatched": len(self.reports),
            "links": [],
        }
        if start + size < len(self.reports):
            following = f"{self.address}{ITEMS}?start={start + size}"
            page["links"].append({"rel": "next", "type": "application/geo+json", "href": following})
        return json_answer(page, Content_Type="application/geo+json")


def feature(identifier, one: dict) -> dict:
    """A report as GeoJSON; without a place where its longitude is None."""
    properties = {name: value for name, value in one.items() if name not in ("lon", "lat")}
    place = {"type": "Point", "coordinates": [one["lon"], one["lat"]]}
    return {
        "type": "Feature",
        "id": identifier,
        "geometry": place if one["lon"] is not None else None,
        "properties": properties,
    }
