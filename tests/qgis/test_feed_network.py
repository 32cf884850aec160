"""The client of feeds through QGIS's network, in the main thread and in a task.

Real servers on loopback, a fault-injecting proxy, and QGIS's own settings, proxies and
authentication database.
"""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from qgis.core import (
    QgsApplication,
    QgsAuthMethodConfig,
    QgsCredentials,
    QgsFeedback,
    QgsNetworkAccessManager,
    QgsSettings,
    QgsTask,
)
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtNetwork import QNetworkProxy

from ceasefire_monitor.feeds.http.client import Client
from ceasefire_monitor.feeds.http.credentials import Credentials
from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from ceasefire_monitor.feeds.http.limits import Limits
from ceasefire_monitor.model.errors import Cancelled
from ceasefire_monitor.processing.feeds.client import OFFLINE_KEY, make_client
from ceasefire_monitor.processing.feeds.credentials import credentials_of
from ceasefire_monitor.processing.feeds.qnam_adapter import NetworkAccessAdapter
from tests.feedservers import faults as broken
from tests.feedservers.faults import Faults
from tests.feedservers.serving import Answer, Serving, compressed, json_answer, with_validator

QUICK = Limits(attempts=2, first_wait_s=0.01, connect_s=5, idle_s=5, whole_s=30)
ONCE = Limits(attempts=1, connect_s=5, idle_s=5, whole_s=30)
SECRET = "k9-hidden-value"
ROWS = {"rows": list(range(5000))}
# One database serves all modules, and keeps the first that it is given.
PASSWORD = "a master password"


class Source(Serving):
    """A source of rows, in several manners."""

    def answer(self, request):
        if request.path == "/gzip":
            return compressed(request, json_answer(ROWS))
        if request.path == "/tagged":
            return with_validator(request, json_answer(ROWS))
        if request.path == "/login":
            return Answer(401, "who are you?", {"WWW-Authenticate": 'Basic realm="vale"'})
        if request.path == "/echo":
            return json_answer({"form": request.form()} if request.method == "POST" else {})
        return json_answer(ROWS, Set_Cookie="track=1")


class NoWindow(QgsCredentials):
    """Stands where QGIS has its windows for passwords, and counts who asks for one."""

    def __init__(self):
        super().__init__()
        self.asked = []
        self.setInstance(self)

    def request(self, realm, username, password, message=""):
        self.asked.append(("login", realm))
        return False, username, password

    def requestMasterPassword(self, password, stored=False):  # noqa: N802 (as QGIS has it)
        self.asked.append(("master password", stored))
        return False, password


WINDOWS: list = []


@pytest.fixture(autouse=True)
def windows(qgis_app):
    """Fails where anybody asked for a login or a master password."""
    if not WINDOWS:
        WINDOWS.append(NoWindow())
    WINDOWS[0].asked.clear()
    opened = []
    manager = QgsNetworkAccessManager.instance()
    manager.authRequestOccurred.connect(opened.append)
    yield WINDOWS[0]
    manager.authRequestOccurred.disconnect(opened.append)
    assert WINDOWS[0].asked == []
    assert opened == []


class InTask(QgsTask):
    def __init__(self, work):
        super().__init__("a fetch")
        self.work, self.result, self.error, self.ended = work, None, None, False

    def run(self):
        try:
            self.result = self.work()
        except BaseException as error:
            self.error = error
        return self.error is None

    def finished(self, _well):
        self.ended = True


def in_task(work):
    """Run something in a task while the main thread goes on; its result or exception."""
    task = InTask(work)
    QgsApplication.taskManager().addTask(task)
    end = time.monotonic() + 60
    while not task.ended:
        QCoreApplication.processEvents()
        assert time.monotonic() < end, "the task did not end"
    if task.error is not None:
        raise task.error
    return task.result


