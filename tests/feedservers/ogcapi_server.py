"""An OGC API - Features service: a collection with next links, limits and odd manners."""

from __future__ import annotations

import json
from typing import Any, Callable, Optional

from tests.feedservers.serving import Answer, Request, Serving, json_answer, with_validator

COLLECTION = "/features/collections/reports"


def feature(number: int, x: float = 20.0, y: float = 47.0, **properties: Any) -> dict:
    """A fictional report."""
    named = {"date": "2026-01-31T18:47:00Z", "kind": "shelling", **properties}
    geometry = {"type": "Point", "coordinates": [x, y]}
    return {"type": "Feature", "id": f"r{number}", "geometry": geometry, "properties": named}


class OgcApiServer(Serving):
    """One collection; ``link`` makes the next link of an offset, ``matched`` what is counted."""

    def __init__(self, features: Optional[list] = None, **manners: Any):
        self.features = list(features or [])
        self.most = 5
        self.crs: Optional[str] = None
        self.schema: Optional[dict] = None
        self.token: Optional[str] = None
        self.matched: Callable[[int], Any] = lambda count: count
        self.link: Callable[[int], str] = lambda at: f"{self.address}{COLLECTION}/items?offset={at}"
        self.before_page: Callable[[int], None] = lambda _number: None
        self.pages = 0
        for name, value in manners.items():
            setattr(self, name, value)
        super().__init__()

    def answer(self, request: Request) -> Answer:
        """The collection, its schema, or a page of its items."""
        if self.token and request.headers.get("authorization") != f"Bearer {self.token}":
            return Answer(401, "who are you?")
        if request.path == COLLECTION:
            links = [{"rel": "items", "href": "items"}]
            if self.schema is not None:
                rel = "http://www.opengis.net/def/rel/ogc/1.0/schema"
                links.append({"rel": rel, "href": f"{COLLECTION}/schema"})
            extent = {"temporal": {"interval": [["2025-12-24T00:00:00Z", "2026-01-31T18:47:00Z"]]}}
            told = {"id": "reports", "title": "Reports", "links": links, "extent": extent}
            return json_answer(told)
        if request.path == COLLECTION + "/schema":
            return json_answer({"type": "object", "properties": self.schema})
        if request.path != COLLECTION + "/items":
            return Answer(404, "nothing here")
        self.pages += 1
        self.before_page(self.pages)
        at = int(request.one("offset", "0"))
        size = min(int(request.one("limit", "1000")), self.most)
        page = self.features[at : at + size]
        links = [{"rel": "self", "href": "items"}]
        if at + size < len(self.features):
            links.append({"rel": "next", "type": "text/html", "href": "/html"})
            links.append(
                {"rel": "next", "type": "application/geo+json", "href": self.link(at + size)}
            )
        value = {"type": "FeatureCollection", "features": page, "links": links}
        counted = self.matched(len(self.features))
        if counted is not None:
            value["numberMatched"] = counted
        headers = {"Content-Type": "application/geo+json"}
        if self.crs:
            headers["Content-Crs"] = f"<{self.crs}>"
        return with_validator(request, Answer(200, json.dumps(value), headers))
