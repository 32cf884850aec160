"""A proxy that breaks things, on real sockets, before any of the scripted servers.

    with OurServer() as server, Faults(server.address) as faults:
        faults.plan(pass_through, cut_body(0.5), storm(500, 3), status(429, retry_after="2"))
        client.get(faults.address + "/api/data")

Each request takes the next fault of the plan; when the plan is over everything passes. Where a plan
in order is not enough, ``faults.choose`` is a function of the Request that returns a fault or None
(asked first). The server's own address in bodies and headers becomes the proxy's, so that next
links lead through it too. ``log`` holds the requests as they came, ``hangups`` the moments
(time.monotonic) at which a client hung up on a fault that kept it waiting.
"""

from __future__ import annotations

import gzip
import time
from email.utils import formatdate
from typing import Iterable, Optional

from tests.feedservers.faultproxy import Fault, Faults, answered, pass_through
from tests.feedservers.serving import Answer, write_answer

__all__ = ["Fault", "Faults", "answered", "pass_through"]
PAGE = "<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body>Log in</body></html>"


def _begin(handler, code: int, headers: dict[str, str], length: Optional[int]) -> None:
    """The status line and headers, with a length that need not be true."""
    handler.send_response(code)
    for name, value in headers.items():
        handler.send_header(name, value)
    if length is not None:
        handler.send_header("Content-Length", str(length))
    handler.end_headers()


def _hang_up(handler) -> None:
    handler.close_connection = True


def cut_body(part: float = 0.5) -> Fault:
    """The true headers, and only so much of the body, before the connection ends."""

    def fault(faults, request, handler) -> None:
        answer = faults.fetch(request)
        body = answer.bytes()
        _begin(handler, answer.status, answer.headers, len(body))
        handler.wfile.write(body[: int(len(body) * part)])
        _hang_up(handler)

    return fault


def cut_chunked(part: float = 0.5) -> Fault:
    """A chunked body that ends without its last chunk, after a whole chunk."""

    def fault(faults, request, handler) -> None:
        answer = faults.fetch(request)
        body = answer.bytes()[: int(len(answer.bytes()) * part)]
        _begin(handler, answer.status, {**answer.headers, "Transfer-Encoding": "chunked"}, None)
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(body), body))
        _hang_up(handler)

    return fault


def cut_gzip(part: float = 0.5) -> Fault:
    """A compressed body, cut in the middle, whose length is that of what is left."""

    def make(answer: Answer) -> Answer:
        body = gzip.compress(answer.bytes())
        headers = {**answer.headers, "Content-Encoding": "gzip"}
        return Answer(answer.status, body[: int(len(body) * part)], headers)

    return answered(make)


def wrong_length(by: int) -> Fault:
    """A Content-Length that is wrong by so many bytes: positive announces too many."""

    def fault(faults, request, handler) -> None:
        answer = faults.fetch(request)
        body = answer.bytes()
        _begin(handler, answer.status, answer.headers, len(body) + by)
        handler.wfile.write(body)
        _hang_up(handler)

    return fault


def html_200(content_type: str = "text/html; charset=utf-8", page: str = PAGE) -> Fault:
    """A web page with the status of success."""
    return answered(lambda _answer: Answer(200, page, {"Content-Type": content_type}))


def status(code: int, body: str = "", **headers: str) -> Fault:
    """A status with headers, whose names have underscores: ``status(429, retry_after="3")``."""
    named = {name.replace("_", "-").title(): text for name, text in headers.items()}

    def fault(_faults, request, handler) -> None:
        write_answer(handler, request, Answer(code, body, named))

    return fault


def once(code: int, body: str = "", **headers: str) -> Fault:
    """``status``, by the name that a plan of one failure reads best with."""
    return status(code, body, **headers)


def storm(code: int, times: int) -> list[Fault]:
    """So many times the same status."""
    return [status(code)] * times


def drip(bytes_per_s: float, at_least: int = 0) -> Fault:
    """The true answer, byte by byte; ``at_least`` makes the body longer by blanks."""

    def fault(faults, request, handler) -> None:
        answer = faults.fetch(request)
        body = answer.bytes().ljust(at_least)
        _begin(handler, answer.status, answer.headers, len(body))
        for position in range(len(body)):
            handler.wfile.write(body[position : position + 1])
            if not faults.keep_waiting(handler, 1 / bytes_per_s):
                break
        _hang_up(handler)

    return fault


