"""One attempt at a question: through its redirects to a whole reply, or to a FeedError."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Callable, Iterator

import requests

from ...model.errors import Cancelled
from .addresses import origin
from .errors import FeedError, Reason
from .exchange import Deadline, announced_length, open_exchange
from .hiding import Veil
from .limits import Limits
from .reply import Reply
from .request import Question, prepared, redirected
from .statuses import status_error
from .storing import Stored, store
from .waits import Clock, asked_wait_s
from .webpage import is_web_page

REDIRECTS = (301, 302, 303, 307, 308)
ERROR_BYTES = 65_536
ERROR_SIGNS = 2_000


@dataclasses.dataclass(repr=False)
class Desk:
    """What an attempt works with; ``sent`` is called once for each request that goes out."""

    limits: Limits
    clock: Clock
    veil: Veil
    cancelled: Callable[[], bool]
    say: Callable[[str], None]
    session: Callable[[str], object]
    place: Callable[[], Path]
    sent: Callable[[], None]
    adapter: object = None


def attempt(desk: Desk, asked: Question) -> Reply:
    """Ask once, redirects included, within one deadline; raises FeedError and Cancelled."""
    deadline = Deadline(desk.limits, desk.clock)
    for _hop in range(desk.limits.redirects + 1):
        found = _ask(desk, asked, deadline)
        if isinstance(found, Reply):
            return found
        asked = found
    raise FeedError(
        f"“{asked.host}” redirects in a circle or more than {desk.limits.redirects} times: check "
        "the feed's address.",
        Reason.REDIRECTED,
    )


def _ask(desk: Desk, asked: Question, deadline: Deadline):
    """One request: its Reply, or the Question that a redirect makes of it."""
    if desk.cancelled():
        raise Cancelled("The fetch was stopped.")
    session = desk.session(asked.url)
    request = prepared(asked, session)
    exchange = open_exchange(session, request, deadline, desk.cancelled, desk.adapter)
    desk.sent()
    try:
        response = exchange.head()
        status = response.status_code
        if status in REDIRECTS and response.headers.get("Location"):
            return redirected(asked, status, response.headers["Location"], desk.veil)
        if status not in (200, 201, 202, 203, 204, 304) or _unasked(asked, status):
            raise _refused(desk, asked, response, exchange.pieces())
        return _received(desk, asked, response, exchange.pieces())
    finally:
        exchange.close()


def _unasked(asked: Question, status: int) -> bool:
    """Whether “not modified” is said to one who did not ask whether."""
    conditions = {"if-none-match", "if-modified-since"}
    return status == 304 and not conditions & {name.lower() for name in asked.headers}


def _received(desk: Desk, asked: Question, response, pieces: Iterator[bytes]) -> Reply:
    stored = store(
        pieces,
        response.headers.get("Content-Encoding", ""),
        announced_length(response),
        desk.place(),
        desk.limits,
    )
    if response.status_code != 304:
        _check_data(asked, response, stored)
    headers = requests.structures.CaseInsensitiveDict(response.headers)
    headers.pop("Set-Cookie", None)
    return Reply(
        status=response.status_code,
        headers=headers,
        url=desk.veil.hide_url(response.url or asked.url),
        sha256=stored.sha256,
        size=stored.size,
        fetched_at=desk.clock.now(),
        path=stored.path,
        address=response.url or asked.url,
        say=lambda sentence: desk.say(desk.veil.hide(sentence)),
    )


def _check_data(asked: Question, response, stored: Stored) -> None:
    """Raise where a page for people came instead of data."""
    named = response.headers.get("Content-Type", "")
    if not is_web_page(stored.first, named, asked.accept):
        return
    stored.path.unlink(missing_ok=True)
    moved = ""
    if origin(asked.url) != origin(asked.home):
        moved = f" (“{origin(asked.home)[1]}” redirects there)"
    raise FeedError(
        f"“{asked.host}” answered with a web page instead of data{moved}: often that is a log-in "
        "page, the network's own page, or a wrong address; open the address in a browser.",
        Reason.BROKEN,
        status=response.status_code,
    )


def _refused(desk: Desk, asked: Question, response, pieces: Iterator[bytes]) -> FeedError:
    """The error of a status that is no success, with the beginning of what the source said."""
    body = _error_text(desk, response, pieces)
    wait_s = asked_wait_s(response.headers, desk.clock.now())
    found = status_error(response.status_code, asked.host, wait_s, body)
    if found.reason is Reason.UNAUTHORISED and origin(asked.url) != origin(asked.home):
        return FeedError(
            f"“{origin(asked.home)[1]}” redirects to “{asked.host}”, which wants credentials; they "
            "were not sent to another server: give that address to the feed if it is the "
            "source's own.",
            Reason.UNAUTHORISED,
            status=response.status_code,
            body=body,
        )
    return found


def _error_text(desk: Desk, response, pieces: Iterator[bytes]) -> str:
    """The first signs of an error's body, secrets hidden; empty where it cannot be had."""
    limits = dataclasses.replace(
        desk.limits, received_bytes=ERROR_BYTES, inflated_bytes=ERROR_BYTES
    )
    place = desk.place()
    coding = response.headers.get("Content-Encoding", "")
    try:
        store(pieces, coding, announced_length(response), place, limits)
        text = place.read_bytes().decode("utf-8", "replace")
    except FeedError:
        return ""
    place.unlink()
    return desk.veil.hide(text)[:ERROR_SIGNS]
