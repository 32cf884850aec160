"""Withdrawn weapons and their storage: seen in a site, seen outside every site, counted there."""

from __future__ import annotations

import numpy as np

from ..model.agreement import Clause, Rule
from .flagging import HARDLY, SURELY
from .line_words import metres
from .rule_columns import NONE, InventoryColumns, RuleFindings, StorageColumns
from .rule_members import NO, of_weapon
from .rule_sentences import (
    COMPLIES,
    EXEMPT,
    NOT_ASSESSABLE,
    NOT_VERIFIED,
    OUTSIDE_STORAGE,
    POSSIBLE,
    STORED,
    STORED_MISSING,
    clause_words,
    verdict_words,
)
from .rule_sites import SitePoints, near_sites
from .rule_weapons import Withdrawal, withdrawals

RADIUS_M = 500.0
NO_SITES = "no storage sites were given"
NO_KIND = "it is not known whether the weapon is of this kind"


def assess_storage(theatre, clause: Clause, rule: Rule, rows: np.ndarray) -> RuleFindings:
    """Whether weapons beyond the withdrawal lines stood in a storage site of their holder.

    A weapon inside a limit and outside every site gives no finding here: its withdrawal's tells it.
    """
    parts = []
    place = theatre.subjects.place
    met = theatre.time(rule).meet(place.occurred_from[rows], place.occurred_to[rows])
    untimed = np.isnat(place.occurred_from[rows])
    rows = rows[(met.touched | untimed) & ~theatre.of_unknown_type()[rows]]
    for other_clause, other in theatre.agreement.rules():
        if other.code not in rule.beyond_rules:
            continue
        for each in withdrawals(theatre, other_clause, other, rows):
            some = np.flatnonzero(_wanted(theatre, rule, each.result))
            parts.append(_stored(theatre, clause, rule, each, some))
    return RuleFindings.joined(parts)


def _wanted(theatre, rule: Rule, beyond: RuleFindings) -> np.ndarray:
    """Findings of a withdrawal that the storage rule goes on from (mask)."""
    wanted = beyond.verdict != EXEMPT
    if rule.weapon_classes:
        weapons = theatre.subjects.weapon[beyond.row]
        wanted &= np.array(
            [of_weapon(theatre.agreement, weapon, rule.weapon_classes) != NO for weapon in weapons],
            dtype=bool,
        )
    if rule.parties:
        names = {theatre.party_name(code) for code in rule.parties}
        wanted &= np.array([party in names for party in beyond.party], dtype=bool)
    return wanted


def _stored(theatre, clause, rule, held: Withdrawal, some: np.ndarray) -> RuleFindings:
    """The storage findings that follow from some of one withdrawal's.

    P(outside storage though withdrawn) is P(beyond the limit) × P(outside every site), taken as
    independent of each other.
    """
    beyond, within, sure = held.result.take(some), held.chance[some], held.sure[some]
    result = RuleFindings.blank(len(beyond))
    result.about(theatre.subjects, beyond.row)
    theatre.name_rule(result, clause, rule)
    result.party, result.line_name = beyond.party, beyond.line_name
    result.line_valid_from, result.limit_m = beyond.line_valid_from, beyond.limit_m
    result.distance_to_compliance_m = beyond.distance_to_compliance_m
    result.probability_basis = beyond.probability_basis
    chance, away, site, names = _in_storage(theatre, beyond)
    known = theatre.storage is not None and len(theatre.storage) > 0
    inside = known & (chance >= SURELY)
    outside = (1.0 - within) * (1.0 - chance)
    result.verdict[:] = beyond.verdict
    judged = ~np.isnan(within)
    result.verdict[judged] = POSSIBLE if known else NOT_ASSESSABLE
    result.verdict[judged & known & (outside <= HARDLY)] = COMPLIES
    result.verdict[judged & known & sure & (outside >= SURELY)] = OUTSIDE_STORAGE
    result.verdict[inside] = STORED
    bare = theatre.subjects.basis[beyond.row] == NONE
    told = np.isin(result.verdict, (OUTSIDE_STORAGE, STORED, POSSIBLE, COMPLIES)) & ~bare
    told &= sure | inside
    result.probability[told] = np.where(inside, chance, outside)[told]
    result.site_id[inside] = names[0][inside]
    weapons = theatre.weapon_words(beyond.row)
    for index in range(len(result)):
        result.finding[index] = _sentence(
            clause, rule, result, index, weapons[index], names[1][index], away[index]
        )
        if result.verdict[index] in (NOT_ASSESSABLE, NOT_VERIFIED):
            why = held.reason[some[index]] or NO_SITES
            result.finding[index] = f"{result.finding[index][:-1]}: {why}."
        elif result.verdict[index] == POSSIBLE and not sure[index]:
            result.finding[index] = f"{result.finding[index][:-1]}; {NO_KIND}."
    # The subject is the sighting; the site stands in the sentence and in the column of sites.
    told_there = (within >= SURELY) & ~inside
    return result.take(np.flatnonzero(~told_there))