def in_new_thread(work):
    """Run something in a thread of its own that is no task's."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(work).result(60)


@pytest.fixture(params=["main thread", "task"])
def run(request):
    """``run(work)`` in the main thread, and in a task."""
    return in_task if request.param == "task" else lambda work: work()


@pytest.fixture
def source():
    with Source() as server:
        yield server


@pytest.fixture
def faults(source):
    with Faults(source.address) as server:
        yield server


@pytest.fixture
def logins(qgis_app, tmp_path):
    """QGIS's authentication database, unlocked; ``logins(method, **values)`` keeps one."""
    manager = QgsApplication.authManager()
    assert manager.setMasterPassword(PASSWORD, True)
    kept = []

    def keep(method, **values):
        configuration = QgsAuthMethodConfig(method)
        configuration.setName(f"test {len(kept)}")
        for name, value in values.items():
            configuration.setConfig(name.replace("__", "-"), value)
        stored = manager.storeAuthenticationConfig(configuration)
        assert stored if isinstance(stored, bool) else stored[0]
        kept.append(configuration.id())
        return configuration.id()

    yield keep
    manager.setMasterPassword(PASSWORD, True)
    for authcfg in kept:
        manager.removeAuthenticationConfig(authcfg)


def feed(address="", authcfg=None, name="Vale reports"):
    return SimpleNamespace(feed_name=name, authcfg=authcfg, address=address)


def client(limits=QUICK, **more):
    return Client(limits=limits, adapter=NetworkAccessAdapter(), **more)


def fetched(url, limits=QUICK, **more):
    """A whole fetch in the calling thread: status, JSON, and how many requests it took."""
    with client(limits, **more) as asking:
        reply = asking.get(url)
        return reply.status, reply.json(), asking.requests


def test_a_reply_comes_whole_and_names_the_plugin(run, source):
    assert run(lambda: fetched(source.address + "/rows")) == (200, ROWS, 1)
    assert source.log[0].headers["user-agent"].startswith("CeasefireMonitor/")


def test_the_address_arrives_as_it_was_written(run, source):
    query = "/rows?q=%2C%20a+b&bbox=1,2,3,4&name=%C3%A4%26"
    run(lambda: fetched(source.address + query))
    assert source.log[0].target == query


def test_gzip_is_ours_and_what_came_is_what_was_sent(run, source):
    assert run(lambda: fetched(source.address + "/gzip"))[1] == ROWS
    assert "gzip" in source.log[0].headers["accept-encoding"]


def test_a_form_is_posted(run, source):
    def work():
        with client() as asking:
            return asking.post(source.address + "/echo", data={"user": "ä b"}).json()

    assert run(work) == {"form": {"user": "ä b"}}


def test_nothing_comes_from_a_cache_and_validators_are_ours(run, source):
    def work():
        with client() as asking:
            first = asking.get(source.address + "/tagged")
            second = asking.get(source.address + "/tagged")
            third = asking.get(source.address + "/tagged", validators=first.validators)
            return first.not_modified, second.not_modified, third.not_modified

    assert run(work) == (False, False, True)
    assert len(source.log) == 3


def test_no_cookie_is_sent_back(run, source):
    run(lambda: [fetched(source.address + "/rows") for _ in range(2)])
    assert [request.headers.get("cookie") for request in source.log] == [None, None]


@pytest.mark.parametrize(
    "fault",
    [
        broken.cut_body(0.5),
        broken.cut_chunked(0.5),
        broken.wrong_length(50),
        broken.cut_gzip(0.5),
    ],
    ids=["cut", "cut chunked", "too short", "cut gzip"],
)
def test_a_cut_reply_is_never_taken_for_a_whole_one(run, source, faults, fault):
    faults.plan(fault)
    with pytest.raises(FeedError) as caught:
        run(lambda: fetched(faults.address + "/gzip", ONCE))
    assert caught.value.reason in (Reason.BROKEN, Reason.UNREACHABLE)
    faults.plan(fault)
    assert run(lambda: fetched(faults.address + "/gzip")) == (200, ROWS, 2)


def test_a_chunked_body_that_ends_early_is_seen_by_the_transport_alone(run, faults):
    # No length was announced, nothing is compressed and nothing is parsed: only Qt knows.
    faults.plan(broken.cut_chunked(0.5))

    def work():
        with client(ONCE) as asking:
            return asking.get(faults.address + "/rows").size

    with pytest.raises(FeedError, match="cut off before it was whole") as caught:
        run(work)
    assert caught.value.reason is Reason.BROKEN


