"""What Qt says went wrong with a request, as one sentence and its reason; never with a secret."""

from __future__ import annotations

from typing import Optional

from qgis.PyQt.QtNetwork import QNetworkReply, QNetworkRequest

from ...feeds.http.errors import FeedError, Reason

Error = QNetworkReply.NetworkError
# Qt's codes for what a server answered with a status of its own: not found, denied, broken inside.
ANSWERED = (range(200, 300), range(400, 500))
PROXY = range(100, 200)


def failure(reply: QNetworkReply, host: str) -> Optional[FeedError]:
    """Why a reply is none; None where the server has answered, be it with an error's status."""
    error = reply.error()
    code = number_of(error)
    status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
    if code == 0 or (status is not None and any(code in codes for codes in ANSWERED)):
        return None
    if status is not None:
        return FeedError(
            f"The reply of “{host}” was cut off before it was whole ({_said(reply)}). Nothing of "
            "it is used; fetch again.",
            Reason.BROKEN,
            transient=True,
        )
    if error == Error.SslHandshakeFailedError:
        return FeedError(
            f"“{host}” could not prove who it is ({_said(reply)}), so nothing was sent to it. If "
            "it should be trusted, add its certificate authority in QGIS under Settings, Options, "
            "Authentication, Manage Certificates; else ask whoever runs the server.",
            Reason.UNREACHABLE,
        )
    if code in PROXY:
        return FeedError(
            f"The proxy that QGIS uses did not let us through to “{host}” ({_said(reply)}). Check "
            "it in QGIS under Settings, Options, Network.",
            Reason.UNREACHABLE,
            transient=code != number_of(Error.ProxyAuthenticationRequiredError),
        )
    return FeedError(
        f"“{host}” could not be reached ({_said(reply)}). Check the feed's address and the "
        "connection, and fetch again.",
        Reason.UNREACHABLE,
        transient=True,
    )


def too_slow(host: str, seconds: float, whole: bool) -> FeedError:
    """The reply took longer than we wait."""
    if whole:
        sentence = f"The reply of “{host}” was not whole after {seconds:,.0f} seconds."
    else:
        sentence = f"“{host}” sent nothing for {seconds:,.0f} seconds."
    return FeedError(
        sentence + " Nothing of it is used; fetch again later.", Reason.SLOW, transient=not whole
    )


def broken_length(host: str, said: int, received: int) -> FeedError:
    """The reply is not as long as its header says."""
    return FeedError(
        f"The reply of “{host}” has {received:,} bytes and said that it has {said:,}. Nothing of "
        "it is used; fetch again.",
        Reason.BROKEN,
        transient=True,
    )


def number_of(error) -> int:
    """Qt's number for an error; PyQt 6 has enumerations that are no numbers."""
    return int(getattr(error, "value", error))


def _said(reply: QNetworkReply) -> str:
    """Qt's words without the address that it likes to repeat, for that may hold a key."""
    words = reply.errorString() or "no reason was given"
    for text in (reply.url().toString(), bytes(reply.url().toEncoded()).decode("ascii")):
        words = words.replace(text, "the address")
    return " ".join(words.rstrip(".").split())
