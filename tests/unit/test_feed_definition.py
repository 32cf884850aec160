"""What a person says of a feed becomes a record; what is wrong or secret is told, and refused."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from ceasefire_monitor.feeds.definition import SAID, feed_of, feed_of_text
from ceasefire_monitor.feeds.feedoptions import checked_options, in_kind
from ceasefire_monitor.feeds.secretless import refuse_secrets, secret_of_address
from ceasefire_monitor.feeds.source import Option, Source
from ceasefire_monitor.model.errors import CeasefireError


def told(call, *values, **named) -> str:
    with pytest.raises(CeasefireError) as caught:
        call(*values, **named)
    return str(caught.value)


def url(**more):
    return feed_of({"feed_name": "North field", "source": "url", "address": "/data/*.csv", **more})


OPTIONS = (
    Option("country", "Country"),
    Option("days", "Days", "integer", default=5),
    Option("only_text", "Only", "boolean"),
    Option("day", "Day", "date"),
    Option("area", "Area", "bbox"),
    Option("kind", "Kind", "choice", choices=("a", "b")),
    Option("form", "Form", required=True, help="The form's id."),
)
SOURCE = Source("tiny", "Tiny", "A tiny one.", read=None, check=None, options=OPTIONS)


def test_a_new_feed_takes_what_its_source_proposes():
    from ceasefire_monitor.feeds.sources import SOURCES

    source, feed = SOURCES["url"], url()
    assert feed.feed_id == "" and feed.enabled is True and feed.keep_raw is False
    assert feed.preset == source.preset
    assert feed.interval_minutes == source.interval_minutes
    assert feed.redistribution == source.redistribution
    assert feed.options is None and feed.mapping is None and feed.since is None


def test_what_is_not_given_stays_and_a_dash_empties():
    before = url(notes="ours", quiet_from="22:00", quiet_to="06:00", mapping={"term": "What"})
    before.feed_id = "f1"
    after = feed_of({"notes": "-", "interval_minutes": 7}, before)
    assert (after.feed_id, after.feed_name, after.notes) == ("f1", "North field", None)
    assert (after.interval_minutes, after.quiet_from) == (7, "22:00")
    assert json.loads(after.mapping) == {"term": "What"}
    assert (
        json.loads(
            feed_of({"mapping": "-", "quiet_from": "-", "quiet_to": "-"}, before).mapping or "{}"
        )
        == {}
    )


def test_the_source_of_a_feed_does_not_change():
    words = told(feed_of, {"source": "wfs"}, url())
    assert "“North field”" in words and "another name" in words


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"feed_name": " "}, "no name"),
        ({"source": "carrier pigeon"}, "There is no source “carrier pigeon”"),
        ({"preset": "nonsense"}, "no preset “nonsense”"),
        ({"timezone": "Mars/Olympus"}, "no time zone “Mars/Olympus”"),
        ({"redistribution": "all"}, "rows, aggregates, none"),
        ({"quiet_from": "22:00"}, "both ends"),
        ({"quiet_from": "25:00", "quiet_to": "06:00"}, "“25:00” is no time of day for QUIET_FROM"),
        ({"interval_minutes": 0}, "1 or more"),
        ({"options": "{"}, "OPTIONS is not JSON"),
        ({"options": "[1]"}, "pairs in braces"),
        ({"options": "[" * 100_000}, "OPTIONS is not JSON"),
        ({"mapping": "1"}, "MAPPING must be pairs"),
        ({"options": {"colour": "red"}}, "no option “colour”"),
        ({"address": "-"}, "needs its address"),
    ],
)
def test_what_is_wrong_is_told(wrong, words):
    assert words in told(url, **wrong)


@pytest.mark.parametrize(
    ("option", "given", "kept"),
    [
        ("country", "Vale", "Vale"),
        ("days", "3", 3),
        ("only_text", "yes", True),
        ("only_text", False, False),
        ("day", "2031-03-14", "2031-03-14"),
        ("area", "20.5,-3,24,1.25", "20.5,-3,24,1.25"),
        ("area", [170.0, -3, -170, 1.123456789], "170,-3,-170,1.123456789"),
        ("kind", "a", "a"),
    ],
)
def test_options_are_kept_in_their_kind(option, given, kept):
    assert checked_options(SOURCE, {option: given, "form": "f"}) == {option: kept, "form": "f"}


@pytest.mark.parametrize(
    ("option", "given"),
    [
        ("days", "soon"),
        ("days", 2.5),
        ("days", True),
        ("only_text", "perhaps"),
        ("day", "14.3.2031"),
        ("area", "1,2,3"),
        ("area", "1,5,3,4"),
        ("area", "1,2,3,444"),
        ("kind", "c"),
        ("country", {"a": 1}),
    ],
)
def test_an_option_that_does_not_fit_its_kind_is_told(option, given):
    chosen = next(one for one in OPTIONS if one.name == option)
    words = told(in_kind, chosen, given)
    assert f"“{option}”" in words


def test_a_missing_option_is_told_with_its_help():
    words = told(checked_options, SOURCE, {})
    assert "needs the option “form”" in words and "The form's id." in words


@pytest.mark.parametrize(
    "address",
    [
        "https://ana:geheim@x.example/data",
        "https://x.example/data?token=geheim",
        "https://x.example/data?a=1&API_KEY=geheim",
        "https://x.example/data?app_identifier=geheim",
        "https://x.example/data?apikey=geheim",
        "https://x.example/data#access_token=geheim",
        "https://x.example/data?key=geheim",
    ],
)
def test_an_address_with_a_secret_is_refused_without_repeating_it(address):
    words = told(refuse_secrets, address, {})
    assert "geheim" not in words and "authentication configuration" in words
    assert secret_of_address(address) is not None


@pytest.mark.parametrize(
    "address",
    [
        "https://x.example/data?keyword=a&monkey=b&token=",
        "https://x.example/author/design?signal=1&country=Vale",
        "/data/a@b/*.csv",
        "",
    ],
)
def test_an_ordinary_address_is_not_refused(address):
    assert secret_of_address(address) is None
    assert refuse_secrets(address, {"form": "keys", "key_question": "when"}) is None


def test_an_option_with_a_secret_is_refused_without_repeating_it():
    for options in ({"password": "geheim"}, {"Map_Key": "geheim"}, {"u": "http://a:geheim@b/"}):
        words = told(refuse_secrets, None, options)
        assert "geheim" not in words and "authentication configuration" in words


def test_a_feed_in_json_has_an_id_of_what_it_reads():
    moment = lambda text: datetime(2031, 3, 14, tzinfo=timezone.utc)  # noqa: E731  a stand-in zone
    text = '{"source": "url", "address": "/data/*.csv", "since": "2031-03-14"}'
    one, two = feed_of_text(text, moment), feed_of_text(text, moment)
    assert one.feed_id == two.feed_id and one.feed_id.startswith("unkept-")
    assert one.feed_name == "url" and one.since.year == 2031
    other = feed_of_text(text.replace("*.csv", "*.tsv"), moment)
    assert other.feed_id != one.feed_id
    assert feed_of_text('{"name": "N", "source": "url", "address": "x"}', moment).feed_name == "N"
    assert "a key “colour”" in told(feed_of_text, '{"colour": 1}', moment)
    assert "feed_id" not in SAID