def _in_storage(theatre, beyond: RuleFindings):
    """P(in a site of the holder), metres from the nearest, its index, and (ids, names)."""
    chance = np.zeros(len(beyond))
    away, site = np.full(len(beyond), np.nan), np.full(len(beyond), -1, dtype=np.int64)
    ids, names = np.full(len(beyond), None, dtype=object), np.full(len(beyond), None, dtype=object)
    storage = theatre.storage
    located = theatre.subjects.place.located()[beyond.row]
    if storage is None or len(storage) == 0:
        return chance, away, site, (ids, names)
    for party in set(beyond.party.tolist()):
        mine = np.flatnonzero((beyond.party == party) & located)
        holders = [theatre.agreement.party(holder) for holder in storage.holder]
        usable = np.array(
            [holder is None or holder.name == party for holder in holders], dtype=bool
        )
        usable &= np.isfinite(storage.lon) & np.isfinite(storage.lat)
        chosen = np.flatnonzero(usable)
        points, radius = _points(storage, chosen)
        found = near_sites(points, theatre.subjects.place, beyond.row[mine], radius)
        chance[mine], away[mine] = found[0], found[1]
        has = found[2] >= 0
        site[mine[has]] = chosen[found[2][has]]
    has = site >= 0
    ids[has], names[has] = storage.site_id[site[has]], storage.name[site[has]]
    return chance, away, site, (ids, names)


def _points(storage: StorageColumns, chosen: np.ndarray) -> tuple[SitePoints, np.ndarray]:
    radius = np.where(np.isnan(storage.radius_m), RADIUS_M, storage.radius_m)[chosen]
    columns = (storage.lon, storage.lat, storage.name, storage.site_id)
    lon, lat, name, kind = (column[chosen] for column in columns)
    dates = storage.valid_from[chosen], storage.valid_to[chosen]
    return SitePoints(lon, lat, name, kind, *dates), radius


def _sentence(clause, rule, result, index: int, weapons: str, site, away: float) -> str:
    verdict = result.verdict[index]
    head = (
        f"{clause_words(clause.reference)}, {rule.title}: {weapons}, held by {result.party[index]}"
    )
    margin = result.distance_to_compliance_m[index]
    where = "" if margin != margin else _limit_words(margin)
    if verdict == STORED:
        called = f"the storage site “{site}”" if site else "a storage site"
        return f"{head}, in {called}{where}; recorded as present."
    if verdict == NOT_ASSESSABLE:
        return f"{head}{where}; not assessable."
    if verdict == NOT_VERIFIED:
        return f"{head}{where}; could not be verified."
    nearest = f", {metres(away)} from the nearest storage site" if away == away else ""
    basis = result.probability_basis[index]
    return f"{head}{where}{nearest}; {_end(verdict, result.probability[index], basis)}."


def _limit_words(margin_m: float) -> str:
    return f", {metres(abs(margin_m))} {'inside' if margin_m > 0.0 else 'beyond'} the limit"


def _end(verdict: str, probability: float, basis) -> str:
    if verdict == POSSIBLE:
        return verdict_words(POSSIBLE, probability, basis)
    return verdict_words(verdict, probability, basis)


def assess_inventories(theatre, clause: Clause, rule: Rule) -> RuleFindings:
    """What inspections counted in storage sites, against what was declared to be there."""
    counted: InventoryColumns = theatre.inventories
    if counted is None or len(counted) == 0:
        return RuleFindings.blank(0)
    classes = set(rule.weapon_classes) or {
        code
        for _, other in theatre.agreement.rules()
        if other.code in rule.beyond_rules
        for code in other.weapon_classes
    }
    met = theatre.time(rule).meet(counted.observed_from, counted.observed_from)
    belongs = np.array(
        [of_weapon(theatre.agreement, weapon, classes) != NO for weapon in counted.weapon],
        dtype=bool,
    )
    rows = np.flatnonzero(belongs & met.touched)
    result = RuleFindings.blank(len(rows))
    theatre.name_rule(result, clause, rule)
    result.site_id[:] = counted.site_id[rows]
    result.period_from[:] = counted.observed_from[rows]
    result.counted_low[:] = result.counted_high[:] = counted.present[rows]
    result.limit_count[:] = counted.declared[rows]
    for index, row in enumerate(rows):
        party = theatre.agreement.party(counted.holder[row])
        result.party[index] = party.name if party else counted.holder[row]
        verdict, told = _counted(counted, row)
        result.verdict[index] = verdict
        name = theatre.site_name(counted.site_id[row])
        result.finding[index] = (
            f"{clause_words(clause.reference)}, {rule.title}: storage site “{name}”, "
            f"{theatre.weapon_label(counted.weapon[row])}: {told}."
        )
    theatre.put_sites(result)
    return result


def _counted(counted: InventoryColumns, row: int) -> tuple[str, str]:
    """The verdict on one line of an inventory, and what was counted in words."""
    declared, present = counted.declared[row], counted.present[row]
    missing, inspected = counted.missing[row], counted.inspected[row]
    if np.isnan(present) and np.isnan(missing):
        return NOT_VERIFIED, "could not be verified: nothing was counted"
    if missing != missing and inspected >= declared:
        missing = declared - present
    parts = [
        f"{number:.0f} {word}"
        for number, word in (
            (declared, "declared"),
            (inspected, "inspected"),
            (present, "present"),
            (missing, "missing"),
        )
        if number == number
    ]
    told = ", ".join(parts)
    if missing > 0.0:
        return STORED_MISSING, told
    if missing == 0.0 or present >= declared:
        return STORED, told
    why = "what was declared is not known" if declared != declared else "not all was inspected"
    return NOT_VERIFIED, f"{told}; could not be verified: {why}"
