"""Stating and withdrawing links between incidents; nothing is deleted.

Works on an open ledger of either kind through its public methods alone.
"""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone
from typing import Any, Iterable, Optional

from ..analysis.link_graph import DUPLICATE_OF, WITHDRAWN, problem_of, same_link, standing
from ..model.errors import CeasefireError
from ..model.harm import Link
from ..model.incident import content_id
from ..model.vocabulary import vocabulary


@dataclasses.dataclass
class LinkOutcome:
    """The links that were stated, and those that stood already."""

    stated: list[Link] = dataclasses.field(default_factory=list)
    unchanged: list[Link] = dataclasses.field(default_factory=list)


def link_incidents(
    ledger: Any,
    pairs: Iterable[tuple[str, str]],
    relation: str,
    who: Optional[str],
    why: str,
    lead: Optional[str] = None,
) -> LinkOutcome:
    """State ``relation`` from the first to the second incident of each pair, all or none.

    ``lead`` is the lead record of one event; of a duplicate the other one leads by itself.
    CeasefireError where an incident is not there, links to itself, or would lead in a circle.
    """
    pairs = list(pairs)
    _refuse_what_is_wrong(relation, why, pairs)
    _refuse_unknown(ledger, {identifier for pair in pairs for identifier in pair})
    there = ledger.read("links")
    outcome, now = LinkOutcome(), datetime.now(timezone.utc)
    for one, other in pairs:
        link = Link(
            incident_id=one,
            relation=relation,
            other_id=other,
            lead_id=_lead_of(relation, one, other, lead),
            reason=why.strip(),
            stated_by=(who or "").strip() or None,
            stated_at=now,
        )
        _state(link, there, outcome)
    if outcome.stated:
        ledger.write_records("links", outcome.stated, who, why.strip())
    return outcome


def withdraw_links(ledger: Any, ids: Iterable[str], who: Optional[str], why: str) -> list[str]:
    """Withdraw links by their ids; returns those that stood. CeasefireError for unknown ids."""
    wanted = list(dict.fromkeys(ids))
    if not (why or "").strip():
        raise CeasefireError("A link is withdrawn for a reason: say why.")
    links = ledger.read("links", ids=wanted)
    unknown = [item for item in wanted if item not in {link.link_id for link in links}]
    if unknown:
        raise CeasefireError(f"The ledger has no link “{unknown[0]}”: look at its table of links.")
    stood = standing(links)
    withdrawn = [dataclasses.replace(link, status=WITHDRAWN, reason=why.strip()) for link in stood]
    if withdrawn:
        ledger.write_records("links", withdrawn, who, why.strip())
    return [link.link_id for link in withdrawn]


def _state(link: Link, there: list[Link], outcome: LinkOutcome) -> None:
    """Put a link among the stated ones, or among those that stood already."""
    alike = [item for item in standing(there) if same_link(item, link)]
    if alike and (link.lead_id is None or alike[0].lead_id == link.lead_id):
        outcome.unchanged.append(alike[0])
        return
    link.link_id = alike[0].link_id if alike else _new_id(link)
    problem = problem_of(link, there)
    if problem is not None:
        raise CeasefireError(problem)
    outcome.stated.append(link)
    there[:] = [item for item in there if item.link_id != link.link_id] + [link]


def _lead_of(relation: str, one: str, other: str, lead: Optional[str]) -> Optional[str]:
    if lead:
        return lead
    return other if relation == DUPLICATE_OF and one != other else None


def _new_id(link: Link) -> str:
    """An id of its own each time: a link that was withdrawn may be stated again."""
    moment = link.stated_at.isoformat()
    return "link:" + content_id(link.incident_id, link.relation, link.other_id, moment)


def _refuse_what_is_wrong(relation: str, why: str, pairs: list) -> None:
    relations = vocabulary("link_relations")
    if relation not in relations:
        raise CeasefireError(f"“{relation}” is no relation: choose one of {', '.join(relations)}.")
    if not (why or "").strip():
        raise CeasefireError("A link is stated for a reason: say why.")
    if not pairs:
        raise CeasefireError("There is nothing to link: name at least two incidents.")


def _refuse_unknown(ledger: Any, ids: set) -> None:
    known = {record.incident_id for record in ledger.read("incidents", ids=sorted(ids))}
    unknown = sorted(ids - known)
    if unknown:
        raise CeasefireError(
            f"The ledger has no incident “{unknown[0]}”: look at the ids of its incidents."
        )
