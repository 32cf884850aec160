"""An Ushahidi deployment, v5 and v3, as far as a reader of its posts sees it."""

from __future__ import annotations

from typing import Callable, Optional

from .serving import Answer, Request, Serving, json_answer


def post(number: int, updated: str = "2025-03-01T10:00:00+00:00", **more) -> dict:
    """A published post with a place."""
    place = {"label": "Where", "type": "point", "value": {"value": {"lat": 14.5, "lon": -17.25}}}
    return {
        "id": number,
        "title": f"Report {number}",
        "content": "Shelling heard",
        "status": "published",
        "post_date": "2025-02-03T04:05:00+00:00",
        "created": "2025-02-04T00:01:00+00:00",
        "updated": updated,
        "author_email": "ada@example.org",
        "author_realname": "Ada Example",
        "post_content": [{"fields": [place]}],
        **more,
    }


class UshahidiServer(Serving):
    """``posts`` by id; ``cap`` is the largest page it gives; ``off`` is added to totals.

    ``token``: who does not bring it is not let in. ``stuck``: every page is the first one.
    ``meanwhile`` are things done after the answer of that number (the first is 1).
    """

    def __init__(self, posts=(), cap: int = 3, token: Optional[str] = None, **more):
        self.posts = {one["id"]: one for one in posts}
        self.cap, self.off, self.token = cap, 0, token
        self.stuck, self.tells_total = False, True
        self.meanwhile: dict[int, Callable[[], object]] = {}
        self.answered = 0
        super().__init__(**more)

    def answer(self, request: Request) -> Answer:
        """One page of posts."""
        if not request.path.endswith("/posts"):
            return json_answer({"error": "not found"}, 404)
        if self.token and request.headers.get("authorization") != f"Bearer {self.token}":
            return json_answer({"error": "unauthorized"}, 401)
        answer = self.page(request)
        self.answered += 1
        self.meanwhile.pop(self.answered, lambda: None)()
        return answer

    def page(self, request: Request) -> Answer:
        """The posts of one page."""
        found = [one for one in self.posts.values() if wanted(one, request)]
        limit = min(self.cap, int(request.one("limit", "20")))
        v5 = "/v5/" in request.path
        start = (int(request.one("page", "1")) - 1) * limit if v5 else int(request.one("offset"))
        start = 0 if self.stuck else start
        told = {"results": found[start : start + limit], "count": limit}
        if self.tells_total:
            total = len(found) + self.off
            told.update({"meta": {"total": total}} if v5 else {"total_count": total})
        return json_answer(told)


def wanted(one: dict, request: Request) -> bool:
    """Whether a post is within what is asked for."""
    status, after = request.one("status", "published"), request.one("updated_after", "")
    if status not in ("all", one["status"]) or str(one["updated"]) < after:
        return False
    form, tags, bbox = (request.one(name) for name in ("form", "tags", "bbox"))
    if form and str(one.get("form_id")) not in form.split(","):
        return False
    if tags and not {str(tag["id"]) for tag in one.get("categories", ())} & set(tags.split(",")):
        return False
    if bbox:
        west, south, east, north = map(float, bbox.split(","))
        lon, lat = one["geometry"]["coordinates"]
        return west <= lon <= east and south <= lat <= north
    return True
