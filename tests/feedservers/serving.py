"""A small real HTTP server on loopback that every scripted source of the tests stands on.

A source's server derives from ``Serving`` and answers in one method::

    class OurServer(Serving):
        def answer(self, request: Request) -> Answer:
            if request.path != "/api/data":
                return Answer(404, "nothing here")
            return json_answer({"results": [], "limit": request.one("limit", "100")})

    with OurServer() as server:
        client.get(server.address + "/api/data")
        assert server.log[0].one("limit") is None

Requests are answered on threads of their own, one at a time (``answer`` holds ``self.lock``), so
that a server's mutable truth needs no lock of its own; a test that changes it while a client
reads takes ``server.lock`` too.
"""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Optional, Union
from urllib.parse import parse_qs, unquote, urlsplit


@dataclasses.dataclass(frozen=True)
class Request:
    """One request as it arrived: ``path`` decoded, ``query`` a list of values a name.

    ``headers`` have small letters as names; ``target`` is the raw path and query.
    """

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    target: str

    def one(self, name: str, default: Optional[str] = None) -> Optional[str]:
        """The first value of a query parameter, or ``default``."""
        return self.query.get(name, [default])[0]

    def form(self) -> dict[str, str]:
        """The first values of a body that is a form (application/x-www-form-urlencoded)."""
        fields = parse_qs(self.body.decode("utf-8"), keep_blank_values=True)
        return {name: values[0] for name, values in fields.items()}

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body.decode("utf-8"))


@dataclasses.dataclass
class Answer:
    """What a server says: text becomes UTF-8; Content-Length is set unless it is among headers."""

    status: int = 200
    body: Union[bytes, str] = b""
    headers: dict[str, str] = dataclasses.field(default_factory=dict)

    def bytes(self) -> bytes:
        """The body as bytes."""
        return self.body.encode("utf-8") if isinstance(self.body, str) else self.body


def json_answer(value: Any, status: int = 200, **headers: str) -> Answer:
    """An Answer whose body is JSON; ``headers`` with underscores for hyphens."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Answer(status, json.dumps(value), {"Content-Type": "application/json", **named})


def with_validator(request: Request, answer: Answer) -> Answer:
    """The answer with an ETag of its body, or 304 where the request already has it."""
    tag = f'"{hashlib.sha256(answer.bytes()).hexdigest()[:16]}"'
    if request.headers.get("if-none-match") == tag:
        return Answer(304, b"", {"ETag": tag})
    return Answer(answer.status, answer.body, {**answer.headers, "ETag": tag})


def compressed(request: Request, answer: Answer) -> Answer:
    """The answer compressed by gzip where the request accepts it."""
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return answer
    headers = {**answer.headers, "Content-Encoding": "gzip"}
    return Answer(answer.status, gzip.compress(answer.bytes()), headers)


class Serving:
    """A threading HTTP server on 127.0.0.1 with a free port; a context manager.

    ``address`` is ``http://127.0.0.1:port`` without a slash; ``log`` holds every Request in the
    order of arrival. ``host`` may be another loopback name (``127.0.0.2``, ``localhost``).
    ``context`` is an ssl.SSLContext to serve https.
    """

    def __init__(self, host: str = "127.0.0.1", context=None):
        self.log: list[Request] = []
        self.lock = threading.RLock()
        self._server = _Server((host, 0), _handler_for(self))
        self._server.daemon_threads = True
        self._server.block_on_close = False
        scheme = "http"
        if context is not None:
            scheme = "https"
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.address = f"{scheme}://{host}:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )
        self._thread.start()

    def answer(self, request: Request) -> Answer:
        """What this server says to a request; overridden by each source's server."""
        return Answer(404, f"nothing at {request.path}", {"Content-Type": "text/plain"})

    def close(self) -> None:
        """Stop serving and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def __enter__(self):
        return self

    def __exit__(self, *_raised) -> None:
        self.close()

    def respond(self, request: Request, handler: BaseHTTPRequestHandler) -> None:
        """Write the answer to a request; a server with odd manners overrides this."""
        self.log.append(request)
        with self.lock:
            answer = self.answer(request)
        write_answer(handler, request, answer)


def write_answer(handler: BaseHTTPRequestHandler, request: Request, answer: Answer) -> None:
    """Send an Answer as HTTP/1.1 with its own headers, and its Content-Length if it has none."""
    body = answer.bytes()
    handler.send_response(answer.status)
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    if "content-length" not in {name.lower() for name in answer.headers}:
        handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    if request.method != "HEAD":
        handler.wfile.write(body)


class _Server(ThreadingHTTPServer):
    request_queue_size = 64

    def handle_error(self, request, client_address) -> None:
        """A client that hung up is no error of the server's; a bug in ``answer`` shows as 500."""


def _handler_for(serving: Serving) -> type:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # A client that keeps its connection must not hold a test's end.
        timeout = 60
        # Headers and body are two writes; without this the second waits for an acknowledgement.
        disable_nagle_algorithm = True

        def handle_request(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            parts = urlsplit(self.path)
            request = Request(
                method=self.command,
                path=unquote(parts.path),
                query=parse_qs(parts.query, keep_blank_values=True),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(length) if length else b"",
                target=self.path,
            )
            try:
                serving.respond(request, self)
            except (ConnectionError, TimeoutError):
                self.close_connection = True
            except Exception as error:
                self.close_connection = True
                wrong = f"{type(error).__name__}: {error}"
                write_answer(self, request, Answer(500, wrong, {"X-Test-Server": "bug"}))

        def log_message(self, *_text) -> None:
            """The log is in ``Serving.log``, not on the terminal."""

    for verb in ("GET", "POST", "PUT", "HEAD", "OPTIONS"):
        setattr(Handler, f"do_{verb}", Handler.handle_request)
    return Handler
