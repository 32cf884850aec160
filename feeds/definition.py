"""From what a person says of a feed to the record that is kept, every word of it checked."""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import datetime
from typing import Any, Callable, Mapping, Optional

from ..model.errors import CeasefireError
from ..model.feed import Feed
from ..model.incident import content_id
from .feedoptions import REDISTRIBUTIONS, checked_options
from .presets import PRESETS
from .secretless import refuse_secrets
from .source import Source
from .sources import source_named
from .span import time_zone

NOTHING = "-"
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
FIELDS = tuple(field.name for field in dataclasses.fields(Feed))
SAID = tuple(name for name in FIELDS if name != "feed_id")


def feed_of(values: Mapping[str, Any], before: Optional[Feed] = None) -> Feed:
    """The feed that ``values`` (by field) describe; raises CeasefireError where one is wrong.

    A value of None is not given: it stays as in ``before``, the feed as it was kept, or becomes
    what the source proposes. ``-`` empties it. ``options`` and ``mapping`` are dictionaries or
    JSON text, ``since`` an aware instant. The ``feed_id`` is that of ``before``, else empty.
    """
    source = _source(values, before)
    given = {name: _emptied(value) for name, value in values.items() if value not in (None, "")}
    kept = {name: getattr(before, name) for name in FIELDS} if before else _proposed(source)
    feed = Feed(**{**kept, **given, "source": source.name})
    feed.feed_name = (feed.feed_name or "").strip()
    if not feed.feed_name:
        raise CeasefireError("The feed has no name: give NAME, a name that people recognise.")
    options = as_object("OPTIONS", feed.options)
    mapping = as_object("MAPPING", feed.mapping)
    known = [option.name for option in source.options]
    refuse_secrets(feed.address, {**options, **_texts(mapping)}, known)
    feed.address = (feed.address or source.address or "").strip()
    if not feed.address:
        raise CeasefireError(
            f"A feed of the source “{source.name}” needs its address: give ADDRESS."
        )
    feed.options = _json(checked_options(source, options))
    feed.mapping = _json(mapping)
    _check_words(feed)
    return feed


def feed_of_text(text: str, moment: Callable[[str], Optional[datetime]]) -> Feed:
    """The feed that a JSON object describes, with an id made of what it reads.

    Keys are the fields of a feed; ``name`` stands for ``feed_name`` too, and the source's name
    where there is none. ``moment`` reads ``since``.
    """
    said = as_object("FEED", text)
    if "name" in said:
        said["feed_name"] = said.pop("name")
    unknown = [name for name in said if name not in SAID]
    if unknown:
        raise CeasefireError(
            f"FEED has a key “{unknown[0]}” that a feed has not; it has {', '.join(SAID)}."
        )
    said.setdefault("feed_name", said.get("source"))
    if said.get("since"):
        said["since"] = moment(str(said["since"]))
    feed = feed_of(said)
    what = (feed.source, feed.address, feed.options, feed.preset, feed.mapping)
    feed.feed_id = "unkept-" + content_id(*what)
    return feed


def as_object(name: str, value: Any) -> dict:
    """A dictionary, from one or from JSON text; an empty one where there is nothing."""
    if value in (None, ""):
        return {}
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise CeasefireError(
                f'{name} is not JSON ({error}): write pairs in braces, as {{"country": "Vale"}}.'
            ) from None
    if not isinstance(value, dict):
        raise CeasefireError(f'{name} must be pairs in braces, as {{"country": "Vale"}}.')
    return dict(value)


def _source(values: Mapping[str, Any], before: Optional[Feed]) -> Source:
    wanted = values.get("source") or (before.source if before else None)
    if not wanted:
        raise CeasefireError("The feed has no source: choose SOURCE, such as acled or url.")
    source = source_named(str(wanted))
    if before is not None and source.name != before.source:
        raise CeasefireError(
            f"The feed “{before.feed_name}” is one of the source {before.source}, and its reports "
            f"are known by that: give the new feed of {source.name} another name."
        )
    return source


def _proposed(source: Source) -> dict:
    """What a new feed of a source begins with."""
    return {
        "feed_id": "",
        "preset": source.preset,
        "interval_minutes": source.interval_minutes,
        "redistribution": source.redistribution,
        "attribution": source.attribution or None,
        "enabled": True,
        "keep_raw": False,
    }


def _emptied(value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip()
    return None if value == NOTHING else value


def _texts(mapping: Mapping[str, Any]) -> dict:
    """The texts that a mapping sets, under names that say so."""
    return {
        f"mapping of {field}": column["value"]
        for field, column in mapping.items()
        if isinstance(column, Mapping) and isinstance(column.get("value"), str)
    }


def _json(value: Mapping[str, Any]) -> Optional[str]:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else None


def _check_words(feed: Feed) -> None:
    """The words that have a list or a form."""
    if feed.preset not in (None, "auto", *PRESETS):
        raise CeasefireError(
            f"There is no preset “{feed.preset}”: choose one of auto, {', '.join(PRESETS)}."
        )
    if feed.timezone:
        time_zone(feed.timezone)
    if feed.redistribution not in (None, *REDISTRIBUTIONS):
        raise CeasefireError(
            f"“{feed.redistribution}” is no word for who may pass the rows on: choose one of "
            f"{', '.join(REDISTRIBUTIONS)}."
        )
    _check_times(feed)


def _check_times(feed: Feed) -> None:
    minutes = feed.interval_minutes
    if minutes is not None and not (isinstance(minutes, int) and minutes >= 1):
        raise CeasefireError(f"“{minutes}” is no interval: give whole minutes, 1 or more.")
    for name in ("quiet_from", "quiet_to"):
        value = getattr(feed, name)
        if value is not None and not CLOCK.fullmatch(str(value)):
            raise CeasefireError(
                f"“{value}” is no time of day for {name.upper()}: write hours and minutes, such as "
                "22:00."
            )
    if (feed.quiet_from is None) != (feed.quiet_to is None):
        raise CeasefireError("Quiet hours need both ends: give QUIET_FROM and QUIET_TO, or none.")