def drip_headers(bytes_per_s: float) -> Fault:
    """Headers byte by byte, without an end."""

    def fault(faults, _request, handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while faults.keep_waiting(handler, 1 / bytes_per_s):
            handler.wfile.write(b"a")
        _hang_up(handler)

    return fault


def redirect(to: str, code: int = 302) -> Fault:
    """A redirect; ``{target}`` in ``to`` becomes the request's own path and query."""

    def fault(_faults, request, handler) -> None:
        place = to.replace("{target}", request.target)
        write_answer(handler, request, Answer(code, b"", {"Location": place}))

    return fault


def gzip_bomb(size: int = 400_000_000) -> Fault:
    """A small body that inflates to ``size`` bytes of blanks."""

    def fault(_faults, request, handler) -> None:
        # Members of gzip follow each other, so that one of ten megabytes makes a bomb of any size.
        body = gzip.compress(b" " * 10_000_000) * max(1, size // 10_000_000)
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        write_answer(handler, request, Answer(200, body, headers))

    return fault


def bad_utf8(at: float = 0.5) -> Fault:
    """The true body with two bytes in it that are no UTF-8."""

    def make(answer: Answer) -> Answer:
        body = answer.bytes()
        middle = int(len(body) * at)
        return Answer(answer.status, body[:middle] + b"\xff\xc3" + body[middle:], answer.headers)

    return answered(make)


def deep_json(levels: int = 10_000, opening: str = "[", closing: str = "]") -> Fault:
    """JSON that is nested so deep."""
    body = opening * levels + "0" + closing * levels
    return answered(lambda _answer: Answer(200, body, {"Content-Type": "application/json"}))


def entity_bomb(kind: str = "laughs") -> Fault:
    """XML whose entities grow (``laughs``), or that fetches a file (``external``)."""
    lines = ['<!ENTITY a0 "ha">']
    for level in range(1, 20):
        lines.append(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">')
    if kind == "external":
        lines = ['<!ENTITY a19 SYSTEM "file:///etc/passwd">']
    body = f'<?xml version="1.0"?><!DOCTYPE rss [{"".join(lines)}]><rss>&a19;</rss>'
    return answered(lambda _answer: Answer(200, body, {"Content-Type": "application/xml"}))


def close_before_headers(_faults, _request, handler) -> None:
    """Takes the request and hangs up without a word."""
    _hang_up(handler)


def stall(seconds: float = 60.0) -> Fault:
    """Takes the request and says nothing for so long."""

    def fault(faults, _request, handler) -> None:
        faults.keep_waiting(handler, seconds)
        _hang_up(handler)

    return fault


def stall_body(seconds: float = 60.0, part: float = 0.5) -> Fault:
    """Headers, a part of the body, then nothing for so long."""

    def fault(faults, request, handler) -> None:
        answer = faults.fetch(request)
        body = answer.bytes()
        _begin(handler, answer.status, answer.headers, len(body))
        handler.wfile.write(body[: int(len(body) * part)])
        faults.keep_waiting(handler, seconds)
        _hang_up(handler)

    return fault


def skewed_clock(seconds: float) -> Fault:
    """The true answer by a server whose clock is wrong by so much (its header Date)."""

    def fault(faults, request, handler) -> None:
        answer = faults.fetch(request)
        handler.date_time_string = lambda timestamp=None: formatdate(
            time.time() + seconds, usegmt=True
        )
        write_answer(handler, request, answer)

    return fault


def stream(pieces: Iterable[bytes], content_type: str = "text/csv", **headers: str) -> Fault:
    """A body of any size, chunked, made while it is sent; the pieces are read once."""

    def fault(_faults, _request, handler) -> None:
        named = {name.replace("_", "-").title(): text for name, text in headers.items()}
        told = {"Content-Type": content_type, "Transfer-Encoding": "chunked", **named}
        _begin(handler, 200, told, None)
        for piece in pieces:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        handler.wfile.write(b"0\r\n\r\n")

    return fault
