"""One request and its reply: in a worker thread, or in this one where an adapter wants that.

Both kinds have ``head()``, which returns the requests.Response without its body; ``pieces()``, the
body's bytes as they came over the wire; and ``close()``. They raise FeedError, and Cancelled within
a tenth of a second after ``cancelled()`` turns true.

What an adapter with ``works_in_this_thread = True`` owes: ``watch(limits, cancelled)`` is called
before each request; ``send`` returns a requests.Response once the headers are there, or raises
requests' exceptions or Cancelled; its ``raw.read(n)`` returns at most n bytes as they came (still
compressed), b"" at the end, and raises too, Cancelled included, where the body was cut. ``send`` is
given a request whose attribute ``authcfg`` is the configuration to apply, empty where the request
goes to another origin or carries no credentials.
"""

from __future__ import annotations

import queue
import threading
from typing import Callable, Iterator, Optional

import requests
from requests.utils import get_environ_proxies

from ...model.errors import Cancelled
from .connection import Line, OriginSession, asking_over
from .errors import FeedError, Reason
from .failures import cut_reply, failure_of
from .limits import Limits
from .waits import GLANCE_S, Clock

CHUNK = 1 << 14
WAITING_PIECES = 16


class Deadline:
    """When a reply must be whole."""

    def __init__(self, limits: Limits, clock: Clock):
        self.limits = limits
        self.clock = clock
        self.end = clock.monotonic() + limits.whole_s

    def check(self, host: str) -> None:
        """Raise FeedError (SLOW) where the time is over."""
        if self.clock.monotonic() > self.end:
            raise FeedError(
                f"The reply of “{host}” was not whole after {self.limits.whole_s:,.0f} seconds and "
                "was given up: try again later, or ask for a shorter span or a smaller area.",
                Reason.SLOW,
            )


class DirectExchange:
    """A request through an adapter that works in the calling thread."""

    def __init__(self, session, request, deadline: Deadline, cancelled: Callable[[], bool]):
        self._session, self._request = session, request
        self._deadline, self._cancelled = deadline, cancelled
        self._host = host_of(request)
        self._response: Optional[requests.Response] = None

    def head(self) -> requests.Response:
        """Send the request; its response, the body unread."""
        limits = self._deadline.limits
        self._response = self._guarded(
            lambda: self._session.send(
                self._request,
                stream=True,
                allow_redirects=False,
                timeout=(limits.connect_s, limits.idle_s),
                verify=self._session.verify,
                proxies={},
            )
        )
        return self._response

    def pieces(self) -> Iterator[bytes]:
        """The body's bytes as they came."""
        reading = body_pieces(self._response, self._host)
        while True:
            piece = self._guarded(lambda: next(reading, b""), begun=True)
            if not piece:
                return
            yield piece

    def close(self) -> None:
        """End the request, whole or not."""
        if self._response is not None:
            self._response.close()

    def _guarded(self, work: Callable, begun: bool = False):
        if self._cancelled():
            raise _stopped()
        self._deadline.check(self._host)
        failed = None
        try:
            return work()
        except Cancelled:
            raise
        except Exception as error:
            failed = failure_of(error, self._host, begun)
        # Outside the handler: the library's error, with its texts, must not hang on ours.
        raise failed


