"""The proxy that plays faults before a scripted server; the faults are in ``faults``."""

from __future__ import annotations

import gzip
import http.client
import select
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler
from typing import Callable, Iterable, Optional, Union
from urllib.parse import urlsplit

from tests.feedservers.serving import Answer, Request, Serving, write_answer

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"}
Fault = Callable[["Faults", Request, BaseHTTPRequestHandler], None]


class Faults(Serving):
    """The proxy; ``upstream`` is the address of the server behind it (None: faults only)."""

    def __init__(self, upstream: Optional[str] = None, host: str = "127.0.0.1", context=None):
        self.upstream = upstream
        self.choose: Callable[[Request], Optional[Fault]] = lambda _request: None
        self.hangups: list[float] = []
        self.ending = threading.Event()
        self._plan: list[Fault] = []
        self._turn = threading.Lock()
        super().__init__(host, context)

    def plan(self, *faults: Union[Fault, Iterable[Fault]]) -> None:
        """Append faults, one a request; a list (as of ``storm``) is as many."""
        with self._turn:
            for fault in faults:
                self._plan.extend([fault] if callable(fault) else fault)

    def forget(self) -> None:
        """Drop what is left of the plan."""
        with self._turn:
            self._plan.clear()

    def close(self) -> None:
        """Let go of every client that is kept waiting, and stop."""
        self.ending.set()
        super().close()

    def respond(self, request: Request, handler: BaseHTTPRequestHandler) -> None:
        """Play this request's fault; requests do not wait for each other here."""
        with self._turn:
            self.log.append(request)
            fault = self.choose(request) or (self._plan.pop(0) if self._plan else pass_through)
        fault(self, request, handler)

    def fetch(self, request: Request) -> Answer:
        """What the server behind says, as though it lived at the proxy's address."""
        if self.upstream is None:
            return Answer(200, '{"rows": [1, 2, 3]}', {"Content-Type": "application/json"})
        connection = http.client.HTTPConnection(urlsplit(self.upstream).netloc, timeout=30)
        try:
            headers = {name: text for name, text in request.headers.items() if name != "host"}
            connection.request(request.method, request.target, request.body or None, headers)
            reply = connection.getresponse()
            return self._moved(reply.status, reply.read(), dict(reply.getheaders()))
        finally:
            connection.close()

    def _moved(self, code: int, body: bytes, headers: dict[str, str]) -> Answer:
        squeezed = headers.get("Content-Encoding") == "gzip"
        text = gzip.decompress(body) if squeezed else body
        text = text.replace(self.upstream.encode(), self.address.encode())
        kept = {
            name: value.replace(self.upstream, self.address)
            for name, value in headers.items()
            if name.lower() not in HOP_BY_HOP
        }
        return Answer(code, gzip.compress(text) if squeezed else text, kept)

    def keep_waiting(self, handler: BaseHTTPRequestHandler, seconds: float) -> bool:
        """Let time pass; False as soon as the client hung up or the proxy ends."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.ending.is_set():
            readable, _, _ = select.select([handler.connection], [], [], 0.02)
            if readable and not _still_there(handler):
                self.hangups.append(time.monotonic())
                return False
        return not self.ending.is_set()


def _still_there(handler: BaseHTTPRequestHandler) -> bool:
    try:
        return bool(handler.connection.recv(1, socket.MSG_PEEK))
    except OSError:
        return False


def answered(make: Callable[[Answer], Answer]) -> Fault:
    """The true answer, changed by a function."""

    def fault(faults: Faults, request: Request, handler) -> None:
        write_answer(handler, request, make(faults.fetch(request)))

    return fault


pass_through: Fault = answered(lambda answer: answer)
