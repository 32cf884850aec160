"""A plain web server with one file, with the validators that it is told to give."""

from __future__ import annotations

import hashlib
from email.utils import formatdate

from .serving import Answer, Request, Serving, compressed


class UrlServer(Serving):
    """``body`` is the file; ``validators``: "etag", "date", "both" or "none"."""

    def __init__(self, body: bytes, validators: str = "etag", **more):
        self.body = body
        self.validators = validators
        self.changed = 1_740_000_000
        self.headers: dict[str, str] = {"Content-Type": "text/csv"}
        self.zipped = False
        super().__init__(**more)

    def answer(self, request: Request) -> Answer:
        """The file, or 304 where the request's validators are those that it has."""
        if request.path.startswith("/secret") and request.headers.get("authorization") is None:
            return Answer(401, "no")
        tag, date = f'"{hashlib.sha256(self.body).hexdigest()[:12]}"', formatdate(self.changed)
        headers = dict(self.headers)
        if self.validators in ("etag", "both"):
            headers["ETag"] = tag
            if request.headers.get("if-none-match") == tag:
                return Answer(304, b"", headers)
        if self.validators in ("date", "both"):
            headers["Last-Modified"] = date
            if request.headers.get("if-modified-since") == date:
                return Answer(304, b"", headers)
        answer = Answer(200, self.body, headers)
        return compressed(request, answer) if self.zipped else answer
