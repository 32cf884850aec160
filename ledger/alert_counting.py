"""Rules of a number: so many incidents within so many minutes, each series told once.

A series goes on as long as each window of it is full and shares an incident with the next; it was
told where an alert of the rule lies within its time. After a pause a new series is told anew.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Any, Optional

import numpy as np

from ..analysis import alert_sentences as words
from ..analysis.alert_incidents import AlertIncidents
from ..analysis.alert_rules import Hits, held, least_chance
from ..analysis.alert_series import Series, series
from ..analysis.utc import instants, utc_datetime
from ..model.alert import COUNT, COUNTS, SECTOR, Alert, AlertRule, listed
from ..model.incident import Incident, content_id
from ..model.sensitivity import CONFIDENTIAL
from ..model.tables import ALERTS
from . import alert_reading as reading
from .connection import bound
from .rows import instant_text, record_of
from .store import read_rows

MICROSECOND = timedelta(microseconds=1)
_OF_RULE = (
    "WHERE kept.rule_id = $rule AND kept.kind = $kind "
    "AND kept.period_to >= $start AND kept.period_from <= $end"
)


@dataclasses.dataclass
class _Pool:
    """All incidents around the fresh ones for which the rule holds, each event once."""

    incidents: list[Incident]
    columns: AlertIncidents
    hits: Hits
    counts: np.ndarray
    fresh: np.ndarray
    start: datetime
    end: datetime


def count_alerts(evaluation: Any, rule: AlertRule, hits: Hits, as_before: set[str]) -> list[Alert]:
    """The series that incidents of this evaluation belong to and that were not told before.

    ``hits``: of what changed; ``as_before``: those of them that counted alike before.
    """
    window = timedelta(minutes=float(rule.window_minutes))
    rows = np.flatnonzero(hits.holds & ~np.isnat(evaluation.columns.place.occurred_from))
    fresh = {evaluation.columns.identifier[row] for row in rows} - as_before
    if not fresh:
        return []
    moments = [item.occurred_from for item in evaluation.incidents if item.incident_id in fresh]
    start, end = min(moments) - 2 * window, max(moments) + 2 * window
    while True:
        pool = _pool(evaluation, rule, fresh, window, start, end)
        found = _found(rule, pool, window)
        # A series that may have begun earlier, or goes on later, is looked at as a whole.
        edges = _beyond(pool, [item for _, item in found], window)
        if edges == (start, end):
            return _not_told(evaluation, rule, pool, found)
        start, end = edges


def _pool(evaluation, rule: AlertRule, fresh: set, window: timedelta, start, end) -> _Pool:
    incidents = reading.incidents_between(evaluation.connection, start, end)
    incidents.sort(key=lambda item: (item.occurred_from, item.incident_id))
    columns = reading.columns_of(evaluation.connection, incidents)
    hits = held(rule, columns, evaluation.places)
    counts = hits.holds & ~_too_vague(incidents, window)
    events = [evaluation.events.of(item.incident_id) for item in incidents]
    fresh_events = {evaluation.events.of(key) for key in fresh}
    seen: set = set()
    for row in np.flatnonzero(counts).tolist():
        counts[row] = events[row] not in seen
        seen.add(events[row])
    is_fresh = np.array([event in fresh_events for event in events], dtype=bool)
    return _Pool(incidents, columns, hits, counts, is_fresh & counts, start, end)


def _too_vague(incidents: list[Incident], window: timedelta) -> np.ndarray:
    """Which happened at some moment of a span that is longer than the window (mask)."""
    return np.array(
        [
            item.span_is == "uncertainty"
            and item.occurred_to is not None
            and item.occurred_to - item.occurred_from > window
            for item in incidents
        ],
        dtype=bool,
    )


def _found(rule: AlertRule, pool: _Pool, window: timedelta) -> list[tuple[Optional[str], Series]]:
    """The series with a fresh incident, by sector or in the whole theatre (None)."""
    moments = instants([item.occurred_from for item in pool.incidents]).astype(np.int64)
    weights = np.ones(len(moments))
    if rule.count_of == COUNTS:
        weights = np.nan_to_num(pool.columns.count_low, nan=0.0)
    sectors: list[Optional[str]] = [None]
    if rule.count_per == SECTOR:
        sectors = list(listed(rule.sectors))
    found = []
    for sector in sectors:
        mask = pool.counts
        if sector is not None:
            mask = mask & pool.hits.in_sector(sector, least_chance(rule))
        times = np.where(mask, moments.astype(float), np.nan)
        for item in series(times, weights, rule.count_least, float(window // MICROSECOND)):
            if pool.fresh[item.rows].any():
                found.append((sector, item))
    return found


def _beyond(pool: _Pool, found: list[Series], window: timedelta):
    """The span that has to be read to see these series whole; as it is where it was enough."""
    start, end = pool.start, pool.end
    for item in found:
        first = pool.incidents[item.rows[0]].occurred_from
        last = pool.incidents[item.rows[-1]].occurred_from
        # What lies a window off has no window in common with it.
        if first - window < pool.start:
            start = min(start, first - 4 * window - (last - first))
        if last + window > pool.end:
            end = max(end, last + 4 * window + (last - first))
    return start, end


def _not_told(evaluation, rule: AlertRule, pool: _Pool, found: list) -> list[Alert]:
    """The alerts on those series that no alert of the rule lies in."""
    made: list[Alert] = []
    told = _told(evaluation.connection, rule, pool) if found else []
    for sector, item in found:
        members = [pool.incidents[row] for row in item.rows]
        first, last = members[0].occurred_from, members[-1].occurred_from
        if any(
            alert.sector == sector and alert.period_from <= last and alert.period_to >= first
            for alert in told
        ):
            continue
        made.append(_alert(evaluation, rule, pool, item, sector))
    return made


def _told(connection: Any, rule: AlertRule, pool: _Pool) -> list[Alert]:
    where = bound(
        _OF_RULE,
        rule=rule.rule_id,
        kind=COUNT,
        start=instant_text(pool.start - reading.MARGIN),
        end=instant_text(pool.end + reading.MARGIN),
    )
    rows = read_rows(connection, ALERTS, where)
    alerts = [record_of(ALERTS, Alert, row) for row in rows]
    return [item for item in alerts if item.period_from and item.period_to]


def _alert(evaluation, rule: AlertRule, pool: _Pool, item: Series, sector: Optional[str]) -> Alert:
    members = [pool.incidents[row] for row in item.rows]
    sentence = words.series_sentence(
        rule, members, pool.hits, item.rows, evaluation.places, evaluation.zone, sector
    )
    fresh = [pool.incidents[row].incident_id for row in item.rows if pool.fresh[row]]
    if not any(evaluation.changed[key].is_new for key in fresh if key in evaluation.changed):
        sentence = f"By a correction: {sentence}"
    alert = evaluation.alert_of(rule, members, pool.hits, item.rows, sentence)
    key = (rule.rule_id, sector, members[0].incident_id, evaluation.top, evaluation.mark)
    alert.alert_id = "alert:" + content_id(*key)
    alert.kind, alert.sector = COUNT, sector
    alert.counted = int(item.weight)
    alert.incidents = "; ".join(member.incident_id for member in members)
    moments = instants([members[0].occurred_from, members[-1].occurred_from])
    alert.period_from, alert.period_to = (utc_datetime(moment) for moment in moments)
    when = words.span_words(members, evaluation.zone)
    told = words.total(rule, members)
    alert.public_text = words.public_words(told, when, alert.sensitivity == CONFIDENTIAL)
    return alert