def test_a_server_that_hangs_up_is_a_failure_in_the_end(run, faults):
    # Qt asks again by itself where nothing at all had come; at some time it gives up.
    faults.plan([broken.close_before_headers] * 20)
    with pytest.raises(FeedError) as caught:
        run(lambda: fetched(faults.address + "/rows", ONCE))
    assert caught.value.reason is Reason.UNREACHABLE
    assert 1 <= len(faults.log) < 8


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (broken.status(403), Reason.FORBIDDEN),
        (broken.status(404), Reason.NOT_FOUND),
        (broken.status(410), Reason.GONE),
        (broken.status(429), Reason.LIMITED),
        (broken.html_200(), Reason.BROKEN),
    ],
    ids=["403", "404", "410", "429", "page"],
)
def test_what_a_server_says_becomes_its_reason(run, faults, fault, reason):
    faults.plan(fault)
    with pytest.raises(FeedError) as caught:
        run(lambda: fetched(faults.address + "/rows", ONCE))
    assert caught.value.reason is reason


def test_a_storm_of_errors_is_sat_out(run, faults):
    faults.plan(broken.storm(500, 1))
    assert run(lambda: fetched(faults.address + "/rows")) == (200, ROWS, 2)


def test_a_401_asks_nobody_for_a_password(run, source):
    # What is refused here, the fixture ``windows`` would have seen as a window of QGIS.
    login = Credentials(username="clerk", password=SECRET)
    with pytest.raises(FeedError) as caught:
        run(lambda: fetched(source.address + "/login", credentials=login))
    assert caught.value.reason is Reason.UNAUTHORISED
    assert SECRET not in str(caught.value)
    assert len(source.log) == 1


def test_a_redirect_carries_no_credentials_to_another_host(run, source):
    with Source("127.0.0.2") as other, Faults() as door:
        door.plan(broken.redirect(other.address + "/rows"), broken.redirect(door.address + "/here"))
        login = Credentials(token=SECRET, header="X-Key", scheme="")
        assert run(lambda: fetched(door.address + "/rows", credentials=login))[0] == 200
        assert door.log[0].headers["x-key"] == SECRET
        assert "x-key" not in other.log[0].headers
        run(lambda: fetched(door.address + "/rows", credentials=login))
        assert door.log[-1].path == "/here"
        assert door.log[-1].headers["x-key"] == SECRET


def test_a_byte_limit_holds_while_a_bomb_streams(run, faults):
    faults.plan(broken.gzip_bomb(200_000_000))
    limits = Limits(attempts=1, inflated_bytes=5_000_000)
    with pytest.raises(FeedError) as caught:
        run(lambda: fetched(faults.address + "/rows", limits))
    assert caught.value.reason is Reason.TOO_LARGE


def test_a_large_reply_does_not_fill_the_memory(run, faults):
    import resource

    faults.plan(broken.stream([b"x,y\n" * 250_000] * 100))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def work():
        with client() as asking:
            return asking.get(faults.address + "/rows", accept="text/csv").size

    assert run(work) == 100_000_000
    # In kilobytes: far less than the 100 MB that came.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000


def test_a_dripping_reply_meets_the_whole_deadline(run, faults):
    faults.plan(broken.drip(200))
    started = time.monotonic()
    with pytest.raises(FeedError) as caught:
        run(lambda: fetched(faults.address + "/rows", Limits(attempts=1, whole_s=1.0)))
    assert caught.value.reason is Reason.SLOW
    assert time.monotonic() - started < 2.5


def test_silence_is_not_waited_for_longer_than_agreed(run, faults):
    faults.plan(broken.stall(20), broken.stall_body(20))
    for _ in range(2):
        started = time.monotonic()
        with pytest.raises(FeedError) as caught:
            run(lambda: fetched(faults.address + "/rows", Limits(attempts=1, idle_s=0.5)))
        assert caught.value.reason is Reason.SLOW
        assert time.monotonic() - started < 2.5


@pytest.mark.parametrize("fault", [broken.stall(20), broken.stall_body(20), broken.drip(500)])
def test_cancel_works_within_a_second_and_hangs_up(run, faults, fault):
    faults.plan(fault)
    feedback = QgsFeedback()
    asked_at = []

    def cancelled():
        if not asked_at and faults.log:
            feedback.cancel()
            asked_at.append(time.monotonic())
        return feedback.isCanceled()

    with pytest.raises(Cancelled):
        run(lambda: fetched(faults.address + "/rows", cancelled=cancelled))
    assert time.monotonic() - asked_at[0] < 1.0


