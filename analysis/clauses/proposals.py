"""What rules the clauses of a draft may mean: proposed, each with what was read into it."""

from __future__ import annotations

import json
import re
from typing import Any, Iterator, Optional

from ...model.rule_proposal import RuleProposal
from .draft import Draft, Passage
from .draft_words import (
    EXCEPTS,
    FORBIDS,
    HEAVY,
    HOURS,
    SITES,
    WEAPONS,
    WIDE,
    WITHDRAWS,
    acts_in,
    calibre_in,
    distances_in,
    listed,
)

LINE = "line"
SENTENCE = re.compile(r"(?<=[.;])\s+(?=[A-Z(])")
LACKING = "cannot be a rule as it stands: "


def propose(draft: Draft) -> list[RuleProposal]:
    """The rules that the passages without rules of their own may mean, in their order."""
    found: list[RuleProposal] = []
    for passage in draft.passages:
        if _has_rules(draft, passage.reference):
            continue
        for sentence in SENTENCE.split(passage.text):
            for proposal in _of_sentence(passage, " ".join(sentence.split())):
                proposal.proposal = f"r{len(found) + 1}"
                found.append(proposal)
    return found


def weapon_class_of(rule: dict[str, Any]) -> Optional[dict[str, Any]]:
    """Take out of a proposed rule the weapon class that it brings; None where it has none."""
    return rule.pop("weapon_class", None)


def _has_rules(draft: Draft, reference: str) -> bool:
    if draft.agreement is None:
        return False
    clause = draft.agreement.find("clauses", reference)
    return clause is not None and bool(clause.rules)


def _of_sentence(passage: Passage, sentence: str) -> Iterator[RuleProposal]:
    distances = distances_in(sentence)
    if WITHDRAWS.search(sentence):
        yield from _withdrawal(passage, sentence, distances)
        return
    if not FORBIDS.search(sentence):
        return
    acts, sites = acts_in(sentence), listed(SITES, sentence)
    if not acts:
        return
    if sites and distances:
        yield _sites(passage, sentence, acts, sites, distances)
        return
    hours = HOURS.search(sentence)
    if hours:
        yield _silence(passage, sentence, acts, hours)
        return
    yield from _act(passage, sentence, acts, distances)


def _withdrawal(passage, sentence, distances) -> Iterator[RuleProposal]:
    weapons, calibre = listed(WEAPONS, sentence), calibre_in(sentence)
    lacking = []
    if not distances:
        lacking.append("no distance is given")
    elif len(distances) > 1:
        lacking.append("several distances stand in one sentence; write one sentence for each")
    if not weapons and calibre is None:
        said = "“heavy weapons” are not classed" if HEAVY.search(sentence) else "no weapon is named"
        lacking.append(f"{said} by kind, calibre or list")
    if lacking:
        if distances or weapons or HEAVY.search(sentence):
            yield _proposal(passage, "withdrawal", None, sentence, LACKING + "; ".join(lacking))
        return
    metres, written = distances[0]
    assumed = [f"measured from the line of contact, on each side: {metres:,.10g} m ({written})"]
    if WIDE.search(sentence):
        metres /= 2.0
        assumed = [f"a width counts both sides together: {metres:,.10g} m on each side"]
    label = " and ".join(weapons).replace("_", " ") or "weapons"
    told = {"classes": weapons or ["artillery", "mortar", "mlrs", "tank"], **(calibre or {})}
    if not weapons:
        assumed.append("weapons by calibre alone: artillery, mortars, rocket systems, tanks")
    label += _calibre_told(calibre)
    yield _proposal(
        *(passage, "withdrawal", f"{label} at least {metres:,.10g} m from the line", sentence),
        "; ".join(assumed),
        {
            "weapon_class": {"label": label, **told},
            "limits": [{"line": LINE, "distance_m": metres}],
        },
    )


def _sites(passage, sentence, acts, sites, distances) -> RuleProposal:
    metres, written = distances[0]
    more = f"; of {len(distances)} distances the first" if len(distances) > 1 else ""
    names = ", ".join(each.replace("_", " ") for each in sites)
    return _proposal(
        *(passage, "site_protection", f"none of {_told(acts)} within {metres:,.10g} m of {names}"),
        *(sentence, f"within {written} of each site of these kinds in the layer of sites{more}"),
        {"categories": acts, "where": {"site_kinds": sites, "within_m": metres}},
    )


def _silence(passage, sentence, acts, hours) -> RuleProposal:
    start, end = (each.zfill(5) for each in hours.groups())
    return _proposal(
        *(passage, "silence", f"none of {_told(acts)} daily from {start} to {end}", sentence),
        "each day, in the agreement's time zone",
        {"categories": acts, "windows": [{"daily_from": start, "daily_to": end}]},
    )


def _act(passage, sentence, acts, distances) -> Iterator[RuleProposal]:
    """A prohibition of acts, near the line where a distance is named; of flights a no-fly rule."""
    flights = [code for code in acts if code.startswith("overflight")]
    others = [code for code in acts if code not in flights]
    if flights and distances:
        metres = distances[0][0]
        yield _proposal(
            *(passage, "no_fly", f"no {_told(flights)} within {metres:,.10g} m of the line"),
            *(sentence, "measured from the line of contact, on each side"),
            {"categories": flights, "limits": [{"line": LINE, "distance_m": metres}]},
        )
        acts = others
    if not acts:
        return
    rule: dict[str, Any] = {"categories": acts}
    title, assumed = f"none of {_told(acts)}", "everywhere and by every party"
    if distances:
        metres = distances[0][0]
        rule["where"] = {"line": LINE, "within_m": metres}
        title += f" within {metres:,.10g} m of the line"
        assumed = "on both sides of the line of contact, by every party"
    yield _proposal(passage, "prohibited_act", title, sentence, assumed, rule)


def _proposal(passage, kind, title, sentence, assumed, rule=None) -> RuleProposal:
    told = None
    if rule is not None:
        if EXCEPTS.search(sentence):
            assumed += "; an exception that the sentence names is not in the rule"
        told = json.dumps({"kind": kind, "title": title, **rule}, ensure_ascii=False)
    return RuleProposal(None, passage.reference, kind, title, sentence, assumed, told)


def _told(codes: list[str]) -> str:
    return ", ".join(code.replace("/", ": ").replace("_", " ") for code in codes)


def _calibre_told(calibre: Optional[dict[str, Any]]) -> str:
    if calibre is None:
        return ""
    words = {"calibre_above_mm": "more than", "calibre_from_mm": "from", "calibre_to_mm": "up to"}
    return ", " + ", ".join(f"{words[key]} {value:g} mm" for key, value in calibre.items())