class ThreadedExchange:
    """A request in a worker thread, so that no socket's wait keeps a cancel waiting."""

    def __init__(self, session, request, deadline: Deadline, cancelled: Callable[[], bool]):
        self._session, self._request = session, request
        self._deadline, self._cancelled = deadline, cancelled
        self._host = host_of(request)
        self._line = Line()
        self._events: queue.Queue = queue.Queue(WAITING_PIECES)
        self._given_up = threading.Event()
        self._ended = False
        self._began_at = deadline.clock.monotonic()
        self._worker = threading.Thread(target=self._run, name="ceasefire-http", daemon=True)

    def head(self) -> requests.Response:
        """Send the request; its response, the body unread."""
        self._worker.start()
        return self._next()

    def pieces(self) -> Iterator[bytes]:
        """The body's bytes as they came."""
        while True:
            piece = self._next()
            if not piece:
                self._ended = True
                return
            yield piece

    def close(self) -> None:
        """End the request; one that is not whole is hung up, its worker ends by itself."""
        self._given_up.set()
        if not self._ended:
            self._line.hang_up()
            # Its pool only, which is made anew; the origin's cookies stay.
            self._session.close()

    def _next(self):
        while True:
            if self._cancelled():
                raise _stopped()
            self._deadline.check(self._host)
            self._check_connecting()
            try:
                event = self._events.get(timeout=GLANCE_S)
            except queue.Empty:
                continue
            if isinstance(event, FeedError):
                raise event
            return event

    def _check_connecting(self) -> None:
        """Looking up a name has no time-out of its own, and each address has a whole one."""
        if self._line.connected.is_set() or not self._tracked():
            return
        connect_s = self._deadline.limits.connect_s
        if self._deadline.clock.monotonic() - self._began_at > 2 * connect_s + 1:
            raise FeedError(
                f"“{self._host}” did not answer within {connect_s:,.0f} seconds: check the "
                "connection and try again later.",
                Reason.UNREACHABLE,
                transient=True,
            )

    def _tracked(self) -> bool:
        adapter = self._session.get_adapter(self._request.url)
        return getattr(adapter, "tracks_connections", False)

    def _run(self) -> None:
        begun = False
        try:
            with asking_over(self._line):
                response = self._send()
                begun = True
                if not self._put(response):
                    return
                for piece in body_pieces(response, self._host):
                    if not self._put(piece):
                        return
            self._put(b"")
        except Exception as error:
            self._put(failure_of(error, self._host, begun))

    def _send(self) -> requests.Response:
        limits = self._deadline.limits
        return self._session.send(
            self._request,
            stream=True,
            allow_redirects=False,
            timeout=(limits.connect_s, limits.idle_s),
            verify=self._session.verify,
            # Asked here, in the worker: on some systems it looks up names.
            proxies=get_environ_proxies(self._request.url, no_proxy=None),
        )

    def _put(self, event) -> bool:
        """Hand something over; False where nobody takes it any more."""
        while not self._given_up.is_set():
            try:
                self._events.put(event, timeout=GLANCE_S)
            except queue.Full:
                continue
            return True
        return False


def open_exchange(session: OriginSession, request, deadline, cancelled, adapter=None):
    """The kind of exchange that the adapter needs; None is requests' own, in a worker thread."""
    if adapter is not None and getattr(adapter, "works_in_this_thread", False):
        adapter.watch(deadline.limits, cancelled)
        return DirectExchange(session, request, deadline, cancelled)
    return ThreadedExchange(session, request, deadline, cancelled)


def host_of(request: requests.PreparedRequest) -> str:
    """The host a request goes to, for sentences."""
    return requests.utils.urlparse(request.url).hostname or "the source"


def body_pieces(response: requests.Response, host: str) -> Iterator[bytes]:
    """The body as it comes, at most 16 KiB a piece; raises FeedError where its length is wrong."""
    announced = announced_length(response)
    left = announced
    while left is None or left > 0:
        if left == 1 and _overfull(response.raw):
            raise cut_reply(host)
        # The last byte is read alone, so that what stands behind it can be seen before.
        piece = response.raw.read(CHUNK if left is None else max(1, min(CHUNK, left - 1)))
        if not piece:
            break
        left = None if left is None else left - len(piece)
        yield piece
    if left:
        raise cut_reply(host)
    if announced == 0:
        # Lets go of the connection.
        response.raw.read(1)


def announced_length(response: requests.Response) -> Optional[int]:
    """The bytes that Content-Length announces; None where another framing holds, or none."""
    if response.request is not None and response.request.method == "HEAD":
        return 0
    if response.status_code in (204, 304):
        return 0
    if "chunked" in response.headers.get("Transfer-Encoding", "").lower():
        return None
    text = response.headers.get("Content-Length", "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _overfull(raw) -> bool:
    """Whether more bytes than announced have come already, seen in the socket's own buffer."""
    buffer = getattr(getattr(raw, "_fp", None), "fp", None)
    peek = getattr(buffer, "peek", None)
    return peek is not None and len(peek(1)) > 1


def _stopped() -> Cancelled:
    return Cancelled("The fetch was stopped.")
