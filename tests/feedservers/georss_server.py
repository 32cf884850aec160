"""A feed of a news site: whatever XML it holds, by path, with validators."""

from __future__ import annotations

from typing import Optional

from tests.feedservers.serving import Answer, Request, Serving, with_validator

RSS = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
    'xmlns:georss="http://www.georss.org/georss" xmlns:gml="http://www.opengis.net/gml" '
    'xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Vale Courier</title>{}'
    "</channel></rss>"
)
ATOM = (
    '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" '
    'xmlns:georss="http://www.georss.org/georss" xmlns:at="http://purl.org/atompub/tombstones/1.0">'
    "<title>Vale Courier</title>{}</feed>"
)


def item(body: str = "", guid: Optional[str] = "n1", date: str = "Sat, 31 Jan 2026 18:47:00 GMT"):
    """An RSS item."""
    own = f'<guid isPermaLink="false">{guid}</guid>' if guid else ""
    when = f"<pubDate>{date}</pubDate>" if date else ""
    return (
        f"<item><title>Shelling near Mill</title><link>/news/{guid}</link>{own}{when}{body}</item>"
    )


class FeedServer(Serving):
    """Documents by path; ``documents["/feed"]`` may be changed by a test."""

    def __init__(self, document: str = "", **documents: str):
        self.documents = {"/feed": document, **{f"/{key}": text for key, text in documents.items()}}
        self.gone: set[str] = set()
        super().__init__()

    @property
    def feed(self) -> str:
        """The feed's address."""
        return self.address + "/feed"

    def answer(self, request: Request) -> Answer:
        """The document, or 304 where it is known."""
        if request.path in self.gone:
            return Answer(410, "gone")
        document = self.documents.get(request.target) or self.documents.get(request.path)
        if document is None:
            return Answer(404, "nothing here")
        text = document.replace("{home}", self.address)
        return with_validator(request, Answer(200, text, {"Content-Type": "application/xml"}))
