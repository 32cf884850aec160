"""No secret in any error, repr, log, sentence or stored address, however it is spelled."""

from __future__ import annotations

import html
import json
import logging
import traceback
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ceasefire_monitor.feeds.http.client import Client
from ceasefire_monitor.feeds.http.credentials import Credentials, environment_name
from ceasefire_monitor.feeds.http.errors import FeedError
from ceasefire_monitor.feeds.http.hiding import MASK, Veil
from ceasefire_monitor.feeds.http.limits import Limits
from tests.feedservers.faults import Faults, cut_body, html_200, redirect, status
from tests.feedservers.serving import Answer, Serving, json_answer

# Signs that keys and passwords are made of, and those that spellings change.
SIGNS = st.one_of(
    st.sampled_from("abcXYZ0189%+&=/?#\\\"'<>;:@ ~.-_!$*(),[]{}|^`"),
    st.characters(min_codepoint=33, max_codepoint=0x2FF, blacklist_characters="\x7f"),
    st.sampled_from("üßλЖ中🔑"),
)
# Not what the mask or our sentences are made of, and nothing that strip() would shorten.
SECRETS = (
    st.text(SIGNS, min_size=4, max_size=40)
    .map(str.strip)
    .filter(lambda text: len(text.replace("\\", "")) >= 4)
    .filter(lambda text: text.isprintable() and MASK[0] not in text)
)
ONE_TRY = Limits(attempts=1)


def percent(text: str, keep, lower: bool) -> str:
    """Percent-encoded but for the signs that ``keep`` chooses by their place."""
    out = []
    for place, sign in enumerate(text):
        if sign.isascii() and sign.isalnum() and keep(place):
            out.append(sign)
            continue
        coded = "".join(f"%{byte:02X}" for byte in sign.encode("utf-8"))
        out.append(coded.lower() if lower else coded)
    return "".join(out)


def spellings(secret: str) -> list[str]:
    """The ways in which libraries and servers write a text."""
    return [
        secret,
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        quote(secret, safe="~@:!$&'()*+,;="),
        quote(quote(secret, safe=""), safe=""),
        percent(secret, lambda place: place % 2, lower=True),
        percent(secret, lambda _place: False, lower=False),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        html.escape(secret),
        quote(json.dumps(secret)[1:-1], safe=""),
        html.escape(json.dumps({"a": json.dumps(secret)})[8:-4]),
        quote("".join(f"&#{ord(sign)};" for sign in secret), safe=""),
        html.escape(quote(secret, safe="&")),
        "".join(f"&#{ord(sign)};" for sign in secret),
        "".join(f"&#x{ord(sign):x};" for sign in secret),
    ]


@settings(max_examples=300, deadline=None)
@given(SECRETS, st.text(st.characters(blacklist_categories=["Cs"]), max_size=8))
def test_every_spelling_is_hidden(secret, beside):
    veil = Veil([secret])
    for spelled in spellings(secret):
        for text in (spelled, f"{beside} {spelled} {beside}", f"https://h.example/{spelled}?a=1"):
            hidden = veil.hide(text)
            assert spelled not in hidden and secret not in hidden
            assert MASK in hidden


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cs"]), max_size=60), SECRETS)
def test_what_holds_no_secret_stays_as_it_is(text, secret):
    clear = text.replace(secret, "")
    hidden = Veil([secret]).hide(clear)
    assert hidden == clear or MASK in hidden
    assert Veil(["a secret that is nowhere"]).hide(text) == text


@settings(max_examples=100, deadline=None)
@given(st.lists(SECRETS, min_size=2, max_size=4))
def test_secrets_inside_and_beside_each_other_are_all_hidden(secrets):
    secrets += [secrets[0] + secrets[1], secrets[0][:4]]
    hidden = Veil(secrets).hide(" ".join(secrets) + "".join(secrets))
    for secret in secrets:
        assert secret not in hidden


def test_a_host_that_is_named_as_a_secret_is_not_shown():
    credentials = Credentials(token="hidden-name")
    with Client(ONE_TRY, credentials) as client, pytest.raises(FeedError) as raised:
        client.get("http://hidden-name.invalid/")
    assert str(raised.value).startswith("The name “•••.invalid” is not known")
    assert raised.value.__context__ is None


def test_a_short_secret_is_hidden_as_a_word():
    veil = Veil(["ab"])
    assert veil.hide("key=ab&x=cab ab. a%62/") == "key=•••&x=cab •••. •••/"


