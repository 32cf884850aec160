"""An Ushahidi deployment, v5 and v3, as far as a reader of its posts sees it."""

from __future__ import annotations

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
    """``posts`` by id; ``cap`` is the largest page it gives; ``off`` is added to totals."""

    def __init__(self, posts=(), cap: int = 3, **more):
        self.posts = {one["id"]: one for one in posts}
        self.cap, self.off = cap, 0
        super().__init__(**more)

    def answer(self, request: Request) -> Answer:
        """One page of posts."""
        if not request.path.endswith("/posts"):
            return json_answer({"error": "not found"}, 404)
        wanted, after = request.one("status", "published"), request.one("updated_after", "")
        found = [
            one
            for one in self.posts.values()
            if wanted in ("all", one["status"]) and one["updated"] >= after
        ]
        limit = min(self.cap, int(request.one("limit", "20")))
        v5 = "/v5/" in request.path
        start = (int(request.one("page", "1")) - 1) * limit if v5 else int(request.one("offset"))
        told = {"results": found[start : start + limit], "count": limit}
        total = len(found) + self.off
        return json_answer(
            {**told, **({"meta": {"total": total}} if v5 else {"total_count": total})}
        )