def test_an_unknown_host_and_a_closed_port_are_one_sentence(run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    for address in (f"http://127.0.0.1:{port}/?key={SECRET}", "http://no-such-host.invalid/"):
        with pytest.raises(FeedError, match="could not be reached") as caught:
            run(lambda address=address: fetched(address, ONCE))
        assert caught.value.reason is Reason.UNREACHABLE
        assert SECRET not in str(caught.value)
        assert "\n" not in str(caught.value)


# QGIS's proxy


class Relay(Serving):
    """An HTTP proxy that answers by itself."""

    def answer(self, request):
        return json_answer({"through": request.target})


@pytest.fixture
def proxy():
    manager = QgsNetworkAccessManager.instance()
    before, excluded = manager.fallbackProxy(), manager.excludeList()
    with Relay() as relay:
        port = int(relay.address.rpartition(":")[2])
        kind = QNetworkProxy.ProxyType.HttpProxy
        settings = QgsSettings()
        values = {"proxyEnabled": True, "proxyType": "HttpProxy", "proxyHost": "127.0.0.1"}
        values["proxyPort"] = str(port)
        for name, value in values.items():
            settings.setValue(f"proxy/{name}", value)
        manager.setFallbackProxyAndExcludes(
            QNetworkProxy(kind, "127.0.0.1", port), ["http://spared.invalid"], []
        )
        yield relay
        settings.remove("proxy")
        manager.setFallbackProxyAndExcludes(before, excluded, [])


@pytest.mark.parametrize("run", [lambda work: work(), in_new_thread], ids=["main", "new thread"])
def test_the_proxy_of_qgis_is_used(run, proxy):
    # A thread reads the settings once, as QGIS has it: those of tasks may have done so before.
    url = "http://reports.invalid/rows"
    assert run(lambda: fetched(url))[1] == {"through": url}


def test_what_qgis_excludes_from_its_proxy_goes_straight(proxy):
    with pytest.raises(FeedError):
        fetched("http://spared.invalid/rows", ONCE)
    assert proxy.log == []


# Certificates


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody signed but itself, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    made = folder / "server.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        + ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        + ["-keyout", str(folder / "server.key"), "-out", str(made)],
        check=True,
        capture_output=True,
    )
    return made, folder / "server.key"


def test_a_certificate_that_nobody_vouches_for_is_refused_in_a_sentence(run, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*map(str, certificate))
    with Source(context=context) as server:
        with pytest.raises(FeedError, match="could not prove who it is") as caught:
            run(lambda: fetched(server.address + "/rows", ONCE))
        assert server.log == []
    assert caught.value.reason is Reason.UNREACHABLE
    assert "\n" not in str(caught.value)


def test_an_authority_that_qgis_trusts_is_trusted(run, certificate, logins):
    from qgis.core import QgsAuthCertUtils

    manager = QgsApplication.authManager()
    trusted = QgsAuthCertUtils.certsFromFile(str(certificate[0]))[0]
    assert manager.storeCertAuthority(trusted)
    assert manager.storeCertTrustPolicy(trusted, QgsAuthCertUtils.CertTrustPolicy.Trusted)
    manager.initSslCaches()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*map(str, certificate))
    try:
        with Source(context=context) as server:
            assert run(lambda: fetched(server.address + "/rows"))[1] == ROWS
    finally:
        manager.removeCertAuthority(trusted)
        manager.removeCertTrustPolicies([trusted])
        manager.initSslCaches()


# Logins of QGIS's authentication database


def test_a_basic_login_comes_as_values(run, logins):
    authcfg = logins("Basic", username="clerk", password=SECRET)
    found = run(lambda: credentials_of(feed(authcfg=authcfg)))
    assert (found.username, found.password, found.authcfg) == ("clerk", SECRET, "")
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    ("name", "value", "header"),
    [
        ("Authorization", f"Token {SECRET}", {"Authorization": f"Token {SECRET}"}),
        ("x-access-token", SECRET, {"x-access-token": SECRET}),
    ],
)
def test_a_header_comes_as_the_header_that_it_is(run, logins, name, value, header):
    authcfg = logins("APIHeader", **{name.replace("-", "__"): value})
    found = run(lambda: credentials_of(feed(authcfg=authcfg)))
    assert (found.headers(), found.token) == (header, SECRET)


