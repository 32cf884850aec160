"""Connections that another thread can hang up, and that log nothing."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading

import requests
from requests.adapters import HTTPAdapter
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

# The line that the running thread asks over; a connection registers with it.
_HERE = threading.local()
# urllib3 logs addresses with their query, which may hold a key.
LOGGERS = ("urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry")


class HungUp(OSError):
    """The thread that asked wants no answer any more."""


class Line:
    """The one connection that a request holds open; ``hang_up`` may come from any thread."""

    def __init__(self):
        self.connected = threading.Event()
        self._lock = threading.Lock()
        self._socket = None
        self._hung_up = False

    def check(self) -> None:
        """Raise HungUp where nobody waits for an answer any more."""
        if self._hung_up:
            raise HungUp("hung up")

    def holds(self, connection: socket.socket) -> None:
        """Remember the socket that is used; raises HungUp before anything is sent over it."""
        with self._lock:
            self._socket = connection
            if self._hung_up:
                _shut(connection)
        self.check()
        self.connected.set()

    def hang_up(self) -> None:
        """End the connection, also where its thread waits inside it."""
        with self._lock:
            self._hung_up = True
            if self._socket is not None:
                _shut(self._socket)


@contextlib.contextmanager
def asking_over(line: Line):
    """Everything the running thread asks meanwhile goes over ``line``, and is logged nowhere."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    silence = _Silence()
    for logger in loggers:
        logger.addFilter(silence)
    _HERE.line = line
    try:
        yield
    finally:
        _HERE.line = None
        for logger in loggers:
            logger.removeFilter(silence)


class _Silence(logging.Filter):
    """Drops what urllib3 would log of our own requests; other threads' records pass."""

    def __init__(self):
        super().__init__()
        self._thread = threading.get_ident()

    def filter(self, record: logging.LogRecord) -> bool:
        return record.thread != self._thread


class _Watched:
    """What our connections do beyond urllib3's: they register with the line they are used on."""

    def connect(self):
        line = getattr(_HERE, "line", None)
        if line is not None:
            line.check()
        super().connect()
        if line is not None:
            line.holds(self.sock)

    def putrequest(self, *args, **kwargs):
        line = getattr(_HERE, "line", None)
        if line is not None and self.sock is not None:
            line.holds(self.sock)
        return super().putrequest(*args, **kwargs)


class _Connection(_Watched, HTTPConnectionPool.ConnectionCls):
    pass


class _SecureConnection(_Watched, HTTPSConnectionPool.ConnectionCls):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


POOLS = {"http": _Pool, "https": _SecurePool}


class LineAdapter(HTTPAdapter):
    """requests' own adapter over connections that register with their line."""

    tracks_connections = True

    def init_poolmanager(self, *args, **kwargs):
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy, **proxy_kwargs):
        manager = super().proxy_manager_for(proxy, **proxy_kwargs)
        # SOCKS has pools of its own, which connect in their own way.
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = POOLS
        elif getattr(_HERE, "line", None) is not None:
            _HERE.line.connected.set()
        return manager


class OriginSession(requests.Session):
    """A session for one origin: no log-in from files, and no redirect followed or read ahead."""

    def __init__(self, adapter=None):
        super().__init__()
        self.trust_env = False
        self.headers.clear()
        # An organisation's own authority; there is no way to have nothing verified.
        self.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        for scheme in ("https://", "http://"):
            self.mount(scheme, LineAdapter() if adapter is None else adapter)

    def get_redirect_target(self, resp):
        """Nothing, always: requests would read the whole body of a redirect to prepare the next."""


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
