"""The body of a reply of Qt's, read as it comes: with deadlines, and stopped within 100 ms."""

from __future__ import annotations

import time
from typing import Callable, Optional

from qgis.PyQt import sip
from qgis.PyQt.QtCore import QCoreApplication, QEventLoop, QThread, QTimer
from qgis.PyQt.QtNetwork import QNetworkReply, QNetworkRequest

from ...feeds.http.errors import FeedError, Reason
from ...feeds.http.limits import Limits
from ...model.errors import Cancelled
from .qnam_sentences import broken_length, failure, too_slow

LOOK_EVERY_MS = 100
# Qt keeps no more of a body than this ahead of us.
AHEAD_BYTES = 1 << 20
PIECE_BYTES = 1 << 16


class ReplyBody:
    """A file to read from, over a reply that is under way in this thread.

    Ends only where the reply was whole: one that was cut, or is shorter than it said, raises
    FeedError whatever its status. Raises Cancelled within 100 ms of ``cancelled``.
    """

    def __init__(self, reply: QNetworkReply, limits: Limits, cancelled: Callable[[], bool]):
        self.closed = False
        self._reply = reply
        self._host = reply.url().host()
        self._limits = limits
        self._cancelled = cancelled
        self._whole_until = time.monotonic() + limits.whole_s
        self._received = 0
        self._loop = QEventLoop()
        self._look = QTimer()
        self._look.setInterval(LOOK_EVERY_MS)
        self._look.timeout.connect(self._loop.quit)
        for signal in (reply.readyRead, reply.metaDataChanged, reply.finished):
            signal.connect(self._loop.quit)
        reply.setReadBufferSize(AHEAD_BYTES)
        # The user must not start something else from within: a wait in the main thread takes only
        # what the network and timers bring.
        self._events = QEventLoop.ProcessEventsFlag.AllEvents
        if QThread.currentThread() is QCoreApplication.instance().thread():
            self._events = QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents

    def wait_for_headers(self) -> None:
        """Return once the status is known; raises FeedError where none comes."""
        self._wait(lambda: self._status() is not None)
        if self._status() is None:
            self._fail(failure(self._reply, self._host))
        if self._reply.isFinished() and not self._reply.bytesAvailable():
            self._check_end()

    def read(self, amount: Optional[int] = -1) -> bytes:
        """At most so many bytes, as soon as there are some; ``b""`` at a whole reply's end.

        Without an amount, everything up to the end.
        """
        if amount is None or amount < 0:
            return b"".join(iter(lambda: self.read(PIECE_BYTES), b""))
        if self.closed or not amount:
            return b""
        self._wait(lambda: self._reply.bytesAvailable() > 0)
        piece = bytes(self._reply.read(amount) or b"")
        self._received += len(piece)
        if not piece:
            self._check_end()
            self.close()
        elif self._received == self._announced():
            # Let Qt end the reply, so that its connection can serve again.
            self._wait(lambda: False)
        return piece

    def close(self) -> None:
        """Stop the reply, if it is still coming, and let go of it."""
        if self.closed:
            return
        self.closed = True
        self._look.stop()
        if sip.isdeleted(self._reply):
            return
        for signal in (self._reply.readyRead, self._reply.metaDataChanged, self._reply.finished):
            signal.disconnect(self._loop.quit)
        self._reply.abort()
        # Not sip.delete: where the next reply came to lie at this one's address in a task, PyQt
        # took it for the deleted one. So it goes at the next turn of the loop, or with its manager.
        self._reply.deleteLater()

    def _wait(self, ready: Callable[[], bool]) -> None:
        """Let Qt work until something is there or the reply has ended."""
        idle_until = time.monotonic() + self._limits.idle_s
        seen = self._reply.bytesAvailable()
        while not ready() and not self._reply.isFinished():
            if self._cancelled():
                self.close()
                raise Cancelled("Reading the feed was stopped.")
            now = time.monotonic()
            if now > self._whole_until:
                self._fail(too_slow(self._host, self._limits.whole_s, whole=True))
            if now > idle_until:
                self._fail(too_slow(self._host, self._limits.idle_s, whole=False))
            self._look.start()
            self._loop.exec(self._events)
            if self._reply.bytesAvailable() != seen:
                seen, idle_until = self._reply.bytesAvailable(), now + self._limits.idle_s
        self._look.stop()
        if self._cancelled():
            self.close()
            raise Cancelled("Reading the feed was stopped.")
        if time.monotonic() > self._whole_until:
            self._fail(too_slow(self._host, self._limits.whole_s, whole=True))

    def _check_end(self) -> None:
        """Raise where the reply ended before it was whole."""
        wrong = failure(self._reply, self._host)
        if wrong is not None:
            self._fail(wrong)
        said = self._announced()
        if said is not None and said != self._received:
            self._fail(broken_length(self._host, said, self._received))

    def _announced(self) -> Optional[int]:
        """How many bytes the reply said it has; None where it did not say, or never has any."""
        said = self._reply.header(QNetworkRequest.KnownHeaders.ContentLengthHeader)
        return None if said is None or self._status() in (204, 304) else int(said)

    def _status(self) -> Optional[int]:
        return self._reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)

    def _fail(self, wrong: Optional[FeedError]) -> None:
        self.close()
        raise wrong or FeedError(
            f"What “{self._host}” answered is not HTTP. Check the feed's address.", Reason.BROKEN
        )
