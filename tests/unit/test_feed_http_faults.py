"""The feeds' client before a proxy that breaks things: nothing broken passes as a reply."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from ceasefire_monitor.feeds.http.client import Client
from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from ceasefire_monitor.feeds.http.limits import Limits
from tests.feedservers.faults import (
    Faults,
    bad_utf8,
    close_before_headers,
    cut_body,
    cut_chunked,
    cut_gzip,
    deep_json,
    drip,
    drip_headers,
    entity_bomb,
    gzip_bomb,
    html_200,
    once,
    stall,
    stall_body,
    stream,
    wrong_length,
)
from tests.feedservers.serving import Answer, Serving

ROWS = "id,place\n" + "".join(f"{number},Vale {number}\n" for number in range(3000))
NO_WAITS = Limits(first_wait_s=0.0)
ONE_TRY = Limits(first_wait_s=0.0, attempts=1)


class Table(Serving):
    """A CSV of 3,000 rows."""

    def answer(self, request):
        return Answer(200, ROWS, {"Content-Type": "text/csv"})


@pytest.fixture
def faults():
    with Table() as server, Faults(server.address) as proxy:
        yield proxy


def fetched(faults, limits=NO_WAITS, accept="text/csv"):
    with Client(limits=limits) as client:
        return client.get(faults.address + "/", accept=accept).text()


def failed(faults, limits=ONE_TRY, accept="text/csv", read="text") -> FeedError:
    with Client(limits=limits) as client, pytest.raises(FeedError) as raised:
        getattr(client.get(faults.address + "/", accept=accept), read)()
    return raised.value


BREAKS = {
    "cut at once": cut_body(0.0),
    "cut in the middle": cut_body(0.5),
    "cut before the last byte": cut_body(0.9999),
    "cut between two chunks": cut_chunked(0.5),
    "cut in its gzip": cut_gzip(0.5),
    "cut before gzip's checksum": cut_gzip(0.999),
    "announced too long": wrong_length(7),
    "announced too short": wrong_length(-7),
    "announced as one byte": wrong_length(1 - len(ROWS)),
    "hung up": close_before_headers,
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_reply_is_an_error_and_the_next_attempt_is_whole(faults, name):
    faults.plan(BREAKS[name])
    error = failed(faults)
    assert error.transient
    assert error.reason is (Reason.UNREACHABLE if name == "hung up" else Reason.BROKEN)
    faults.plan(BREAKS[name], BREAKS[name])
    assert fetched(faults) == ROWS
    assert len(faults.log) == 4


def test_a_broken_reply_leaves_no_file(faults):
    faults.plan([cut_body(0.5)] * 3, html_200(), gzip_bomb(5_000_000))
    limits = Limits(first_wait_s=0.0, attempts=1, inflated_bytes=1_000_000)
    with Client(limits=limits) as client:
        for _attempt in range(5):
            with pytest.raises(FeedError):
                client.get(faults.address + "/", accept="text/csv")
        kept = client.get(faults.address + "/", accept="text/csv")
        assert list(kept.path.parent.iterdir()) == [kept.path]


PAGES = {
    "as HTML": html_200(),
    "as JSON": html_200("application/json"),
    "as text": html_200("text/plain"),
    "as XHTML": html_200(page="<?xml version='1.0'?>\n<!-- us -->\n<html xmlns='x'></html>"),
    "without an opening": html_200(page="<div>Sign in</div>"),
    "with a mark": html_200("text/csv", "\N{ZERO WIDTH NO-BREAK SPACE}\n <HTML>"),
}


@pytest.mark.parametrize("accept", ["application/json", "text/csv", "application/xml", "*/*"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_for_people_is_no_data(faults, name, accept):
    faults.plan(PAGES[name])
    error = failed(faults, accept=accept)
    assert error.reason is Reason.BROKEN and "web page" in str(error)
    assert len(faults.log) == 1


@pytest.mark.parametrize("body", ['{"a": 1}', "a,b\n1,2\n", "<?xml version='1.0'?><rss/>"])
def test_data_that_a_server_calls_html_is_read(faults, body):
    faults.plan(html_200("text/html", body))
    assert fetched(faults, accept="application/json") == body


def test_401_is_for_the_source_to_answer(faults):
    faults.plan(once(401))
    assert failed(faults, NO_WAITS).reason is Reason.UNAUTHORISED
    assert fetched(faults) == ROWS and len(faults.log) == 2


@pytest.mark.parametrize("fault", [drip(50), drip_headers(50), stall_body(30), stall(30)])
def test_a_reply_that_never_ends_ends_at_its_deadline(faults, fault):
    faults.plan(fault)
    began = time.monotonic()
    error = failed(faults, Limits(whole_s=0.6))
    assert error.reason is Reason.SLOW and not error.transient
    assert 0.5 < time.monotonic() - began < 1.6
    assert len(faults.log) == 1


@pytest.mark.parametrize("fault", [stall(30), stall_body(30)])
def test_silence_is_a_failure_that_is_tried_again(faults, fault):
    faults.plan(fault)
    began = time.monotonic()
    assert fetched(faults, Limits(idle_s=0.4, first_wait_s=0.0)) == ROWS
    assert time.monotonic() - began < 2
    faults.plan(fault)
    error = failed(faults, Limits(idle_s=0.3, attempts=1))
    assert error.reason is Reason.SLOW and error.transient


@pytest.mark.parametrize("attempts", [1, 5])
def test_a_gzip_bomb_stops_at_the_limit(faults, attempts):
    faults.plan(gzip_bomb(300_000_000))
    began = time.monotonic()
    error = failed(faults, Limits(inflated_bytes=20_000_000, attempts=attempts))
    assert error.reason is Reason.TOO_LARGE and "20 MB when inflated" in str(error)
    assert len(faults.log) == 1 and time.monotonic() - began < 10


@pytest.mark.parametrize("announced", [True, False])
def test_a_reply_that_is_too_large_is_not_read(faults, announced):
    faults.plan(wrong_length(0) if announced else stream([ROWS.encode()]))
    error = failed(faults, Limits(received_bytes=len(ROWS) - 1, attempts=1))
    assert error.reason is Reason.TOO_LARGE


def test_a_length_beyond_the_limit_is_believed_before_anything_is_read(faults):
    faults.plan(wrong_length(600_000_000))
    assert failed(faults).reason is Reason.TOO_LARGE


def test_a_body_of_just_the_limit_passes(faults):
    limits = Limits(received_bytes=len(ROWS), inflated_bytes=len(ROWS), attempts=1)
    assert fetched(faults, limits) == ROWS


def test_a_coding_that_was_not_asked_for(faults):
    faults.plan(once(200, "abc", content_encoding="br"), once(200, "abc", content_encoding="gzip"))
    assert "was not asked for" in str(failed(faults))
    assert "cannot be inflated" in str(failed(faults))


def test_invalid_utf8_is_said_or_counted(faults):
    faults.plan(bad_utf8(), bad_utf8())
    said = []
    with Client(say=said.append) as client:
        lines = list(client.get(faults.address + "/", accept="text/csv").lines())
        with pytest.raises(FeedError, match="not valid UTF-8 near line"):
            client.get(faults.address + "/", accept="text/csv").text()
    assert len(lines) == 3001 and len(said) == 1 and "2 signs" in said[0]


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_json_nested_ten_thousand_deep(faults, opening):
    closing = opening.replace('"a":', "").translate(str.maketrans("[{", "]}"))[::-1]
    faults.plan(deep_json(10_000, opening, closing))
    error = failed(faults, accept="application/json", read="json")
    assert error.reason is Reason.BROKEN and "nested deeper than 200" in str(error)


@pytest.mark.parametrize("kind", ["laughs", "external"])
def test_entities_are_refused_at_once(faults, kind):
    faults.plan(entity_bomb(kind))
    began = time.monotonic()
    error = failed(faults, accept="application/xml", read="xml")
    assert error.reason is Reason.BROKEN and "entities" in str(error)
    assert "root:" not in str(error) and time.monotonic() - began < 1


def test_something_that_is_not_http(faults):
    def ssh(_faults, _request, handler):
        handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        handler.close_connection = True

    faults.plan(ssh)
    assert failed(faults).reason is Reason.BROKEN


def test_headers_without_an_end(faults):
    def endless(_faults, _request, handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 5000 + b"\r\n")
        handler.close_connection = True

    faults.plan(endless)
    assert failed(faults).reason is Reason.BROKEN


FULL_DISK = """
import resource, signal, sys
sys.path.insert(0, sys.argv[2])
import tests.conftest
from ceasefire_monitor.feeds.http.client import Client
from ceasefire_monitor.feeds.http.errors import FeedError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with Client() as client:
    first = client.get(sys.argv[1], accept="text/csv")
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
    try:
        client.get(sys.argv[1], accept="text/csv")
    except FeedError as error:
        print(error.reason.name, list(first.path.parent.iterdir()) == [first.path], error)
"""


def test_a_disk_that_takes_no_more_is_said_and_nothing_is_left(faults):
    pytest.importorskip("resource")
    root = str(Path(__file__).resolve().parents[2])
    told = subprocess.run(
        [sys.executable, "-c", FULL_DISK, faults.address + "/", root],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.stdout.startswith("TOO_LARGE True The source's reply could not be written")
