"""A KoboToolbox server (API v2) as far as a reader of one form sees it; its truth can be changed.

Records keep the order of ``_id``; pages are by offset, so a deletion between two pages shifts the
rest, as at the real one. Rows are sparse: a record has only the answers that were given.
"""

from __future__ import annotations

import json
from urllib.parse import urlencode

from .serving import Answer, Request, Serving, json_answer

UID = "aXq7Tn9vegi3Z49MXwKjep"
KEY = "0123456789abcdef0123456789abcdef01234567"


class KoboServer(Serving):
    """``records`` by ``_id``; ``cap`` is the server's own limit; ``content`` the form's questions.

    ``before_page`` is called with the number of the data request (from 1) before it is answered.
    ``next_link`` may replace the link that a page gives. ``count_off`` is added to every count.
    """

    def __init__(self, records=(), content=None, cap: int = 1000, **more):
        self.records = {record["_id"]: record for record in records}
        self.content = content
        self.cap = cap
        self.hidden = False
        self.count_off = 0
        self.next_link = None
        self.before_page = None
        self.data_requests = 0
        super().__init__(**more)

    def answer(self, request: Request) -> Answer:
        """What the paths of one asset say."""
        if request.headers.get("authorization") != f"Token {KEY}":
            return json_answer({"detail": "Invalid token."}, 401)
        base = f"/api/v2/assets/{UID}"
        if self.hidden or not request.path.startswith(base):
            return json_answer({"detail": "Not found."}, 404)
        if request.path == f"{base}.json":
            return json_answer({"uid": UID, "name": "Reports", "content": self.content})
        if request.path == f"{base}/data.json":
            return self.data(request)
        return json_answer({"detail": "Not found."}, 404)

    def data(self, request: Request) -> Answer:
        """One page of submissions."""
        self.data_requests += 1
        if self.before_page is not None:
            self.before_page(self.data_requests)
        found = [self.records[key] for key in sorted(self.records)]
        if request.one("query"):
            try:
                found = [one for one in found if matches(one, json.loads(request.one("query")))]
            except ValueError:
                return Answer(400, "Unsupported query", {"Content-Type": "text/plain"})
        if json.loads(request.one("sort", "{}")).get("_id") == -1:
            found.reverse()
        start, limit = int(request.one("start", "0")), int(request.one("limit", "100"))
        limit = min(limit, self.cap)
        page = found[start : start + limit]
        if request.one("fields"):
            fields = json.loads(request.one("fields"))
            page = [{name: one.get(name) for name in fields} for one in page]
        return json_answer(
            {
                "count": len(found) + self.count_off,
                "next": self.link(request, start + limit, limit, len(found)),
                "previous": None,
                "results": page,
            }
        )

    def link(self, request: Request, start: int, limit: int, total: int):
        """The link to the next page as kpi writes it."""
        if start >= total:
            return None
        if self.next_link is not None:
            return self.next_link
        query = {name: values[0] for name, values in request.query.items()}
        query.update(start=start, limit=limit)
        return f"{self.address}{request.path}?{urlencode(query)}"


def matches(record: dict, condition: dict) -> bool:
    """The conditions that the tests use: equality and ``$in``."""
    return all(
        record.get(name) in wanted["$in"]
        if isinstance(wanted, dict)
        else record.get(name) == wanted
        for name, wanted in condition.items()
    )


def submission(number: int, **answers) -> dict:
    """A submission with Kobo's own entries, as the API gives them."""
    own = {
        "_id": number,
        "formhub/uuid": "5388c680d19148828ea45913af820f30",
        "start": "2025-03-01T10:37:39.565-00:00",
        "end": "2025-03-01T10:38:20.667-00:00",
        "today": "2025-03-01",
        "__version__": "v1",
        "meta/instanceID": f"uuid:bc989238-0000-0000-0000-{number:012d}",
        "_uuid": f"bc989238-0000-0000-0000-{number:012d}",
        "_attachments": [],
        "_status": "submitted_via_web",
        "_geolocation": [None, None],
        "_submission_time": "2025-03-01T10:38:30",
        "_tags": [],
        "_notes": [],
        "_validation_status": {},
        "_submitted_by": "patrol_two",
    }
    return {**own, **answers}
