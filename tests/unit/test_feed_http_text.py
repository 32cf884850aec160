"""JSON, XML, compressed bytes and waits: what the client makes of them, against other answers."""

from __future__ import annotations

import gzip
import json
import random
import zlib
from datetime import datetime, timedelta, timezone
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ceasefire_monitor.feeds.http.charset import encoding_of
from ceasefire_monitor.feeds.http.errors import FeedError, Reason
from ceasefire_monitor.feeds.http.inflating import Inflater
from ceasefire_monitor.feeds.http.jsontext import deeper_than, read_json
from ceasefire_monitor.feeds.http.limits import Limits
from ceasefire_monitor.feeds.http.statuses import waiting_time
from ceasefire_monitor.feeds.http.waits import asked_wait_s, backoff_s, moment
from ceasefire_monitor.feeds.http.xmltree import read_xml

WORDS = st.text(st.sampled_from('ab"\\[]{}\n,: é'), max_size=6)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=30,
)
NOW = datetime(2031, 5, 1, 12, 0, tzinfo=timezone.utc)


def depth_of(value) -> int:
    """How deep a value nests, by walking it."""
    if isinstance(value, dict):
        return 1 + max((depth_of(inner) for inner in value.values()), default=0)
    if isinstance(value, list):
        return 1 + max((depth_of(inner) for inner in value), default=0)
    return 0


@settings(max_examples=300, deadline=None)
@given(VALUES, st.booleans(), st.integers(0, 8))
def test_depth_is_that_of_a_walk_whatever_stands_in_strings(value, plain, levels):
    data = json.dumps(value, ensure_ascii=plain, indent=None if plain else 1).encode()
    assert deeper_than(data, levels) == (depth_of(value) > levels)
    assert read_json(data, "It") == value


@pytest.mark.parametrize("levels", [200, 201])
def test_two_hundred_levels_and_no_more(levels):
    data = (b'[{"a":' * (levels // 2)) + b"[" * (levels % 2) + b"0" + b"]" * (levels % 2)
    data += b"}]" * (levels // 2)
    if levels == 200:
        assert depth_of(read_json(data, "It")) == 200
        return
    with pytest.raises(FeedError, match="nested deeper than 200"):
        read_json(data, "It")


@pytest.mark.parametrize(
    "data",
    [b"[" * 5_000_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000, b'["' + b"[" * 10_000],
)
def test_hostile_depth_is_a_sentence(data):
    with pytest.raises(FeedError) as raised:
        read_json(data, "The reply")
    assert raised.value.reason is Reason.BROKEN


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a": NaN, "b": [Infinity, -Infinity]}', {"a": None, "b": [None, None]}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b"\xef\xbb\xbf[1]", [1]),
        ('["é"]'.encode("utf-16"), ["é"]),
        (b"[12345678901234567890123, 0.30000000000000004]", [12345678901234567890123, 0.3 + 4e-17]),
        (b'["\\ud83d\\udd11"]', ["🔑"]),
    ],
)
def test_what_is_tolerated(data, value):
    assert read_json(data, "It") == value


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"  ",
        b"[1, 2",
        b'{"a": }',
        b"[1] x",
        b'["\xff"]',
        b"[" + b"9" * 10_000 + b"]",
        b"\xff\xfe[",
    ],
)
def test_what_is_no_json_is_one_sentence(data):
    with pytest.raises(FeedError) as raised:
        read_json(data, "The reply of “h”")
    assert (
        str(raised.value).startswith("The reply of “h” is ") and str(raised.value).count("\n") == 0
    )


def flat(element) -> list:
    return [
        element.tag,
        dict(element.attrib),
        element.text,
        element.tail,
        [flat(one) for one in element],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<a/>",
        "<a xmlns='urn:x' xmlns:g='urn:g' g:b='1' c='2'>t<g:d>é&amp;&#233;</g:d>u<!-- no --></a>",
        "<?xml version='1.0' encoding='iso-8859-1'?><a><![CDATA[<b>]]> é</a>",
        "<?xml version='1.0' encoding='windows-1252'?><a>é</a>",
    ],
)
def test_xml_is_what_another_parser_reads(tmp_path, text):
    encoding = "utf-8" if "encoding" not in text else "cp1252"
    path = tmp_path / "a.xml"
    path.write_bytes(text.encode(encoding))
    assert flat(read_xml(path, "It")) == flat(ElementTree.parse(path).getroot())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<!DOCTYPE rss PUBLIC 'x' 'http://h.example/x.dtd'><rss/>", "document type"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "document type"),
        ("<a>&b;</a>", "not well-formed"),
        ("<a><b></a>", "not well-formed"),
        ("", "not well-formed"),
        ("<?xml version='1.0' encoding='no-such'?><a/>", "encoding"),
        ("<a>" * 201 + "</a>" * 201, "deeper than 200"),
    ],
)
def test_xml_that_is_refused(tmp_path, text, words):
    path = tmp_path / "a.xml"
    path.write_text(text)
    with pytest.raises(FeedError, match=words):
        read_xml(path, "The reply")


