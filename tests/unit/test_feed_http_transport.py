"""TLS, and adapters that send in the calling thread as QGIS's does."""

from __future__ import annotations

import ssl
import subprocess
import threading

import pytest
import requests
from requests.adapters import HTTPAdapter

from ceasefire_monitor.feeds.http.client import Client
from ceasefire_monitor.feeds.http.credentials import Credentials
from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from ceasefire_monitor.feeds.http.limits import Limits
from ceasefire_monitor.model.errors import Cancelled
from tests.feedservers.faults import Faults, cut_body, redirect, status, stream
from tests.feedservers.serving import Serving, json_answer

ONE_TRY = Limits(attempts=1)


class Plain(Serving):
    """Says “fine” to everything."""

    def answer(self, request):
        return json_answer("fine " + "." * 100_000)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of nobody's for 127.0.0.1, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
        + ["-subj", "/CN=fictional", "-addext", "subjectAltName=IP:127.0.0.1"]
        + ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")],
        capture_output=True,
        check=False,
    )
    if made.returncode:
        pytest.skip("openssl makes no certificate here")
    return folder


@pytest.fixture
def secure(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    with Plain() as plain, Faults(plain.address, context=context) as faults:
        yield faults


def test_a_certificate_that_is_not_trusted_is_said_and_nothing_is_sent(secure, monkeypatch):
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    why, ours = "certificate of “127.0.0.1” is not trusted", Credentials(token="a-token")
    with Client(credentials=ours) as client, pytest.raises(FeedError, match=why) as raised:
        client.get(secure.address + "/")
    assert raised.value.reason is Reason.UNREACHABLE and not raised.value.transient
    assert secure.log == [] and "self" in str(raised.value)


def test_an_organisation_s_authority_is_trusted(secure, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate / "cert.pem"))
    with Client(limits=ONE_TRY) as client:
        assert client.get(secure.address + "/").json().startswith("fine")
        secure.plan(cut_body(0.5))
        with pytest.raises(FeedError, match="cut off in the middle"):
            client.get(secure.address + "/")


def test_from_https_to_http_nothing_is_followed(secure, certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate / "cert.pem"))
    with Plain() as plain, Client() as client:
        secure.plan(redirect(plain.address + "/"))
        with pytest.raises(FeedError, match="from https to http"):
            client.get(secure.address + "/")
        assert plain.log == []


def test_http_is_no_answer_to_tls():
    with Plain() as plain, Client(limits=ONE_TRY) as client:
        address = plain.address.replace("http:", "https:") + "/"
        with pytest.raises(FeedError, match="No secure connection") as raised:
            client.get(address)
        assert raised.value.reason is Reason.UNREACHABLE


class InThisThread(HTTPAdapter):
    """Sends in the calling thread, and writes down what it was handed."""

    works_in_this_thread = True

    def __init__(self):
        super().__init__()
        self.watched, self.threads, self.authcfgs = [], set(), []

    def watch(self, limits, cancelled):
        self.watched.append((limits, cancelled))

    def send(self, request, **kwargs):
        self.threads.add(threading.current_thread())
        self.authcfgs.append(request.authcfg)
        return super().send(request, **kwargs)


def test_an_adapter_of_this_thread_is_watched_and_given_the_configuration_at_home_only():
    adapter = InThisThread()
    client = Client(adapter=adapter, credentials=Credentials(authcfg="abc1234"))
    with Plain() as plain, Faults(plain.address) as home, client:
        home.plan(redirect("/there"), redirect(plain.address + "/"))
        assert client.get(home.address + "/").json().startswith("fine")
        client.get(home.address + "/", authorised=False)
    assert adapter.authcfgs == ["abc1234", "abc1234", "", ""]
    assert adapter.threads == {threading.current_thread()}
    assert [limits for limits, _cancelled in adapter.watched] == [Limits()] * 4


def test_an_adapter_of_this_thread_has_the_same_faults_and_retries():
    with Plain() as plain, Faults(plain.address) as faults:
        quick = Limits(first_wait_s=0.0)
        with Client(quick, adapter=InThisThread()) as client:
            faults.plan(cut_body(0.5), status(503), cut_body(0.0))
            assert client.get(faults.address + "/").json().startswith("fine")
            assert client.requests == 4
            with pytest.raises(FeedError, match="refuses connections") as raised:
                client.get("http://127.0.0.1:9/")
            assert raised.value.__context__ is None


def test_an_adapter_of_this_thread_is_cancelled_between_pieces():
    stop = threading.Event()

    def endless():
        for number in range(10**9):
            if number == 50:
                stop.set()
            yield b"1,2\n" * 4000

    with Faults() as faults, Client(adapter=InThisThread(), cancelled=stop.is_set) as client:
        faults.plan(stream(endless()))
        with pytest.raises(Cancelled):
            client.get(faults.address + "/", accept="text/csv")


def test_what_an_adapter_raises_of_ours_passes_as_it_is():
    class Refusing(InThisThread):
        def send(self, request, **kwargs):
            raise self.error

    adapter = Refusing()
    with Client(adapter=adapter, limits=ONE_TRY) as client:
        adapter.error = FeedError("The configuration is gone.", Reason.UNAUTHORISED)
        with pytest.raises(FeedError, match="configuration is gone"):
            client.get("http://data.example/")
        adapter.error = Cancelled("stopped")
        with pytest.raises(Cancelled):
            client.get("http://data.example/")
        adapter.error = requests.exceptions.ReadTimeout("http://data.example/?token=x")
        with pytest.raises(FeedError) as raised:
            client.get("http://data.example/")
        assert raised.value.reason is Reason.SLOW and "token" not in str(raised.value)
