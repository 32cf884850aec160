"""Records of harm as people and groups: each person once, whatever the number of records."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone
from typing import Iterable, Mapping, Optional

from ..model.harm import Harm
from ..model.incident import Incident
from ..model.review import plain_name
from ..model.sound import count_problem_of

KILLED, DIED_LATER, INJURED = "killed", "died_later", "injured"
DEATHS = (KILLED, DIED_LATER)
# Of records of the same moment the first of these counts.
RANK = {KILLED: 0, DIED_LATER: 1, INJURED: 2, "detained": 3, "missing": 4}
CORROBORATING = ("corroborated", "confirmed")
TRAITS = ("civilian_status", "sex", "age_group", "cause")
UNKNOWN = "unknown"
_EARLIEST = datetime.min.replace(tzinfo=timezone.utc)


@dataclasses.dataclass
class Unit:
    """One person, or one group that is known only by its number, that counts under one outcome.

    ``low``, ``best`` and ``high`` are persons; None: not known. ``traits`` are codes by TRAITS,
    UNKNOWN where not told. ``event`` is the event that it belongs to; ``events`` are, of a person,
    the outcomes recorded in each event. ``lessened``: a group out of which others were taken.
    """

    outcome: str
    event: str
    incident_id: Optional[str]
    when: Optional[datetime]
    traits: dict[str, str]
    corroborated: bool
    person: Optional[str] = None
    low: Optional[int] = 1
    best: Optional[int] = 1
    high: Optional[int] = 1
    events: dict[str, set] = dataclasses.field(default_factory=dict)
    lessened: bool = False


@dataclasses.dataclass
class People:
    """The persons and groups of records, and what was noticed in putting them together.

    ``unsound`` says by id why groups that cannot be so were set aside.
    """

    persons: list[Unit]
    groups: list[Unit]
    refuted: int = 0
    withdrawn: int = 0
    several_records: int = 0
    contradicting: int = 0
    unsound: dict[str, str] = dataclasses.field(default_factory=dict)


def people_of(
    harm: Iterable[Harm],
    incidents: Mapping[str, Incident],
    events: Mapping[str, str],
    sources_needed: int,
) -> People:
    """The persons and groups that records tell of.

    ``incidents`` by id; ``events`` gives the event of linked incidents (``events_of``).
    ``sources_needed`` independent sources, or a verification of corroborated or confirmed, make a
    record corroborated. Refuted records, and those of refuted or withdrawn incidents, are left
    out and counted; groups that cannot be so (numbers below zero or out of order) are set aside.
    Case and spaces do not tell persons' codes apart.
    """
    people = People([], [])
    by_person: dict[str, list[Harm]] = {}
    for item in harm:
        incident = incidents.get(item.incident_id or "")
        if item.verification == "refuted" or getattr(incident, "verification", "") == "refuted":
            people.refuted += 1
        elif getattr(incident, "workflow", "") == "withdrawn":
            people.withdrawn += 1
        elif plain_name(item.person or ""):
            by_person.setdefault(plain_name(item.person), []).append(item)
        elif count_problem_of("harm", item) is not None:
            people.unsound[item.harm_id] = count_problem_of("harm", item)
        else:
            people.groups.append(_group(item, incidents, events, sources_needed))
    for records in by_person.values():
        code = records[0].person.strip()
        people.persons.append(_person(code, records, incidents, events, sources_needed))
        people.several_records += len(records) > 1
        people.contradicting += _contradict(records)
    return people


def is_corroborated(item: Harm, sources_needed: int) -> bool:
    """Whether enough independent sources, or people's verification, stand behind a record."""
    enough = item.independent_sources is not None and item.independent_sources >= sources_needed
    return enough or item.verification in CORROBORATING


def bounds(item: Harm) -> tuple[Optional[int], Optional[int], Optional[int]]:
    """A group's numbers, what is not told filled in where it follows.

    A best estimate alone is also the least and the most; a least number alone says nothing of the
    most. (None, None, None): the number is not known.
    """
    if item.low is None and item.high is None:
        return item.best, item.best, item.best
    return (0 if item.low is None else item.low), item.best, item.high


def _person(person, records: list[Harm], incidents, events, needed: int) -> Unit:
    counted = final_record(records)
    first = min(records, key=lambda item: _when(item, incidents) or _EARLIEST)
    same = [item for item in records if item.outcome == counted.outcome]
    return Unit(
        outcome=counted.outcome or UNKNOWN,
        event=_event(counted, events),
        incident_id=first.incident_id,
        when=min(filter(None, (_when(item, incidents) for item in records)), default=None),
        traits={name: _agreed(records, name) for name in TRAITS},
        corroborated=any(is_corroborated(item, needed) for item in same),
        person=person,
        events=_contained_in(records, events),
    )


def _group(item: Harm, incidents, events, needed: int) -> Unit:
    low, best, high = bounds(item)
    return Unit(
        outcome=item.outcome or UNKNOWN,
        event=_event(item, events),
        incident_id=item.incident_id,
        when=_when(item, incidents),
        traits={name: getattr(item, name) or UNKNOWN for name in TRAITS},
        corroborated=is_corroborated(item, needed),
        low=low,
        best=best,
        high=high,
    )


def final_record(records: list[Harm]) -> Harm:
    """The record under whose outcome a person counts: a death, else the latest."""
    deaths = [item for item in records if item.outcome in DEATHS]
    if deaths:
        return min(deaths, key=lambda item: RANK[item.outcome])
    return min(
        records,
        key=lambda item: (-_moment(item.harmed_from), RANK.get(item.outcome, len(RANK))),
    )


def _contained_in(records: list[Harm], events) -> dict[str, set]:
    """The outcomes under which groups of an event hold this person, by event."""
    found: dict[str, set] = {}
    for item in records:
        outcomes = found.setdefault(_event(item, events), set())
        outcomes.add(item.outcome)
        if item.outcome == DIED_LATER:
            outcomes.add(INJURED)
    return found


def _contradict(records: list[Harm]) -> bool:
    return any(
        len({getattr(item, name) for item in records} - {None, UNKNOWN}) > 1
        for name in ("civilian_status", "sex", "age_group")
    )


def _agreed(records: list[Harm], name: str) -> str:
    """What the records tell of a person, where they agree."""
    told = {getattr(item, name) for item in records} - {None, "", UNKNOWN}
    return told.pop() if len(told) == 1 else UNKNOWN


def _event(item: Harm, events: Mapping[str, str]) -> str:
    """The event of a record; one of no incident stands for itself."""
    if not item.incident_id:
        return f"harm {item.harm_id}"
    return events.get(item.incident_id, item.incident_id)


def _when(item: Harm, incidents) -> Optional[datetime]:
    incident = incidents.get(item.incident_id or "")
    return item.harmed_from or getattr(incident, "occurred_from", None)


def _moment(moment: Optional[datetime]) -> float:
    return float("-inf") if moment is None else moment.timestamp()
