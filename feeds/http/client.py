"""The client that every source asks through."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable, Mapping, Optional

from ..workfolders import work_folder_prefix
from .addresses import checked, origin, split_login
from .credentials import Credentials
from .errors import FeedError, Reason
from .hiding import Veil
from .limits import Limits
from .reply import Reply
from .statuses import waiting_time
from .waits import Clock, backoff_s, sit_out

if TYPE_CHECKING:
    from .attempt import Desk
    from .connection import OriginSession
    from .request import Question

NO_CREDENTIALS = Credentials()
USUAL_LIMITS = Limits()


class Client:
    """Asks sources over HTTP, with deadlines, limits and retries; a context manager.

    ``adapter`` is a requests adapter to send through (None: requests' own, in a worker thread);
    see ``exchange`` for what one that works in the calling thread owes. ``cancelled`` is asked at
    least every tenth of a second; Cancelled is raised when it turns true. ``offline`` refuses every
    request before a socket is made. ``say`` takes sentences on what goes on (waits). ``clock``
    stands in for the time in tests. ``requests`` counts what was sent, retries and redirects
    included. One thread at a time.
    """

    def __init__(
        self,
        limits: Limits = USUAL_LIMITS,
        credentials: Credentials = NO_CREDENTIALS,
        adapter: Any = None,
        cancelled: Optional[Callable[[], bool]] = None,
        offline: bool = False,
        say: Optional[Callable[[str], None]] = None,
        clock: Optional[Clock] = None,
    ):
        self.limits = limits
        self.credentials = credentials
        self.offline = offline
        self.requests = 0
        self._veil = Veil(credentials.secrets())
        self._adapter = adapter
        self._cancelled = cancelled or (lambda: False)
        self._say = say or (lambda _sentence: None)
        self._clock = clock or Clock()
        self._sessions: dict[tuple, OriginSession] = {}
        self._folder: Optional[tempfile.TemporaryDirectory] = None
        self._numbers = itertools.count(1)

    def get(
        self,
        url: str,
        params: Any = None,
        headers: Optional[Mapping[str, str]] = None,
        accept: str = "application/json",
        validators: Optional[Mapping[str, str]] = None,
        authorised: bool = True,
    ) -> Reply:
        """Ask for an address; returns once the whole reply is on disk.

        ``params`` are added to the query; ``accept`` is what data is wanted (HTML is refused unless
        named); ``validators`` (``reply.validators`` of an earlier one) ask whether anything
        changed, see ``reply.not_modified``. ``authorised=False`` sends no credentials. Raises
        FeedError with its Reason, and Cancelled.
        """
        return self._ask(
            "GET", url, params, headers, accept, validators=validators, authorised=authorised
        )

    def post(
        self,
        url: str,
        data: Any = None,
        json: Any = None,
        params: Any = None,
        headers: Optional[Mapping[str, str]] = None,
        accept: str = "application/json",
        authorised: bool = True,
    ) -> Reply:
        """Send a form (``data``) or JSON to an address that only answers questions.

        It is sent again after a failure, as ``get`` is: use it for log-ins and long queries, not
        to change anything at a source.
        """
        return self._ask(
            "POST", url, params, headers, accept, authorised=authorised, data=data, json=json
        )

    def hide(self, text: str) -> str:
        """The text with every secret as ``•••``, percent-encoded and base64 ones too."""
        return self._veil.hide(text)

    def hide_url(self, url: str) -> str:
        """An address to store or show: no log-in, no secret, no value of a secret's name."""
        return self._veil.hide_url(url)

    def protect(self, secret: str) -> None:
        """Hide one more secret from now on, such as an access token that a source was given."""
        self._veil.add(secret)

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass, for sources that ask for it in their own way.

        Raises Cancelled.
        """
        sit_out(seconds, self._clock, self._cancelled)

    def close(self) -> None:
        """Hang up and remove the replies' files."""
        for session in self._sessions.values():
            session.close()
        self._sessions.clear()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def _ask(self, method, url, params, headers, accept, **more) -> Reply:
        if self.offline:
            raise FeedError(
                "The offline mode is on, so nothing was asked: turn it off to fetch.",
                Reason.OFFLINE,
            )
        # requests is loaded when something is asked: loading it binds a socket to see IPv6.
        from .request import question

        address = checked(url)
        for secret in split_login(address)[1].secrets():
            self.protect(secret)
        asked = question(
            method,
            address,
            self.credentials,
            headers=headers,
            accept=accept,
            params=params,
            authorised=more.pop("authorised"),
            validators=more.pop("validators", None),
            **more,
        )
        return self._until_answered(asked)

    def _until_answered(self, asked: Question) -> Reply:
        """The reply, asked for as often as the limits allow."""
        from .attempt import attempt

        desk = self._desk()
        for number in itertools.count(1):
            failed = None
            try:
                return attempt(desk, asked)
            except FeedError as error:
                failed = self._veiled(error)
            if not failed.transient or number >= self.limits.attempts:
                break
            wait_s = max(failed.retry_after_s or 0.0, backoff_s(number, self.limits))
            if wait_s > self.limits.longest_wait_s:
                # It is the source's wish that we go, whatever its status was.
                failed.reason = Reason.LIMITED
                break
            self._say(
                f"{failed} (Attempt {number} of {self.limits.attempts}; the next one in "
                f"{waiting_time(wait_s)}.)"
            )
            sit_out(wait_s, self._clock, self._cancelled)
        # Outside the handler: nothing of the first error's making hangs on this one.
        raise failed

    def _veiled(self, error: FeedError) -> FeedError:
        """The error with no secret in its sentence, whatever a host's name held."""
        return FeedError(
            self.hide(str(error)),
            error.reason,
            error.retry_after_s,
            error.status,
            error.body,
            error.transient,
        )

    def _desk(self) -> Desk:
        from .attempt import Desk

        return Desk(
            limits=self.limits,
            clock=self._clock,
            veil=self._veil,
            cancelled=self._cancelled,
            say=self._say,
            session=self._session,
            place=self._place,
            sent=self._count,
            adapter=self._adapter,
        )

    def _count(self) -> None:
        self.requests += 1

    def _session(self, url: str) -> OriginSession:
        """The session of an address's origin: its connections and cookies are no other's."""
        from .connection import OriginSession

        key = origin(url)
        if key not in self._sessions:
            self._sessions[key] = OriginSession(self._adapter)
        return self._sessions[key]

    def _place(self) -> Path:
        """A file's path for the next body."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix=work_folder_prefix("feed"))
        return Path(self._folder.name) / f"{next(self._numbers)}.body"
