"""CAP 1.2 alerts of a fictional warning centre, and the Atom index that links to them."""

from __future__ import annotations

from typing import Optional

from tests.feedservers.georss_server import FeedServer

SENDER = "centre@vale.example"
AREA = (
    "<area><areaDesc>Mill</areaDesc><polygon>47,20 47.2,20 47.2,20.2 47,20.2 47,20</polygon></area>"
)


def info(
    event: str = "Shelling",
    language: Optional[str] = "en-GB",
    area: str = AREA,
    expires: str = "2026-02-01T06:00:00+02:00",
    **more: str,
) -> str:
    """One info; ``more`` are further elements."""
    tongue = f"<language>{language}</language>" if language else ""
    others = "".join(f"<{name}>{text}</{name}>" for name, text in more.items())
    return (
        f"<info>{tongue}<category>Security</category><event>{event}</event>"
        "<urgency>Immediate</urgency><severity>Severe</severity><certainty>Observed</certainty>"
        f"<effective>2026-01-31T20:00:00+02:00</effective><expires>{expires}</expires>{others}"
        f"{area}</info>"
    )


def alert(
    number: int,
    kind: str = "Alert",
    refers: str = "",
    sent: Optional[str] = None,
    body: Optional[str] = None,
    status: str = "Actual",
    scope: str = "Public",
) -> str:
    """An alert; each number is sent an hour after the one before."""
    references = f"<references>{refers}</references>" if refers else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">'
        f"<identifier>V-{number}</identifier><sender>{SENDER}</sender><sent>{sent or at(number)}"
        f"</sent><status>{status}</status><msgType>{kind}</msgType><scope>{scope}</scope>"
        f"{references}{info() if body is None else body}</alert>"
    )


def at(number: int) -> str:
    """When the alert of that number is sent."""
    return f"2026-01-31T{10 + number:02d}:00:00+02:00"


def ref(*numbers: int) -> str:
    """References to alerts by their numbers."""
    return " ".join(f"{SENDER},V-{number},{at(number)}" for number in numbers)


class CapServer(FeedServer):
    """An index at /feed of the alerts in ``alerts`` (by number, as XML)."""

    def __init__(self, alerts: Optional[dict] = None):
        super().__init__()
        for number, text in (alerts or {}).items():
            self.put(number, text)

    def put(self, number: int, text: str, listed: bool = True) -> None:
        """Publish an alert, and list it in the index."""
        self.documents[f"/alert/{number}"] = text
        self.listed = {**getattr(self, "listed", {}), number: listed}
        self.index()

    def index(self) -> None:
        """Write the index anew."""
        entries = "".join(
            f"<entry><id>e{n}</id><title>Alert {n}</title><updated>2026-01-31T{10 + n}:00:00Z"
            "</updated><link rel='alternate' type='text/html' href='/page'/>"
            f"<link rel='alternate' type='application/cap+xml' href='/alert/{n}'/></entry>"
            for n, shown in self.listed.items()
            if shown
        )
        self.documents["/feed"] = f"<feed xmlns='http://www.w3.org/2005/Atom'>{entries}</feed>"
