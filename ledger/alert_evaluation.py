"""One evaluation of the rules: what changed is held against each, and alerts are made of it."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta, tzinfo
from typing import Any, Callable, Optional, Sequence

import numpy as np

from ..analysis import alert_sentences as words
from ..analysis.alert_incidents import AlertIncidents
from ..analysis.alert_places import AlertPlaces
from ..analysis.alert_rules import Hits, held, spoken_of
from ..analysis.utc import instants
from ..model.alert import (
    CORRECTION,
    INCIDENT,
    MAX_AGE_HOURS,
    NOT_EVALUATED,
    PASSED_OVER,
    Alert,
    AlertRule,
    listed,
)
from ..model.errors import Cancelled, CeasefireError
from ..model.incident import Incident, content_id
from ..model.sensitivity import CONFIDENTIAL, LEVELS
from . import alert_reading as reading
from .alert_counting import count_alerts
from .alert_rules import MOST, refuse_what_cannot_be


@dataclasses.dataclass
class Evaluation:
    """What one evaluation works on: the incidents that changed, as they are and as they were."""

    connection: Any
    places: AlertPlaces
    zone: tzinfo
    now: datetime
    mark: int
    top: int
    changed: dict[str, reading.Changed]
    incidents: list[Incident]
    columns: AlertIncidents
    before: AlertIncidents
    events: reading.Events
    told: set[tuple[str, str]]
    cancelled: Optional[Callable[[], bool]] = None

    @classmethod
    def gathered(cls, ledger: Any, rules: Sequence[AlertRule], span, now, cancelled) -> Evaluation:
        """Read what changed between the marks ``span``, and the land around it."""
        from ..analysis.flag_sentences import zone_of

        connection, (mark, top) = ledger._connection, span
        oldest = now - timedelta(hours=max(map(max_age, rules)))
        changed = {
            item.incident_id: item for item in reading.changed_since(connection, *span, oldest)
        }
        recent = [key for key, item in changed.items() if not item.old]
        incidents = reading.incidents_of(connection, recent)
        known = [key for key in recent if not changed[key].is_new]
        events = reading.Events(connection)
        asked = {member for key in recent for member in events.all_of(key)}
        return cls(
            connection=connection,
            places=reading.places_of(ledger),
            zone=zone_of(ledger.settings().get("timezone") or "UTC"),
            now=now,
            mark=mark,
            top=top,
            changed=changed,
            incidents=incidents,
            columns=reading.columns_of(connection, incidents),
            before=reading.columns_of(
                connection, reading.incidents_before(connection, known, mark)
            ),
            events=events,
            told=reading.told_of(connection, sorted(asked)),
            cancelled=cancelled,
        )

    def alerts(self, rules: Sequence[AlertRule]) -> list[Alert]:
        """The alerts of all rules, and one on what was passed over for its age."""
        made: list[Alert] = []
        for rule in rules:
            if self.cancelled is not None and self.cancelled():
                raise Cancelled("Stopped; no alert was raised.")
            try:
                made += self._of_rule(rule)
            except Cancelled:
                raise
            except CeasefireError as error:
                made += self._of_failure(rule, str(error))
        return made + self._passed_over(rules)

    def recent(self, rule: AlertRule, columns: AlertIncidents) -> np.ndarray:
        """Which incidents are not older than the rule looks back; of unknown time all are."""
        (oldest,) = instants([self.now - timedelta(hours=max_age(rule))])
        return np.isnat(columns.place.occurred_from) | (columns.place.occurred_from >= oldest)

    def _of_rule(self, rule: AlertRule) -> list[Alert]:
        # A form or another program may have written what “Alert rule” would have refused.
        refuse_what_cannot_be(rule)
        if not (spoken_of(rule, self.columns) & self.recent(rule, self.columns)).any():
            return []
        hits = held(rule, self.columns, self.places)
        hits.holds &= self.recent(rule, self.columns)
        if rule.count_least is not None:
            return count_alerts(self, rule, hits, self._as_before(rule))
        fresh = hits.holds & ~np.isin(self.columns.identifier, self._held_before(rule))
        return self._one_each(rule, hits, np.flatnonzero(fresh))

    def _held_before(self, rule: AlertRule) -> list[str]:
        """The incidents for which the rule held as they were at the last evaluation."""
        if not len(self.before):
            return []
        return self.before.identifier[held(rule, self.before, self.places).holds].tolist()

    def _as_before(self, rule: AlertRule) -> set[str]:
        """Of those, the ones whose time and number are as they were."""
        now = {key: row for row, key in enumerate(self.columns.identifier)}
        same = set()
        for key in self._held_before(rule):
            old = int(np.flatnonzero(self.before.identifier == key)[0])
            new = now.get(key)
            if new is None:
                continue
            moment = self.before.place.occurred_from[old] == self.columns.place.occurred_from[new]
            numbers = (self.before.count_low[old], self.columns.count_low[new])
            if moment and (numbers[0] == numbers[1] or np.isnan(numbers).all()):
                same.add(key)
        return same

    def _one_each(self, rule: AlertRule, hits: Hits, rows: np.ndarray) -> list[Alert]:
        """One alert for each event among the rows of which the rule has not told yet."""
        by_event: dict[str, list[int]] = {}
        for row in rows.tolist():
            by_event.setdefault(self.events.of(self.columns.identifier[row]), []).append(row)
        made = []
        for event, own in by_event.items():
            members = self.events.all_of(self.columns.identifier[own[0]])
            if any((rule.rule_id, member) in self.told for member in members):
                continue
            made.append(self._alert(rule, hits, self._first(event, own)))
        return made

    def _first(self, event: str, rows: list[int]) -> int:
        """The row that stands for an event: its lead, else the earliest."""
        lead = self.events.leads.get(event)
        ids = self.columns.identifier
        return min(
            rows,
            key=lambda row: (ids[row] != lead, str(self.incidents[row].occurred_from), ids[row]),
        )

    def _alert(self, rule: AlertRule, hits: Hits, row: int) -> Alert:
        incident = self.incidents[row]
        is_new = self.changed[incident.incident_id].is_new
        sentence = words.incident_sentence(rule, incident, hits, row, self.places, self.zone)
        if not is_new:
            sentence = f"By a correction (revision {incident.revision}): {sentence}"
        alert = self.alert_of(rule, [incident], hits, np.array([row]), sentence)
        alert.alert_id = "alert:" + content_id(rule.rule_id, incident.incident_id)
        alert.kind = INCIDENT if is_new else CORRECTION
        alert.public_text = words.public_words(
            words.what(incident),
            words.span_words([incident], self.zone),
            alert.sensitivity == CONFIDENTIAL,
        )
        alert.sector = "; ".join(
            name for name in hits.sectors if hits.in_sector(name, words.least_chance(rule))[row]
        )
        alert.sector = alert.sector or None
        return alert

    def alert_of(
        self,
        rule: AlertRule,
        incidents: Sequence[Incident],
        hits: Hits,
        rows: np.ndarray,
        sentence: str,
    ) -> Alert:
        """An alert of a rule on some incidents, the last of which it points at."""
        level = reading.level_of_incidents(incidents)
        sites = [index for index in hits.site[rows].tolist() if index >= 0]
        if sites and self.places.levels is not None:
            level = max(level, *(int(self.places.levels[index]) for index in sites))
        starts = [item.occurred_from for item in incidents if item.occurred_from is not None]
        ends = [item.occurred_to or item.occurred_from for item in incidents if item.occurred_from]
        last = incidents[-1]
        return Alert(
            rule_id=rule.rule_id,
            rule_name=rule.rule_name,
            incident_id=last.incident_id,
            incident_revision=last.revision,
            counted=len(incidents),
            probability=_greatest(hits.probability[rows], hits.sure[rows]),
            line_distance_m=_least(hits.line_distance_m[rows]),
            period_from=min(starts, default=None),
            period_to=max(ends, default=None),
            sentence=sentence,
            sensitivity=LEVELS[level],
            sound=bool(rule.sound),
            raised_at=self.now,
            longitude=last.longitude,
            latitude=last.latitude,
        )

    def _passed_over(self, rules: Sequence[AlertRule]) -> list[Alert]:
        """One alert on new incidents that happened before what a rule looks back to."""
        new = [item for item in self.changed.values() if item.is_new]
        rows = {key: row for row, key in enumerate(self.columns.identifier)}
        passed, hours = set(), set()
        for rule in rules:
            sources, recent = listed(rule.sources), self.recent(rule, self.columns)
            for item in new:
                if sources and item.source not in sources:
                    continue
                row = rows.get(item.incident_id)
                if item.old or (row is not None and not recent[row]):
                    passed.add(item.incident_id)
                    hours.add(max_age(rule))
        if not passed:
            return []
        sentence = words.passed_over_sentence(len(passed), len(new), hours)
        return [
            Alert(
                alert_id="alert:" + content_id(PASSED_OVER, self.mark, self.top, self.now),
                kind=PASSED_OVER,
                counted=len(passed),
                sentence=sentence,
                public_text=sentence,
                sensitivity="restricted",
                sound=False,
                raised_at=self.now,
            )
        ]

    def _of_failure(self, rule: AlertRule, why: str) -> list[Alert]:
        """One alert on a rule that cannot be evaluated, as long as it stands unacknowledged."""
        sentence = f"The rule “{rule.rule_name}” could not be evaluated and tells of nothing: {why}"
        return [
            Alert(
                alert_id="alert:" + content_id(NOT_EVALUATED, rule.rule_id, self.top, self.now),
                rule_id=rule.rule_id,
                rule_name=rule.rule_name,
                kind=NOT_EVALUATED,
                sentence=sentence,
                public_text="A rule of alerts could not be evaluated; see the list of alerts.",
                sensitivity="restricted",
                sound=False,
                raised_at=self.now,
            )
        ]


def max_age(rule: AlertRule) -> float:
    """How many hours a rule looks back."""
    hours = MAX_AGE_HOURS if rule.max_age_hours is None else float(rule.max_age_hours)
    return min(max(hours, 0.0), float(MOST["max_age_hours"]))


def _greatest(chances: np.ndarray, sure: np.ndarray) -> Optional[float]:
    known = chances[sure & np.isfinite(chances)]
    return round(float(known.max()), 6) if len(known) else None


def _least(distances: np.ndarray) -> Optional[float]:
    known = distances[np.isfinite(distances)]
    return round(float(known.min()), 3) if len(known) else None