def test_an_esri_token_comes_as_a_token(run, logins):
    authcfg = logins("EsriToken", token=SECRET)
    found = run(lambda: credentials_of(feed(authcfg=authcfg)))
    assert found.token == SECRET
    assert found.headers() == {"X-Esri-Authorization": f"Bearer {SECRET}"}


def test_any_other_login_is_applied_by_qgis_to_its_own_host_alone(run, logins, source):
    authcfg = logins("APIHeader", one=SECRET, two="second-hidden")
    with Source("127.0.0.2") as other, Faults() as door:
        door.plan(broken.redirect(other.address + "/rows"))

        def work():
            with make_client(feed(door.address, authcfg), limits=ONCE) as asking:
                return asking.get(door.address + "/rows").status, asking.hide(f"is {SECRET}")

        assert run(work) == (200, "is •••")
        assert door.log[0].headers["one"] == SECRET
        assert door.log[0].headers["two"] == "second-hidden"
        assert not {"one", "two"} & set(other.log[0].headers)


def test_without_a_login_the_environment_is_read(monkeypatch):
    monkeypatch.setenv("CEASEFIRE_FEED_VALE_REPORTS_TOKEN", SECRET)
    assert credentials_of(feed()).token == SECRET


def test_a_locked_database_is_one_sentence_and_no_window(run, logins):
    authcfg = logins("Basic", username="clerk", password=SECRET)
    QgsApplication.authManager().clearMasterPassword()
    with pytest.raises(FeedError, match="is locked") as caught:
        run(lambda: make_client(feed(authcfg=authcfg)))
    assert caught.value.reason is Reason.UNAUTHORISED
    assert "\n" not in str(caught.value)


def test_a_login_that_is_not_there_is_one_sentence(run, logins):
    with pytest.raises(FeedError, match="knows no authentication configuration “gone123”"):
        run(lambda: credentials_of(feed(authcfg="gone123")))


# Offline

CONNECTING = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
SEEN: list = []
sys.addaudithook(lambda event, _arguments: SEEN.append(event) if event in CONNECTING else None)


@pytest.fixture(params=["setting", "environment"])
def offline(request, monkeypatch):
    if request.param == "setting":
        QgsSettings().setValue(OFFLINE_KEY, True)
    else:
        monkeypatch.setenv("CEASEFIRE_OFFLINE", "1")
    yield
    QgsSettings().remove(OFFLINE_KEY)


def sockets() -> set:
    """The TCP sockets of this machine that are not listening: local and remote ends, states."""
    lines = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6", "/proc/net/udp"):
        with Path(table).open(encoding="ascii") as file:
            lines += [tuple(line.split()[1:4]) for line in file.readlines()[1:]]
    return {line for line in lines if line[2] != "0A"}


def test_offline_makes_no_connection_at_all(run, source, offline):
    port = f"{int(source.address.rpartition(':')[2]):04X}"
    SEEN.clear()
    # Of an earlier server that had the same port, something may linger.
    before = sockets()

    def work():
        with make_client(feed(source.address, "locked123")) as asking:
            return asking.get(source.address + "/rows")

    with pytest.raises(FeedError, match="offline") as caught:
        run(work)
    assert caught.value.reason is Reason.OFFLINE
    assert SEEN == []
    assert source.log == []
    since = sockets() - before
    assert not [line for line in since if line[0].endswith(port) or line[1].endswith(port)]


def test_the_sockets_that_the_offline_test_watches_are_seen_online(source):
    port = f"{int(source.address.rpartition(':')[2]):04X}"
    with client() as asking:
        asking.get(source.address + "/rows")
        assert [line for line in sockets() if line[1].endswith(port)]


def test_a_client_can_be_used_again_after_a_failure_and_is_closed_cleanly(run, faults):
    def work():
        with client(ONCE) as asking:
            for _ in range(40):
                faults.plan(broken.cut_body(0.3))
                with pytest.raises(FeedError):
                    asking.get(faults.address + "/gzip")
                assert asking.get(faults.address + "/gzip").json() == ROWS
            return asking.requests

    assert run(work) == 80
