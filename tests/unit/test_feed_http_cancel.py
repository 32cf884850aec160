"""The feeds' client when it is stopped, when a body is huge, and when it may not connect at all."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from ceasefire_monitor.feeds.http.client import Client
from ceasefire_monitor.feeds.http.limits import Limits
from ceasefire_monitor.model.errors import Cancelled
from tests.feedservers.faults import Faults, drip, gzip_bomb, stall, stall_body, status, stream

ROOT = str(Path(__file__).resolve().parents[2])
PATIENT = Limits(connect_s=60, idle_s=60)


@contextmanager
def stopping(after_s: float = 0.3):
    """A ``cancelled`` that turns true after a while, and the moment when it did."""
    stop, moments = threading.Event(), []

    def turn():
        moments.append(time.monotonic())
        stop.set()

    timer = threading.Timer(after_s, turn)
    timer.start()
    yield stop.is_set, moments
    timer.cancel()


def seconds_until_stopped(address: str) -> float:
    with stopping() as (cancelled, moments), Client(PATIENT, cancelled=cancelled) as client:
        with pytest.raises(Cancelled):
            client.get(address, accept="text/csv")
        raised = time.monotonic()
        assert client._folder is None or not list(Path(client._folder.name).iterdir())
    return raised - moments[0]


def workers() -> int:
    return sum(thread.name == "ceasefire-http" for thread in threading.enumerate())


def endless():
    while True:
        yield b"1,2,3\n" * 4000


STATES = {
    "waiting for headers": stall(30),
    "in the middle of a body that stands still": stall_body(30),
    "in a body that drips": drip(30),
    "in a body that rushes by": stream(endless()),
    "inflating a bomb": gzip_bomb(1_500_000_000),
    "waiting to ask again": status(503, retry_after="60"),
}


@pytest.mark.parametrize("state", STATES)
def test_a_cancel_is_heard_within_a_second(state):
    with Faults() as faults:
        faults.plan(STATES[state])
        assert seconds_until_stopped(faults.address + "/") < 0.5
        until = time.monotonic() + 2
        while workers() and time.monotonic() < until:
            time.sleep(0.02)
        assert workers() == 0


def test_a_cancel_hangs_up_at_once():
    with Faults() as faults:
        faults.plan(stall(30))
        seconds_until_stopped(faults.address + "/")
        cancelled = time.monotonic()
        while not faults.hangups and time.monotonic() < cancelled + 5:
            time.sleep(0.02)
        assert faults.hangups and faults.hangups[0] - cancelled < 0.5


def test_a_cancel_while_connecting_is_heard_and_nothing_is_sent_after():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        place = listening.getsockname()
        # The queue of one is full, so that the system leaves the next one waiting.
        fillers = [socket.socket() for _filler in range(3)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(place)
        time.sleep(0.1)
        assert seconds_until_stopped(f"http://127.0.0.1:{place[1]}/") < 0.5
        for filler in fillers:
            filler.close()
        listening.settimeout(1.5)
        said = b""
        try:
            while True:
                accepted, _peer = listening.accept()
                accepted.settimeout(1.5)
                said += accepted.recv(100)
                accepted.close()
        except (socket.timeout, ConnectionError):
            assert said == b""


def test_a_cancel_in_the_middle_of_a_handshake_is_heard():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(5)
        port = listening.getsockname()[1]
        assert seconds_until_stopped(f"https://127.0.0.1:{port}/") < 0.5


def test_a_cancel_before_the_start_asks_nothing():
    with Faults() as faults, Client(cancelled=lambda: True) as client:
        with pytest.raises(Cancelled):
            client.get(faults.address + "/")
        assert client.requests == 0 and faults.log == []


def told_by(program: str, *arguments: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": ROOT},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


MEMORY = """
import json, resource, sys
import tests.conftest
from ceasefire_monitor.feeds.http.client import Client
with Client() as client:
    client.get(sys.argv[1] + "/small", accept="text/csv").text()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reply = client.get(sys.argv[1] + "/large", accept="text/csv")
    lines = sum(1 for _line in reply.lines())
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"grown_kb": after - before, "lines": lines, "size": reply.size}))
"""


@pytest.mark.parametrize("packed", [False, True])
def test_memory_stays_flat_for_three_hundred_megabytes(packed):
    pytest.importorskip("resource")
    block = b"2031-01-01,Vale,12.5,an event of which little is known\n" * 20_000
    count = 300_000_000 // len(block) + 1
    small = stream([block])

    def squeezed():
        import zlib

        engine = zlib.compressobj(1, zlib.DEFLATED, 31)
        for _block in range(count):
            yield engine.compress(block)
        yield engine.flush()

    large = stream(block for _block in range(count))
    if packed:
        large = stream((piece for piece in squeezed() if piece), content_encoding="gzip")
    with Faults() as faults:
        faults.plan(small, large)
        told = told_by(MEMORY, faults.address)
    assert told["size"] == count * len(block) and told["lines"] == count * 20_000
    assert told["grown_kb"] < 12_000


SOCKETS = """
import json, sys
import tests.conftest
seen = []
sys.addaudithook(lambda event, _given: seen.append(event) if event.startswith("socket.") else None)
from ceasefire_monitor.feeds.http.client import Client
from ceasefire_monitor.feeds.http.errors import FeedError
reasons = []
with Client(offline=sys.argv[2] == "offline") as client:
    for ask in (client.get, client.post):
        try:
            ask(sys.argv[1])
        except FeedError as error:
            reasons.append(error.reason.name)
print(json.dumps({"events": seen, "reasons": reasons, "requests": client.requests}))
"""


def test_offline_makes_no_socket_and_asks_for_no_name():
    with Faults() as faults:
        address = faults.address.replace("127.0.0.1", "localhost") + "/"
        offline = told_by(SOCKETS, address, "offline")
        online = told_by(SOCKETS, address, "online")
    assert offline == {"events": [], "reasons": ["OFFLINE", "OFFLINE"], "requests": 0}
    assert {"socket.__new__", "socket.getaddrinfo", "socket.connect"} <= set(online["events"])
    assert len(faults.log) == 2