@pytest.mark.parametrize(
    ("address", "stored"),
    [
        ("https://u:p@h.example/a?b=1#c", "https://h.example/a?b=1"),
        ("https://h.example/?access_token=x&page=2", "https://h.example/?access_token=•••&page=2"),
        ("https://h.example/?X-Amz-Signature=x", "https://h.example/?X-Amz-Signature=•••"),
        ("https://h.example/?key=x&map_key=y&apikey=z", None),
        ("https://h.example/?monkey=1&country_code=2&%24skiptoken=3&token=", "same"),
    ],
)
def test_addresses_lose_log_ins_and_values_of_secret_names(address, stored):
    if stored is None:
        stored = "https://h.example/?key=•••&map_key=•••&apikey=•••"
    assert Veil().hide_url(address) == (address if stored == "same" else stored)


def test_credentials_show_nothing_of_themselves():
    credentials = Credentials("someone@mission.example", "pass-word", "to-ken", authcfg="abc1234")
    for text in (repr(credentials), str(credentials), f"{credentials}"):
        assert "pass-word" not in text and "to-ken" not in text and "someone" not in text
    assert {"pass-word", "to-ken", credentials.basic()} <= set(credentials.secrets())


def test_credentials_come_from_the_environment():
    found = Credentials.from_environment(
        "North field (v2)",
        {
            "CEASEFIRE_FEED_NORTH_FIELD__V2__TOKEN": "t\n",
            "CEASEFIRE_FEED_NORTH_FIELD__V2__USERNAME": "u",
            "CEASEFIRE_FEED_OTHER_PASSWORD": "p",
        },
        scheme="Token",
    )
    assert found == Credentials(username="u", token="t", scheme="Token")
    assert environment_name("Žeta-1") == "_ETA_1"


class Echo(Serving):
    """Says back, in an error, all that it was told: address, headers, body."""

    def answer(self, request):
        if request.path.startswith("/fine"):
            return json_answer("fine")
        told = f"{request.target} {request.headers} {request.body!r} {request.query}"
        return Answer(422, told + html.escape(told) + json.dumps(told))


def everything_said(error: BaseException) -> str:
    """All texts of an error: its own, its arguments, its traceback, and those of its causes."""
    texts, one = [], error
    while one is not None:
        texts += [str(one), repr(one), repr(one.args), repr(vars(one))]
        texts += traceback.format_exception(type(one), one, one.__traceback__)
        one = one.__cause__ or one.__context__
    return "\n".join(texts)


@pytest.fixture(scope="module")
def echo():
    with Echo() as server, Faults(server.address) as faults:
        yield faults


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
# Not a word of the sources, whose lines stand in tracebacks.
@given(secret=SECRETS.map("zq7{}".format), latin=st.booleans(), place=st.integers(0, 6))
def test_no_secret_leaves_a_client_by_any_way(echo, caplog, secret, latin, place):
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    credentials = Credentials(username="analyst", password=secret)
    if latin:
        credentials = Credentials(token=secret, header="X-Key", scheme="")
    said = []
    faults = (
        status(503),
        cut_body(0.3),
        html_200(),
        redirect("http://127.0.0.1:9/" + quote(secret)),
        redirect("http://" + quote(secret, safe="") + ".invalid/"),
        status(429, retry_after="9000", location=quote(secret)),
        status(500, secret),
    )
    with Client(credentials=credentials, limits=Limits(attempts=2, first_wait_s=0.0)) as client:
        client._say = said.append
        # What an example could not send has left its faults behind.
        echo.forget()
        echo.plan([faults[place]] * 2)
        texts = [repr(client), repr(credentials)]
        for ask in (client.get, client.post):
            for more in ({}, {"params": {"q": secret, "token": secret}}):
                try:
                    reply = ask(f"{echo.address}/fine/{quote(secret, safe='')}", **more)
                    texts += [repr(reply), reply.url, str(reply), reply.what]
                except FeedError as error:
                    texts.append(everything_said(error))
        with pytest.raises(FeedError) as raised:
            client.post(f"{echo.address}/echo", data={"password": secret}, params={"q": secret})
        texts.append(everything_said(raised.value))
    every = "\n".join([*texts, *said, caplog.text, *(str(one.args) for one in caplog.records)])
    for spelled in {*spellings(secret), credentials.basic() if credentials.password else secret}:
        assert spelled not in every


def test_the_library_s_own_log_of_others_is_left_alone(echo, caplog):
    import requests

    caplog.set_level(logging.DEBUG)
    echo.forget()
    with Client() as client:
        client.get(echo.address + "/fine/ours")
    assert "ours" not in caplog.text
    requests.get(echo.address + "/fine/theirs", timeout=5)
    assert "theirs" in caplog.text
    assert logging.getLogger("urllib3.connectionpool").filters == []
