"""What went wrong below HTTP, as one sentence without a word of the libraries' own texts.

Their texts hold addresses with keys and headers with tokens; ours name the host and nothing else.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from typing import Iterator, Optional

import requests
import urllib3.exceptions as lower

from .errors import FeedError, Reason

CUT = (
    lower.ProtocolError,
    lower.IncompleteRead,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
    http.client.IncompleteRead,
)
UNSENDABLE = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidHeader,
    lower.LocationParseError,
    UnicodeError,
)
TIMEOUTS = (requests.exceptions.Timeout, lower.TimeoutError, socket.timeout)


def failure_of(error: BaseException, host: str, begun: bool = False) -> FeedError:
    """The FeedError for anything that asking or reading raised; ``begun``: headers had come."""
    if isinstance(error, FeedError):
        return error
    chain = list(_chain(error))
    for judge in (_unsendable, _secure_failure, _proxy_failure, _unreachable, _time_out, _cut):
        found = judge(chain, host, begun)
        if found is not None:
            return found
    if any(isinstance(one, OSError) for one in chain):
        return _transient(f"The connection to “{host}” failed", Reason.UNREACHABLE)
    return FeedError(
        f"The reply of “{host}” could not be read ({type(error).__name__}): check the feed's "
        "address and try again.",
        Reason.BROKEN,
    )


def _chain(error: Optional[BaseException], depth: int = 0) -> Iterator[BaseException]:
    """An error, the errors it stands for, and those within its arguments."""
    while error is not None and depth < 12:
        yield error
        for inner in (*getattr(error, "args", ()), getattr(error, "reason", None)):
            if isinstance(inner, BaseException):
                yield from _chain(inner, depth + 4)
        error, depth = error.__cause__ or error.__context__, depth + 1


def _has(chain: list, kinds) -> bool:
    return any(isinstance(one, kinds) for one in chain)


def _transient(what: str, reason: Reason) -> FeedError:
    return FeedError(f"{what}: check the connection and try again later.", reason, transient=True)


def _unsendable(chain: list, host: str, begun: bool) -> Optional[FeedError]:
    if begun or not _has(chain[:1], UNSENDABLE):
        return None
    return FeedError(
        f"The request to “{host}” cannot be sent: its address or its credentials hold signs that "
        "HTTP does not allow (a line break, often, from copying); enter them again.",
        Reason.REFUSED,
    )


def _secure_failure(chain: list, host: str, begun: bool) -> Optional[FeedError]:
    for one in chain:
        if isinstance(one, ssl.SSLCertVerificationError):
            why = one.verify_message or "it could not be verified"
            return FeedError(
                f"The certificate of “{host}” is not trusted ({why}), so nothing was sent: check "
                "the address and this machine's clock, or have the certificate's authority added.",
                Reason.UNREACHABLE,
            )
    if not _has(chain, (ssl.SSLError, requests.exceptions.SSLError, lower.SSLError)):
        return None
    if _has(chain, (socket.timeout, lower.TimeoutError)):
        return None
    return _transient(f"No secure connection to “{host}” came about", Reason.UNREACHABLE)


def _proxy_failure(chain: list, host: str, begun: bool) -> Optional[FeedError]:
    if not _has(chain, (requests.exceptions.ProxyError, lower.ProxyError)):
        return None
    return _transient(
        f"The proxy on the way to “{host}” did not connect (see the proxy's settings)",
        Reason.UNREACHABLE,
    )


def _time_out(chain: list, host: str, begun: bool) -> Optional[FeedError]:
    if not _has(chain, TIMEOUTS):
        return None
    connecting = (requests.exceptions.ConnectTimeout, lower.ConnectTimeoutError)
    if _has(chain, lower.NewConnectionError) and not _has(chain, socket.timeout):
        return _transient(f"No connection to “{host}” came about", Reason.UNREACHABLE)
    if _has(chain, connecting):
        return _transient(f"“{host}” did not answer in time", Reason.UNREACHABLE)
    if begun:
        return _transient(f"“{host}” stopped in the middle of its reply", Reason.SLOW)
    return _transient(f"“{host}” took the request and did not answer in time", Reason.SLOW)


def _unreachable(chain: list, host: str, begun: bool) -> Optional[FeedError]:
    if _has(chain, socket.gaierror):
        return _transient(f"The name “{host}” is not known to the network", Reason.UNREACHABLE)
    if _has(chain, ConnectionRefusedError):
        return _transient(f"“{host}” refuses connections", Reason.UNREACHABLE)
    if not begun and _has(chain, (http.client.RemoteDisconnected, ConnectionError)):
        return _transient(f"“{host}” hung up before it had answered", Reason.UNREACHABLE)
    return None


def _cut(chain: list, host: str, begun: bool) -> Optional[FeedError]:
    if begun and _has(chain, (*CUT, ConnectionError, http.client.HTTPException)):
        return cut_reply(host)
    if _has(chain, http.client.HTTPException):
        return _transient(f"“{host}” answered with something that is not HTTP", Reason.BROKEN)
    return None


def cut_reply(host: str) -> FeedError:
    """The error for a body that is shorter or longer than was announced, or was cut off."""
    return FeedError(
        f"The reply of “{host}” was cut off in the middle: nothing of it was used; try again.",
        Reason.BROKEN,
        transient=True,
    )
