"""ACLED's API as its clients describe it: OAuth, cursors, pages, deletions, embargo."""

from __future__ import annotations

import json
from typing import Optional

from tests.feedservers.serving import Answer, Request, Serving, json_answer

USER, PASSWORD = "watcher@example.org", "p&ss wörd/7"


def event(number: int, **values) -> dict:
    """A fictional event; all values as text, as ACLED sends them."""
    return {
        "event_id_cnty": f"VAL{number}",
        "event_date": "2026-03-04",
        "time_precision": "1",
        "disorder_type": "Political violence",
        "event_type": "Explosions/Remote violence",
        "sub_event_type": "Shelling/artillery/missile attack",
        "actor1": "Northern Forces",
        "actor2": "",
        "country": "Vale",
        "admin1": "Upper Vale",
        "location": "Mill",
        "latitude": "47.5",
        "longitude": f"{20 + number / 1000:.3f}",
        "geo_precision": "1",
        "source": "Vale Courier",
        "notes": f"Shelling number {number}.",
        "fatalities": "0",
        "tags": "",
        "timestamp": str(1_770_000_000 + number),
        **{key: str(value) for key, value in values.items()},
    }


class AcledServer(Serving):
    """Holds ``events`` by id and ``deleted`` (id to timestamp); the rest are switches.

    ``cursors`` or ``pages`` say what paging the server knows; ``tokens_last`` how many requests a
    token is good for; ``refreshing`` whether refresh tokens are taken; ``embargo`` the last day
    that may be read; ``tier`` is open or research. ``bend(body, request)`` may change a reply.
    """

    def __init__(self, events=()):
        self.events = {one["event_id_cnty"]: one for one in events}
        self.deleted: dict[str, int] = {}
        self.cursors = self.pages = self.refreshing = True
        self.tells_total = True
        self.tokens_last: Optional[int] = None
        self.embargo: Optional[str] = None
        self.tier = "research"
        self.bend = None
        self.grants: list[str] = []
        self._uses: dict[str, int] = {}
        super().__init__()

    def answer(self, request: Request) -> Answer:
        if request.path == "/oauth/token" and request.method == "POST":
            return self._grant(request.form())
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self._uses:
            return json_answer({"message": "token invalid"}, 401)
        self._uses[token] += 1
        if self.tokens_last is not None and self._uses[token] > self.tokens_last:
            return json_answer({"message": "token expired"}, 401)
        if self.tier == "open":
            return json_answer({"message": "Access denied"}, 403)
        if request.path == "/api/acled/read":
            return self._read(request)
        if request.path == "/api/deleted/read":
            return self._deleted(request)
        return Answer(404, "no such endpoint")

    def _grant(self, form: dict) -> Answer:
        self.grants.append(form.get("grant_type", ""))
        right = form.get("client_id") == "acled" and (
            (form.get("username"), form.get("password")) == (USER, PASSWORD)
            if form.get("grant_type") == "password"
            else self.refreshing and form.get("refresh_token") == f"refresh-{len(self._uses)}"
        )
        if not right:
            return json_answer({"error": "invalid_grant"}, 400)
        token = f"access-token-{len(self._uses) + 1}"
        self._uses[token] = 0
        return json_answer(
            {
                "token_type": "Bearer",
                "expires_in": 86400,
                "access_token": token,
                "refresh_token": f"refresh-{len(self._uses)}",
            }
        )

    def _read(self, request: Request) -> Answer:
        rows = [one for one in self.events.values() if self._fits(one, request)]
        total, limit = len(rows), int(request.one("limit", "5000"))
        begin, cursor = 0, request.one("cursor")
        if cursor is not None and self.cursors:
            begin = int(cursor.removeprefix("c"))
        elif self.pages:
            begin = (int(request.one("page", "1")) - 1) * limit
        part = rows[begin : begin + limit]
        fields = (request.one("fields") or "").split("|")
        part = [{name: one[name] for name in fields if name in one} for one in part]
        body = {
            "status": 200,
            "success": True,
            "last_update": 3,
            "count": len(part),
            "messages": [],
            "data": part,
            "filename": "acled",
        }
        if self.tells_total:
            body["total_count"] = total
        if self.cursors and cursor is not None:
            body["next_cursor"] = f"c{begin + limit}" if begin + limit < total else None
        if self.embargo:
            recency = {"quantity": 12, "unit": "Months", "date": self.embargo}
            body["data_query_restrictions"] = {"date_recency": recency}
        if self.bend is not None:
            body = self.bend(body, request)
        if isinstance(body, Answer):
            return body
        return json_answer(json.loads(json.dumps(body)))

    def _fits(self, one: dict, request: Request) -> bool:
        if self.embargo and one["event_date"] > self.embargo:
            return False
        for name in ("country", "event_type"):
            wanted = request.one(name)
            if wanted and one[name] not in wanted.split("|"):
                return False
        since = request.one("timestamp")
        if since and request.one("timestamp_where") == ">=" and int(one["timestamp"]) < int(since):
            return False
        day = request.one("event_date")
        if day and request.one("event_date_where") == ">=":
            return one["event_date"] >= day
        if day and request.one("event_date_where") == "BETWEEN":
            low, high = day.split("|")
            return low <= one["event_date"] <= high
        return True

    def _deleted(self, request: Request) -> Answer:
        assert request.one("deleted_timestamp_where") == ">="
        since = int(request.one("deleted_timestamp"))
        data = [
            {"event_id_cnty": name, "deleted_timestamp": str(when)}
            for name, when in self.deleted.items()
            if when >= since
        ]
        return json_answer({"status": 200, "success": True, "count": len(data), "data": data})

    def delete(self, name: str, when: int) -> None:
        """Take an event away and say so at the deletions endpoint."""
        with self.lock:
            self.events.pop(name)
            self.deleted[name] = when