def inflated(data: bytes, coding: str, limit: int, cuts: int) -> bytes:
    inflater, out = Inflater(coding, limit), []
    edges = sorted(random.Random(cuts).randrange(len(data) + 1) for _cut in range(cuts))
    for begin, end in zip([0, *edges], [*edges, len(data)]):
        for piece in inflater.feed(data[begin:end]):
            assert len(piece) <= 1 << 20
            out.append(piece)
    inflater.finish()
    return b"".join(out)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2000), st.integers(1, 3000), st.integers(0, 8))
def test_inflating_in_pieces_is_inflating_at_once(data, times, cuts):
    body = data * times
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw = packed.compress(body) + packed.flush()
    whole = {
        "gzip": gzip.compress(body) + gzip.compress(data) + b"\0" * 7,
        "deflate": zlib.compress(body),
        "identity": body,
        "": body,
    }
    for coding, sent in whole.items():
        expected = body + data if coding == "gzip" else body
        assert inflated(sent, coding, len(expected), cuts) == expected
    assert inflated(raw, "deflate", len(body), 0) == body


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=1, max_size=500), st.data())
def test_compressed_bytes_cut_anywhere_are_noticed(data, draw):
    sent = gzip.compress(data)
    cut = draw.draw(st.integers(1, len(sent) - 1))
    with pytest.raises(FeedError) as raised:
        inflated(sent[:cut], "gzip", 10_000, 0)
    assert raised.value.reason is Reason.BROKEN and raised.value.transient


def test_one_byte_too_many_is_too_many():
    body = b"a" * 3_000_000
    assert inflated(gzip.compress(body), "gzip", 3_000_000, 3) == body
    with pytest.raises(FeedError) as raised:
        inflated(gzip.compress(body), "gzip", 2_999_999, 3)
    assert raised.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("17", 17.0),
        ("9" * 400, 30 * 86400.0),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("1.5", None),
        ("Thu, 01 May 2031 12:01:30 GMT", 90.0),
        ("Thursday, 01-May-31 12:01:30 GMT", 90.0),
        ("Thu May  1 12:01:30 2031", 90.0),
        ("Thu, 01 May 2031 11:00:00 GMT", 0.0),
        ("Thu, 01 May 9999 11:00:00 GMT", 30 * 86400.0),
        ("Thu, 99 May 2031 11:00:00 GMT", None),
    ],
)
def test_what_retry_after_says(text, seconds):
    assert asked_wait_s({"Retry-After": text}, NOW) == seconds


def test_a_server_s_own_date_measures_its_wait():
    headers = {
        "Retry-After": "Fri, 02 May 2031 12:00:40 GMT",
        "Date": "Fri, 02 May 2031 12:00:00 GMT",
    }
    assert asked_wait_s(headers, NOW) == 40.0
    assert moment(headers["Date"]) == NOW + timedelta(days=1)
    assert moment("nonsense") is None and moment(None) is None


def test_backing_off_doubles_its_ceiling_and_uses_all_of_it():
    limits = Limits(first_wait_s=2.0, longest_wait_s=60.0)
    assert [backoff_s(n, limits, lambda: 1.0) for n in (1, 2, 3, 9, 4000)] == [2, 4, 8, 60, 60]
    assert backoff_s(3, limits, lambda: 0.0) == 0.0
    drawn = [backoff_s(3, limits) for _draw in range(2000)]
    assert min(drawn) < 0.5 and max(drawn) > 7.5 and abs(sum(drawn) / 2000 - 4) < 0.3


def test_waits_in_words():
    assert [waiting_time(seconds) for seconds in (0.2, 40, 600, 7200, 864_000)] == [
        "1 second",
        "40 seconds",
        "10 minutes",
        "2 hours",
        "10 days",
    ]


@pytest.mark.parametrize(
    ("named", "first", "encoding"),
    [
        ("text/csv", b"a,b,", "utf-8"),
        ("text/csv; charset=UTF-16", b"\xef\xbb\xbfa", "utf-8-sig"),
        ('text/csv; charset="ISO-8859-1"', b"a", "cp1252"),
        ("text/csv;charset=koi8-r", b"a", "koi8-r"),
        ("text/csv; charset=base64", b"a", "utf-8"),
        ("text/csv; charset=nonsense", b"\xff\xfea\0", "utf-16"),
    ],
)
def test_in_which_encoding_a_text_is(named, first, encoding):
    assert encoding_of(named, first) == encoding
