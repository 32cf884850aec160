"""The client that a feed is asked through inside QGIS."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Optional

from qgis.core import QgsSettings

if TYPE_CHECKING:
    from ...feeds.http.client import Client
    from ...feeds.http.limits import Limits

OFFLINE_KEY = "ceasefire_monitor/offline"
OFFLINE_VARIABLE = "CEASEFIRE_OFFLINE"


def is_offline() -> bool:
    """Whether no connection at all may be made, by QGIS's setting or by the environment."""
    if os.environ.get(OFFLINE_VARIABLE, "").strip().lower() in ("1", "true", "yes", "on"):
        return True
    return QgsSettings().value(OFFLINE_KEY, False, bool)


def make_client(feed: Any, feedback: Any = None, limits: Optional[Limits] = None) -> Client:
    """The client for a feed, to be used and closed in this thread; a context manager.

    Its requests go by QGIS's network settings. ``feedback`` (QgsFeedback) can stop it. Offline it
    is made without a look at any login, and refuses every request before a connection. Raises
    FeedError with one sentence where the feed's login cannot be read; opens no window.
    """
    # requests is loaded at the first fetch, not with QGIS.
    from ...feeds.http.client import Client
    from ...feeds.http.credentials import Credentials
    from ...feeds.http.limits import Limits
    from .credentials import credentials_of, secrets_of
    from .qnam_adapter import NetworkAccessAdapter

    offline = is_offline()
    credentials = Credentials() if offline else credentials_of(feed)
    made = Client(
        limits=limits or Limits(),
        credentials=credentials,
        adapter=NetworkAccessAdapter(),
        cancelled=feedback.isCanceled if feedback is not None else None,
        offline=offline,
        say=feedback.pushInfo if hasattr(feedback, "pushInfo") else None,
    )
    for secret in secrets_of(credentials.authcfg) if credentials.authcfg else ():
        made.protect(secret)
    return made
