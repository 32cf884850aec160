"""Who we are to a feed's source: from QGIS's authentication database, else from the environment."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsAuthMethodConfig

from ...feeds.http.credentials import Credentials
from ...feeds.http.errors import FeedError, Reason
from .auth_database import read_configuration

# The Esri token method of QGIS sends this header.
ESRI_HEADER = "X-Esri-Authorization"


def credentials_of(feed: Any) -> Credentials:
    """The credentials of a feed (``authcfg`` and ``feed_name`` are read; either may be empty).

    Basic, APIHeader and EsriToken come as values, for a source may need them otherwise than as a
    header; of any other method only the id, for ``NetworkAccessAdapter`` to have it applied.
    Without an authcfg, what the environment holds for the feed's name; empty where it has nothing.
    Raises FeedError with one sentence; opens no window.
    """
    authcfg = (feed.authcfg or "").strip()
    if not authcfg:
        return Credentials.from_environment(feed.feed_name or "")
    configuration = read_configuration(authcfg)
    reader = READERS.get(configuration.method())
    return reader(configuration) if reader else Credentials(authcfg=authcfg)


def secrets_of(authcfg: str) -> list[str]:
    """Every value of a configuration, so that it can be hidden wherever a server repeats it."""
    return [value for value in read_configuration(authcfg).configMap().values() if value]


def _basic(configuration: QgsAuthMethodConfig) -> Credentials:
    username, password = configuration.config("username"), configuration.config("password")
    if not username and not password:
        raise _empty(configuration)
    return Credentials(username=username, password=password)


def _header(configuration: QgsAuthMethodConfig) -> Credentials:
    headers = {name.strip(): value.strip() for name, value in configuration.configMap().items()}
    headers = {name: value for name, value in headers.items() if name and value}
    if not headers:
        raise _empty(configuration)
    if len(headers) > 1:
        return Credentials(authcfg=configuration.id())
    ((header, value),) = headers.items()
    scheme, _, token = value.partition(" ")
    if header.lower() != "authorization" or not token:
        scheme, token = "", value
    return Credentials(token=token.strip(), header=header, scheme=scheme)


def _esri_token(configuration: QgsAuthMethodConfig) -> Credentials:
    token = configuration.config("token").strip()
    if not token:
        raise _empty(configuration)
    return Credentials(token=token, header=ESRI_HEADER, scheme="Bearer")


def _empty(configuration: QgsAuthMethodConfig) -> FeedError:
    return FeedError(
        f"QGIS's authentication configuration “{configuration.id()}” is empty. Fill it in under "
        "Settings, Options, Authentication.",
        Reason.UNAUTHORISED,
    )


READERS = {"Basic": _basic, "APIHeader": _header, "EsriToken": _esri_token}
