"""The feeds' client: what it sends, what a reply holds, redirects, cookies and its waits."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
from datetime import datetime, timedelta, timezone

import pytest

from ceasefire_monitor.feeds.http.client import Client
from ceasefire_monitor.feeds.http.credentials import Credentials
from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from ceasefire_monitor.feeds.http.limits import Limits
from ceasefire_monitor.feeds.http.waits import Clock
from tests.feedservers.faults import Faults, redirect, skewed_clock, status, storm
from tests.feedservers.serving import Answer, Serving, compressed, json_answer, with_validator

SECRET = "pass/wörd+100% =&"


class QuickClock(Clock):
    """Waits pass at once and are written down."""

    def __init__(self):
        self.waited = 0.0
        self.longest = 0.0

    def monotonic(self):
        return super().monotonic() + self.waited

    def wait(self, seconds):
        self.waited += seconds


class Data(Serving):
    """Says what it was asked, compressed and with a validator."""

    def answer(self, request):
        if request.path == "/csv":
            body = 'name,n\r\nÅsa,1\r\n"two\nlines",2\r\n'.encode("cp1252")
            return Answer(200, body, {"Content-Type": "text/csv; charset=iso-8859-1"})
        if request.path == "/cookie":
            seen = request.headers.get("cookie", "")
            return json_answer(seen, set_cookie="visit=7; Path=/")
        if request.path == "/form":
            return json_answer({"form": request.form(), "method": request.method})
        return with_validator(request, compressed(request, json_answer(request.query)))


@pytest.fixture
def server():
    with Data() as serving:
        yield serving


def token(**more) -> Credentials:
    return Credentials(token="a-token-of-ours", **more)


def test_a_reply_holds_its_body_digest_time_and_validators(server):
    with Client() as client:
        before = datetime.now(timezone.utc)
        reply = client.get(server.address + "/data", params={"page": 2, "q": "a b"})
        body = reply.bytes()
        assert reply.json() == {"page": ["2"], "q": ["a b"]}
        assert reply.sha256 == hashlib.sha256(body).hexdigest()
        assert reply.size == len(body) == reply.path.stat().st_size
        assert before <= reply.fetched_at <= datetime.now(timezone.utc)
        assert reply.headers["content-ENCODING"] == "gzip"
        assert reply.url == server.address + "/data?page=2&q=a+b"
        again = client.get(reply.url, validators=reply.validators)
        assert again.not_modified and again.size == 0 and not reply.not_modified
        assert client.requests == 2
        kept = reply.path
    assert not kept.exists() and not kept.parent.exists()


def test_what_the_client_says_of_itself(server):
    with Client(credentials=token(scheme="Token")) as client:
        client.get(server.address + "/", headers={"X-App": "ours"}, accept="text/csv")
        client.get(server.address + "/", authorised=False)
        client.get(server.address + "/", headers={"authorization": "Bearer newer"})
    first, open_one, own = server.log
    assert first.headers["user-agent"].startswith("CeasefireMonitor/0")
    assert first.headers["authorization"] == "Token a-token-of-ours"
    assert first.headers["accept"] == "text/csv" and first.headers["x-app"] == "ours"
    assert first.headers["accept-encoding"] == "gzip"
    assert "authorization" not in open_one.headers
    assert own.headers["authorization"] == "Bearer newer"


def test_lines_keep_their_ends_and_their_charset(server):
    with Client() as client:
        reply = client.get(server.address + "/csv", accept="text/csv")
        assert list(reply.lines()) == ["name,n\r\n", "Åsa,1\r\n", '"two\n', 'lines",2\r\n']
        assert reply.text().startswith("name,n\r\nÅsa")


def test_a_form_is_posted(server):
    with Client() as client:
        reply = client.post(server.address + "/form", data={"username": "u", "password": SECRET})
        assert reply.json() == {"form": {"username": "u", "password": SECRET}, "method": "POST"}


def test_a_log_in_inside_the_address_is_sent_as_basic_and_never_shown(server):
    address = server.address.replace("//", "//user:p%40ss-word@") + "/data"
    with Client() as client:
        reply = client.get(address)
        assert "p%40ss" not in repr(reply) + reply.url and "p@ss" not in reply.url
        assert client.hide("it was p@ss-word") == "it was •••"
    assert server.log[0].headers["authorization"] == "Basic dXNlcjpwQHNzLXdvcmQ="


def test_a_cookie_stays_with_its_origin(server):
    with Data() as other, Client() as client:
        assert client.get(server.address + "/cookie").json() == ""
        assert client.get(server.address + "/cookie").json() == "visit=7"
        assert client.get(other.address + "/cookie").json() == ""
        assert "set-cookie" not in client.get(server.address + "/cookie").headers


def test_a_cookie_of_a_redirect_is_kept(server):
    with Faults(server.address) as home, Client() as client:

        def set_and_move(_faults, _request, handler):
            headers = {"Location": "/cookie", "Set-Cookie": "step=1; Path=/", "Content-Length": "0"}
            handler.send_response(302)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.end_headers()

        home.plan(set_and_move)
        assert client.get(home.address + "/").json() == "step=1"


def test_credentials_in_files_are_not_read(server, tmp_path, monkeypatch):
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Client() as client:
        client.get(server.address + "/")
    assert "authorization" not in server.log[0].headers


def test_credentials_do_not_follow_a_redirect_to_another_origin(server):
    with Faults() as home, Client(credentials=token()) as client:
        home.plan(redirect(server.address + "{target}"))
        reply = client.get(
            home.address + "/moved?page=1",
            headers={"X-Key": "holds a-token-of-ours too", "X-Plain": "stays"},
        )
        assert reply.json() == {"page": ["1"]} and reply.url.startswith(server.address)
    assert home.log[0].headers["authorization"] == "Bearer a-token-of-ours"
    assert "authorization" not in server.log[0].headers
    assert "x-key" not in server.log[0].headers and server.log[0].headers["x-plain"] == "stays"


def test_another_name_of_the_same_machine_is_another_origin(server):
    port = server.address.rpartition(":")[2]
    with Faults() as home, Client(credentials=token()) as client:
        home.plan(redirect(f"http://localhost:{port}/data"))
        client.get(home.address + "/")
    assert "authorization" not in server.log[0].headers


@pytest.mark.parametrize("place", ["/data?x=1", "data?x=1", "//{host}/data?x=1", "?x=1", "../data"])
def test_credentials_stay_on_relative_redirects(server, place):
    with Faults(server.address) as home, Client(credentials=token()) as client:
        home.plan(redirect(place.replace("{host}", home.address.partition("//")[2])))
        client.get(home.address + "/here")
        assert home.log[1].headers["authorization"] == "Bearer a-token-of-ours"


def test_coming_back_home_after_a_redirect_abroad_brings_no_credentials(server):
    with Faults(server.address) as home, Faults() as abroad, Client(credentials=token()) as client:
        home.plan(redirect(abroad.address + "/a"))
        abroad.plan(redirect(home.address + "/b"))
        client.get(home.address + "/")
        assert "authorization" not in abroad.log[0].headers
        assert "authorization" not in home.log[1].headers


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("/loop", "in a circle"),
        ("file:///etc/passwd", "no address of the web"),
        ("ftp://somewhere.example/x", "no address of the web"),
        ("http://[bad", "no address of the web"),
        ("http://evil.example/?t=a%2Dtoken-of-ours", "hand it our credentials"),
    ],
)
def test_redirects_that_are_not_followed(place, words):
    with Faults() as home, Client(credentials=token()) as client:
        home.plan([redirect(place)] * 20)
        with pytest.raises(FeedError, match=words) as raised:
            client.get(home.address + "/loop")
        assert raised.value.reason is Reason.REDIRECTED
        assert len(home.log) <= 6


def test_a_body_is_not_sent_to_another_host(server):
    with Faults() as home, Client() as client:
        home.plan(redirect(server.address + "/form", 307), redirect(server.address + "/form", 303))
        with pytest.raises(FeedError, match="hand it our credentials"):
            client.post(home.address + "/", data={"password": "pass"})
        reply = client.post(home.address + "/", data={"password": "pass"})
        assert reply.json() == {"form": {}, "method": "GET"}
        assert len(server.log) == 1 and server.log[0].body == b""


def test_from_https_to_http_nothing_is_followed():
    from ceasefire_monitor.feeds.http.addresses import target

    with pytest.raises(FeedError, match="from https to http"):
        target("https://data.example/a", "http://data.example/a")
    assert target("http://data.example/a", "https://data.example/a") == "https://data.example/a"


def test_next_links_are_followed_on_the_same_server_only(server):
    with Client() as client:
        reply = client.get(server.address + "/data?page=1")
        assert reply.follow("?page=2") == server.address + "/data?page=2"
        assert reply.follow(server.address + "/x") == server.address + "/x"
        with pytest.raises(FeedError, match="another server"):
            reply.follow("http://evil.example/data?page=2")
    secure = dataclasses.replace(reply, address="https://kobo.example/api?page=1")
    assert secure.follow("http://kobo.example/api?page=2") == "https://kobo.example/api?page=2"
    with pytest.raises(FeedError):
        secure.follow("http://kobo.example:8080/api?page=2")


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (400, Reason.REFUSED),
        (401, Reason.UNAUTHORISED),
        (403, Reason.FORBIDDEN),
        (404, Reason.NOT_FOUND),
        (410, Reason.GONE),
        (206, Reason.BROKEN),
        (304, Reason.REDIRECTED),
        (300, Reason.REDIRECTED),
        (302, Reason.REDIRECTED),
        (501, Reason.UNREACHABLE),
        (999, Reason.UNREACHABLE),
    ],
)
def test_a_status_that_will_not_change_is_said_at_once(code, reason):
    with Faults() as faults, Client(credentials=token()) as client:
        faults.plan(status(code, "" if code == 304 else "because a-token-of-ours is old"))
        with pytest.raises(FeedError) as raised:
            client.get(faults.address + "/")
        assert raised.value.reason is reason and len(faults.log) == 1
        assert raised.value.status == code or code in (302,)
        assert "a-token" not in raised.value.body
        if code == 401:
            assert raised.value.body == "because ••• is old"


def test_a_storm_passes(server):
    clock, said = QuickClock(), []
    with Faults(server.address) as faults, Client(clock=clock, say=said.append) as client:
        faults.plan(storm(500, 2), storm(503, 1), storm(502, 1))
        assert client.get(faults.address + "/?a=1").json() == {"a": ["1"]}
        assert client.requests == 5 and len(said) == 4
        assert "HTTP 500" in said[0] and "Attempt 1 of 5" in said[0]
        assert clock.waited <= 1 + 2 + 4 + 8


def test_a_storm_without_an_end_is_given_up_after_the_attempts():
    with Faults() as faults, Client(clock=QuickClock()) as client:
        faults.plan(storm(500, 9))
        with pytest.raises(FeedError, match="HTTP 500") as raised:
            client.get(faults.address + "/")
        assert len(faults.log) == 5 and raised.value.reason is Reason.UNREACHABLE


@pytest.mark.parametrize("skew_s", [0, -86_400 * 400, 86_400 * 400])
@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_honoured_in_both_forms_whatever_the_server_s_clock(form, skew_s):
    clock = QuickClock()
    there = datetime.now(timezone.utc) + timedelta(seconds=skew_s)
    asked = "120"
    if form == "date":
        asked = (there + timedelta(seconds=120)).strftime("%a, %d %b %Y %H:%M:%S GMT")

    def too_often(faults, request, handler):
        handler.date_time_string = lambda timestamp=None: there.strftime(
            "%a, %d %b %Y %H:%M:%S GMT"
        )
        status(429, retry_after=asked)(faults, request, handler)

    with Faults() as faults, Client(clock=clock) as client:
        faults.plan(too_often)
        assert client.get(faults.address + "/").status == 200
    assert 118 <= clock.waited <= 122


def test_429_without_retry_after_waits_by_itself():
    clock = QuickClock()
    with Faults() as faults, Client(clock=clock) as client:
        faults.plan(status(429), status(429))
        assert client.get(faults.address + "/").status == 200
    assert 0 < clock.waited <= 3


@pytest.mark.parametrize("code", [429, 503])
def test_a_wait_that_is_too_long_is_the_caller_s(code):
    with Faults() as faults, Client(clock=QuickClock()) as client:
        faults.plan(status(code, retry_after="7200"))
        with pytest.raises(FeedError, match="2 hours") as raised:
            client.get(faults.address + "/")
        assert raised.value.reason is Reason.LIMITED
        assert raised.value.retry_after_s == 7200 and len(faults.log) == 1


def test_a_server_with_a_wrong_clock_is_read_and_its_clock_is_told(server):
    with Faults(server.address) as faults, Client() as client:
        faults.plan(skewed_clock(-7200))
        reply = client.get(faults.address + "/")
        behind = (reply.fetched_at - reply.server_date).total_seconds()
    assert 7195 <= behind <= 7205


@pytest.mark.parametrize(
    "address",
    [
        "",
        "data.csv",
        "file:///etc/passwd",
        "ftp://x.example/a",
        "http://",
        "http://h:99999/",
        "//x/",
        "http://a b.example/",
        "https://x.example/\r\nX: 1",
        "http://[::1/",
    ],
)
def test_what_is_no_address_is_refused_with_a_sentence(address):
    with Client(limits=Limits(attempts=1)) as client, pytest.raises(FeedError) as raised:
        client.get(address)
    assert raised.value.reason in (Reason.REFUSED, Reason.UNREACHABLE)
    assert client.requests == 0


@pytest.mark.parametrize("wrong", ["with\nbreak", "snow☃man"])
def test_a_token_that_cannot_be_sent_is_refused_without_being_shown(server, wrong):
    credentials = Credentials(token=wrong)
    with Client(credentials=credentials) as client, pytest.raises(FeedError) as raised:
        client.get(server.address + "/")
    assert raised.value.reason is Reason.REFUSED and wrong not in str(raised.value)
    assert server.log == []


def test_a_proxy_of_the_environment_is_used(server, monkeypatch):
    monkeypatch.setenv("http_proxy", server.address)
    monkeypatch.delenv("no_proxy", raising=False)
    with Client() as client:
        assert client.get("http://data.example/there?x=1").json() == {"x": ["1"]}
    assert server.log[0].target == "http://data.example/there?x=1"


def test_a_server_that_is_not_there_is_said(monkeypatch):
    with Client(clock=QuickClock()) as client:
        with pytest.raises(FeedError, match="refuses connections") as raised:
            client.get("http://127.0.0.1:9/")
        assert raised.value.reason is Reason.UNREACHABLE and client.requests == 5
        with pytest.raises(FeedError, match="name “nowhere.invalid” is not known"):
            client.get("http://nowhere.invalid/")


def test_a_body_without_a_length_is_read_to_its_end():
    def old(_faults, _request, handler):
        handler.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: text/csv\r\n\r\na,b\n1,2\n")
        handler.close_connection = True

    with Faults() as faults, Client() as client:
        faults.plan(old)
        assert client.get(faults.address + "/", accept="text/csv").text() == "a,b\n1,2\n"


def test_a_gzip_of_several_members_is_one_body():
    body = gzip.compress(b"[1,") + gzip.compress(b"2]") + b"\0" * 20
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}

    class Members(Serving):
        def answer(self, request):
            return Answer(200, body, headers)

    with Members() as serving, Client() as client:
        assert client.get(serving.address + "/").json() == [1, 2]
