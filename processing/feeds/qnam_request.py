"""A request of Qt's: with QGIS's proxy, its trusted authorities and, where asked, its login."""

from __future__ import annotations

from typing import Optional, Tuple
from urllib.parse import urlsplit

from qgis.core import QgsApplication, QgsAuthCertUtils, QgsNetworkAccessManager
from qgis.PyQt.QtCore import QByteArray, QUrl
from qgis.PyQt.QtNetwork import (
    QNetworkProxy,
    QNetworkProxyQuery,
    QNetworkReply,
    QNetworkRequest,
    QSslConfiguration,
)

from ...feeds.http.errors import FeedError, Reason
from .auth_database import require_configuration

# What Qt writes itself.
QTS_OWN = ("host", "connection", "content-length", "transfer-encoding")
PORTS = {"http": 80, "https": 443}
Attribute = QNetworkRequest.Attribute


def origin(url: str) -> Tuple[str, str, Optional[int]]:
    """Scheme, host and port of an address."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or PORTS.get(scheme)


def make_request(request) -> QNetworkRequest:
    """Qt's request for one of requests' (prepared): no cache, cookies, redirects, inflating."""
    made = QNetworkRequest(QUrl.fromEncoded(QByteArray(request.url.encode("ascii"))))
    attributes = {
        Attribute.RedirectPolicyAttribute: QNetworkRequest.RedirectPolicy.ManualRedirectPolicy,
        Attribute.CacheLoadControlAttribute: QNetworkRequest.CacheLoadControl.AlwaysNetwork,
        Attribute.CacheSaveControlAttribute: False,
        Attribute.CookieLoadControlAttribute: QNetworkRequest.LoadControl.Manual,
        Attribute.CookieSaveControlAttribute: QNetworkRequest.LoadControl.Manual,
        Attribute.AuthenticationReuseAttribute: QNetworkRequest.LoadControl.Manual,
    }
    for attribute, value in attributes.items():
        made.setAttribute(attribute, value)
    # Without one of ours Qt asks for compression, inflates by itself, and knows no limit.
    made.setRawHeader(QByteArray(b"Accept-Encoding"), QByteArray(b"identity"))
    for name, value in request.headers.items():
        if name.lower() not in QTS_OWN:
            made.setRawHeader(QByteArray(_bytes(name)), QByteArray(_bytes(value)))
    return _with_authorities(_signed(made, _authcfg_of(request)), request.url)


def reply_began(reply: QNetworkReply, request) -> None:
    """Some methods of the authentication manager have to do with the reply too."""
    authcfg = _authcfg_of(request)
    if authcfg:
        QgsApplication.authManager().updateNetworkReply(reply, authcfg)


def proxy_for(url: str) -> QNetworkProxy:
    """The proxy by which QGIS goes to an address, as set under Settings, Options, Network."""
    factory = QgsNetworkAccessManager.instance().proxyFactory()
    found = factory.queryProxy(QNetworkProxyQuery(QUrl(url))) if factory is not None else []
    return found[0] if found else QNetworkProxy(QNetworkProxy.ProxyType.NoProxy)


def body_bytes(request) -> bytes:
    """What is sent along; forms and JSON, never streams."""
    return b"" if request.body is None else _bytes(request.body)


def _authcfg_of(request) -> str:
    """The configuration to apply; the client leaves it empty where a request goes elsewhere."""
    return getattr(request, "authcfg", "") or ""


def _signed(request: QNetworkRequest, authcfg: str) -> QNetworkRequest:
    if not authcfg:
        return request
    require_configuration(authcfg)
    done, signed = QgsApplication.authManager().updateNetworkRequest(request, authcfg)
    if not done:
        raise FeedError(
            f"QGIS's authentication configuration “{authcfg}” could not be used. Look at it under "
            "Settings, Options, Authentication.",
            Reason.UNAUTHORISED,
        )
    return signed


def _with_authorities(request: QNetworkRequest, url: str) -> QNetworkRequest:
    """QGIS's trusted authorities, and its settings for this server but for ignored errors."""
    manager = QgsApplication.authManager()
    if origin(url)[0] != "https" or manager.isDisabled():
        return request
    settings = QSslConfiguration(request.sslConfiguration())
    trusted = manager.trustedCaCertsCache()
    settings.setCaCertificates(QgsAuthCertUtils.casMerge(trusted, settings.caCertificates()))
    _scheme, host, port = origin(url)
    kept = manager.sslCertCustomConfigByHost(f"{host}:{port}")
    if not kept.isNull():
        settings.setProtocol(kept.sslProtocol())
    request.setSslConfiguration(settings)
    return request


def _bytes(value) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8")
