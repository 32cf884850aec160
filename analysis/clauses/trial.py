"""Confirmed proposals as an agreement's file, so that the record can be held against a draft."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any, Optional, Sequence

from ...model.agreement import Agreement
from ...model.errors import CeasefireError
from ...model.rule_proposal import RuleProposal
from ..agreement_file import agreement_of, agreement_to_json
from .draft import Draft
from .proposals import LINE, weapon_class_of

NOTE = (
    "A draft that nobody has agreed to, written as if it had been in force from {since}, so that "
    "the record since then can be held against it. Its findings are no violations. Rules were "
    "read out of the draft's words and confirmed by {by}."
)


@dataclasses.dataclass
class Frame:
    """What a draft's text does not say and a trial needs."""

    parties: Sequence[str]
    timezone: str
    since: str
    line_kind: str = "de_facto"
    until: Optional[str] = None


def confirm(proposals: Sequence[RuleProposal], told: str, by: str) -> list[RuleProposal]:
    """Mark the proposals that a person confirmed: “r1, r3”, or “all” of those that can be rules.

    Raises CeasefireError where one is not there, cannot be a rule, or nobody signs.
    """
    known = {proposal.proposal: proposal for proposal in proposals}
    asked = [each for each in re.split(r"[\s,;]+", told.strip()) if each]
    if not asked:
        return []
    if not by.strip():
        raise CeasefireError("Say who confirms: a rule is read out of a draft by a person.")
    if [each.lower() for each in asked] == ["all"]:
        asked = [proposal.proposal for proposal in proposals if proposal.rule]
    for code in asked:
        if code not in known:
            raise CeasefireError(f"There is no proposal “{code}” to confirm; there is "
                                 + (", ".join(known) or "none") + ".")  # fmt: skip
        if known[code].rule is None:
            raise CeasefireError(f"“{code}” (clause {known[code].clause}) {known[code].assumed}.")
        known[code].confirmed, known[code].confirmed_by = True, by.strip()
    return [known[code] for code in dict.fromkeys(asked)]


def trial_agreement(draft: Draft, confirmed: Sequence[RuleProposal], frame: Frame) -> Agreement:
    """The agreement of the confirmed rules, as if in force since the frame's day.

    Raises CeasefireError with what is missing.
    """
    by = ", ".join(dict.fromkeys(each.confirmed_by or "" for each in confirmed))
    told = _base(draft, frame)
    told["note"] = NOTE.format(since=frame.since, by=by or "nobody")
    told["title"] = f"Draft held against the record: {draft.title}"
    clauses = {clause["reference"]: clause for clause in told["clauses"]}
    for proposal in confirmed:
        clause = clauses.get(proposal.clause)
        if clause is None:
            clause = {"reference": proposal.clause, "text": _text(draft, proposal.clause)}
            clause["text_status"] = "not_verified"
            clauses[proposal.clause] = clause
        rule = json.loads(proposal.rule)
        weapons = weapon_class_of(rule)
        rule["code"] = proposal.proposal
        if weapons is not None:
            code = f"{proposal.proposal}_weapons"
            told.setdefault("weapon_classes", []).append({"code": code, **weapons})
            rule["weapon_classes"] = [code]
        clause.setdefault("rules", []).append(rule)
    told["clauses"] = list(clauses.values())
    if not any(clause.get("rules") for clause in told["clauses"]):
        raise CeasefireError("No rule is confirmed: there is nothing to hold the record against.")
    return agreement_of(told)


def _base(draft: Draft, frame: Frame) -> dict[str, Any]:
    """The draft's own JSON with the trial's time, or the frame of a text."""
    told: dict[str, Any] = {"clauses": []}
    if draft.agreement is not None:
        told = json.loads(agreement_to_json(draft.agreement))
        zone = told["timing"]["timezone"] if draft.timezone_stated else frame.timezone
    else:
        zone = frame.timezone
        told["parties"] = _parties(frame.parties)
    told.update({"format": 1, "status": "agreed", "agreement_id": _code(draft.title)})
    told["timing"] = {**told.get("timing", {}), "timezone": zone, "in_force_from": frame.since}
    if frame.until:
        told["timing"].pop("duration_days", None)
        told["timing"]["in_force_to"] = frame.until
    lines = told.setdefault("lines", [])
    if all(line["code"] != LINE for line in lines):
        lines.append({"code": LINE, "title": "line of contact", "kind": frame.line_kind})
    return told


def _parties(names: Sequence[str]) -> list[dict[str, str]]:
    if len(names) < 2:
        raise CeasefireError(
            "Name the parties as your lines and incidents call them, such as “Aster, Borealis”."
        )
    return [{"code": f"party_{number}", "name": name} for number, name in enumerate(names, 1)]


def _code(title: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_")
    return f"draft_{plain or 'text'}"[:60]


def _text(draft: Draft, reference: str) -> str:
    return next((each.text for each in draft.passages if each.reference == reference), reference)
