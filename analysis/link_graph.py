"""Links between incidents as a graph: which may be stated, and which records tell of one event."""

from __future__ import annotations

from typing import Iterable, Optional

from ..model.harm import Link
from ..model.vocabulary import label

SAME_EVENT = "same_event"
DUPLICATE_OF = "duplicate_of"
# The relations whose two records tell of one event.
ONE_EVENT = (SAME_EVENT, DUPLICATE_OF)
# Read alike from both ends.
SYMMETRICAL = (SAME_EVENT,)
WITHDRAWN = "withdrawn"
BACKWARDS = {
    "follow_up_of": "followed up by",
    "retaliation_claimed": "said to have been retaliated by",
    DUPLICATE_OF: "has the duplicate",
}


def standing(links: Iterable[Link]) -> list[Link]:
    """The links that are not withdrawn and name both ends."""
    return [
        link for link in links if link.status != WITHDRAWN and link.incident_id and link.other_id
    ]


def problem_of(link: Link, links: Iterable[Link]) -> Optional[str]:
    """Why a link may not be stated beside those that stand, as a sentence; None: it may."""
    one, other = link.incident_id, link.other_id
    if not one or not other:
        return "A link needs two incidents: name both."
    if one == other:
        return f"“{one}” cannot be linked to itself: choose another incident."
    if link.lead_id not in (None, "", one, other):
        return f"The lead record “{link.lead_id}” is neither of the two: choose one of them."
    if link.relation == DUPLICATE_OF and link.lead_id == one:
        return f"“{one}” is said to be the duplicate: the lead record is “{other}”."
    others = [item for item in standing(links) if item.link_id != link.link_id]
    pointing = lead_edge(link)
    if pointing is not None and _reaches(pointing[1], pointing[0], others):
        return (
            f"“{pointing[1]}” is, by other links, led by “{pointing[0]}” already: withdraw one of "
            "those links first."
        )
    return None


def same_link(first: Link, second: Link) -> bool:
    """Whether two links say the same: the same relation of the same two incidents."""
    if first.relation != second.relation:
        return False
    ends = (first.incident_id, first.other_id)
    theirs = (second.incident_id, second.other_id)
    return ends == theirs or (first.relation in SYMMETRICAL and ends == theirs[::-1])


def lead_edge(link: Link) -> Optional[tuple[str, str]]:
    """``(led, lead)`` where a link of one event says who leads; of a duplicate the other one."""
    if link.relation not in ONE_EVENT:
        return None
    lead = link.lead_id or (link.other_id if link.relation == DUPLICATE_OF else None)
    if not lead:
        return None
    return (link.other_id if lead == link.incident_id else link.incident_id), lead


def events_of(links: Iterable[Link]) -> dict[str, str]:
    """For each linked record the name of its event: the least id of all records of the event.

    A record without such a link stands for itself and is not in the answer.
    """
    parent: dict[str, str] = {}
    for link in standing(links):
        if link.relation in ONE_EVENT and link.incident_id != link.other_id:
            one, other = _root(parent, link.incident_id), _root(parent, link.other_id)
            parent[max(one, other)] = min(one, other)
    return {identifier: _root(parent, identifier) for identifier in parent}


def leads_of(links: Iterable[Link]) -> dict[str, str]:
    """The lead record of each event that has exactly one, by the event's name (``events_of``).

    The lead is the record that leads another and is led by none; where several do, none counts.
    """
    links = standing(links)
    events = events_of(links)
    edges = [edge for edge in map(lead_edge, links) if edge is not None]
    led = {edge[0] for edge in edges}
    heads: dict[str, set] = {}
    for _, lead in edges:
        if lead not in led and lead in events:
            heads.setdefault(events[lead], set()).add(lead)
    return {event: min(found) for event, found in heads.items() if len(found) == 1}


def relations_of(
    identifier: str, links: Iterable[Link], language: str = "en"
) -> list[tuple[str, str]]:
    """What stands between an incident and others, read from its end: ``(words, other id)``."""
    result = []
    for link in standing(links):
        words = label("link_relations", link.relation, language)
        if link.incident_id == identifier:
            result.append((words, link.other_id))
        elif link.other_id == identifier:
            backwards = words if link.relation in SYMMETRICAL else BACKWARDS.get(link.relation)
            result.append((backwards or words, link.incident_id))
    return result


def _reaches(start: str, goal: str, links: Iterable[Link]) -> bool:
    """Whether going from record to lead leads from ``start`` to ``goal``."""
    ways: dict[str, list[str]] = {}
    for led, lead in filter(None, map(lead_edge, links)):
        ways.setdefault(led, []).append(lead)
    ahead, seen = [start], set()
    while ahead:
        here = ahead.pop()
        if here == goal:
            return True
        if here not in seen:
            seen.add(here)
            ahead += ways.get(here, ())
    return False


def _root(parent: dict[str, str], identifier: str) -> str:
    parent.setdefault(identifier, identifier)
    while parent[identifier] != identifier:
        parent[identifier] = parent[parent[identifier]]
        identifier = parent[identifier]
    return identifier
