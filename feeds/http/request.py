"""One question to a source, and how it changes on its way through redirects."""

from __future__ import annotations

import dataclasses
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Mapping, Optional

import requests

from .addresses import origin, split_login, target
from .connection import OriginSession
from .credentials import Credentials
from .errors import FeedError, Reason
from .failures import failure_of
from .hiding import Veil

METADATA = Path(__file__).resolve().parents[2] / "metadata.txt"
SECRET_HEADERS = {"authorization", "cookie", "proxy-authorization"}


@dataclasses.dataclass(frozen=True, repr=False)
class Question:
    """What is asked: ``headers`` hold the credentials only where they may go to ``url``.

    ``home`` is the address that the source was first asked at; credentials go to its origin only.
    """

    method: str
    url: str
    home: str
    headers: Mapping[str, str]
    params: Any = None
    data: Any = None
    json: Any = None
    accept: str = "application/json"
    authcfg: str = ""

    @property
    def host(self) -> str:
        """The host that is asked, for sentences."""
        return origin(self.url)[1]


def question(
    method: str,
    url: str,
    credentials: Credentials,
    authorised: bool,
    accept: str,
    headers: Optional[Mapping[str, str]],
    validators: Optional[Mapping[str, str]],
    **content: Any,
) -> Question:
    """The question with all its headers; a log-in in the address becomes a header."""
    bare, login = split_login(url)
    own = {"User-Agent": user_agent(), "Accept": accept, "Accept-Encoding": "gzip"}
    if authorised:
        own.update(credentials.headers() or login.headers())
    if validators:
        own.update(_conditions(validators))
    named = {name.lower() for name in headers or {}}
    kept = {name: value for name, value in own.items() if name.lower() not in named}
    return Question(
        method=method,
        url=bare,
        home=bare,
        headers={**kept, **(headers or {})},
        accept=accept,
        authcfg=credentials.authcfg if authorised else "",
        **content,
    )


def redirected(asked: Question, status: int, location: str, veil: Veil) -> Question:
    """The question as it goes on after a redirect.

    Credentials, and every header that holds a secret, go to the first origin only. Raises
    FeedError (REDIRECTED) where the new place may not be asked: see ``addresses.target``, and where
    a secret would go to another host inside the address or the body.
    """
    led = target(asked.url, location)
    away = origin(led) != origin(asked.home)
    if away and veil.hide(led) != led:
        raise _leads_away(asked.host)
    method, data, json = asked.method, asked.data, asked.json
    if status == 303 or (status in (301, 302) and method == "POST"):
        method, data, json = "GET", None, None
    if away and (data is not None or json is not None):
        raise _leads_away(asked.host)
    headers = dict(asked.headers)
    if away:
        headers = {
            name: value
            for name, value in headers.items()
            if name.lower() not in SECRET_HEADERS and veil.hide(value) == value
        }
    return dataclasses.replace(
        asked,
        method=method,
        url=led,
        headers=headers,
        params=None,
        data=data,
        json=json,
        authcfg="" if away else asked.authcfg,
    )


def prepared(asked: Question, session: OriginSession) -> requests.PreparedRequest:
    """The question as requests sends it; raises FeedError (REFUSED) where it cannot be sent."""
    failed = None
    try:
        made = session.prepare_request(
            requests.Request(
                asked.method,
                asked.url,
                headers=dict(asked.headers),
                params=asked.params,
                data=asked.data,
                json=asked.json,
            )
        )
        # What an adapter of QGIS's own applies, and only here.
        made.authcfg = asked.authcfg
        return made
    except (requests.exceptions.RequestException, ValueError) as error:
        failed = failure_of(error, asked.host)
    raise failed


@lru_cache(maxsize=1)
def user_agent() -> str:
    """How the plugin names itself to every source."""
    found = re.search(r"^version=(\S+)", METADATA.read_text(encoding="utf-8"), re.MULTILINE)
    return f"CeasefireMonitor/{found.group(1) if found else 'unknown'} (+QGIS plugin)"


def _conditions(validators: Mapping[str, str]) -> dict[str, str]:
    names = {"etag": "If-None-Match", "last_modified": "If-Modified-Since"}
    return {header: validators[key] for key, header in names.items() if validators.get(key)}


def _leads_away(host: str) -> FeedError:
    return FeedError(
        f"“{host}” redirects to another server in a way that would hand it our credentials; it was "
        "not followed: give the feed's address as the source names it now.",
        Reason.REDIRECTED,
    )
