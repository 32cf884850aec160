"""The transport of requests inside QGIS: Qt sends, with QGIS's proxies, authorities and logins.

The manager that sends is one of our own, made in the thread that asks. It takes its proxy from the
thread's ``QgsNetworkAccessManager``, its certificate authorities from QGIS and its login from the
authentication manager, but is not that manager itself. That one opens a log-in window at a 401, and
holds a task until somebody has answered it; it writes QGIS's name over our user agent, shares its
cookies with all that QGIS asks for, and shows each request with its headers in the network logger.
"""

from __future__ import annotations

import threading
from typing import Callable, Optional

import requests
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QByteArray
from qgis.PyQt.QtNetwork import QNetworkAccessManager, QNetworkReply, QNetworkRequest
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.response import HTTPResponse

from ...feeds.http.limits import Limits
from .qnam_body import ReplyBody
from .qnam_request import body_bytes, make_request, proxy_for, reply_began


class NetworkAccessAdapter(BaseAdapter):
    """Sends one request at a time in the calling thread, by a local event loop.

    Redirects are not followed, nothing comes from a cache, no cookie is kept, and what came
    compressed stays so: all that is the client's matter. Where the client has set
    ``request.authcfg``, which it does for the feed's own origin only, QGIS's authentication manager
    applies that configuration (a certificate, OAuth2 …). Raises FeedError with one sentence where
    no whole reply comes, and Cancelled.
    """

    works_in_this_thread = True

    def __init__(self):
        super().__init__()
        self._limits = Limits()
        self._cancelled: Callable[[], bool] = lambda: False
        # A manager belongs to the thread that made it.
        self._of_thread = threading.local()

    def watch(self, limits: Limits, cancelled: Optional[Callable[[], bool]]) -> None:
        """By which limits the next requests go, and who may stop them (asked every 100 ms)."""
        self._limits = limits
        self._cancelled = cancelled or (lambda: False)

    def send(
        self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None
    ) -> requests.Response:
        """Send it and return once the headers are there; the body is read as it comes.

        Certificates are always verified and proxies are QGIS's, whatever is asked for here.
        """
        manager = self._manager()
        manager.setProxy(proxy_for(request.url))
        reply = _start(manager, request, make_request(request))
        body = ReplyBody(reply, self._limits, self._cancelled)
        reply_began(reply, request)
        body.wait_for_headers()
        return _response(self, request, reply, body)

    def close(self) -> None:
        """Let go of this thread's connections."""
        manager = getattr(self._of_thread, "manager", None)
        self._of_thread.manager = None
        if manager is not None and not sip.isdeleted(manager):
            sip.delete(manager)

    def _manager(self) -> QNetworkAccessManager:
        if getattr(self._of_thread, "manager", None) is None:
            self._of_thread.manager = QNetworkAccessManager()
        return self._of_thread.manager


def _start(manager: QNetworkAccessManager, request, asked: QNetworkRequest) -> QNetworkReply:
    verb = request.method.upper()
    if verb == "GET":
        return manager.get(asked)
    content = QByteArray(body_bytes(request))
    if verb == "POST":
        return manager.post(asked, content)
    return manager.sendCustomRequest(asked, QByteArray(verb.encode("ascii")), content)


def _response(adapter, request, reply: QNetworkReply, body: ReplyBody) -> requests.Response:
    """What requests makes of a reply, its body not yet read."""
    made = requests.Response()
    made.status_code = int(reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute))
    made.reason = reply.attribute(QNetworkRequest.Attribute.HttpReasonPhraseAttribute) or ""
    made.headers = CaseInsensitiveDict(_headers(reply))
    made.raw = HTTPResponse(
        body=body,
        headers=made.headers,
        status=made.status_code,
        reason=made.reason,
        preload_content=False,
        decode_content=False,
    )
    made.url = request.url
    made.request = request
    made.connection = adapter
    return made


def _headers(reply: QNetworkReply) -> dict:
    found = {}
    for name, value in reply.rawHeaderPairs():
        found[bytes(name).decode("latin-1")] = bytes(value).decode("latin-1")
    return found
