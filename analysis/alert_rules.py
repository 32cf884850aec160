"""Which incidents a rule of alerts speaks of, and how sure that is."""

from __future__ import annotations

import dataclasses

import numpy as np

from ..model.alert import AlertRule, listed
from ..model.sensitivity import CONFIDENTIAL, LEVELS
from .alert_incidents import AlertIncidents
from .alert_places import AlertPlaces

LEAST_CHANCE = 0.5
TINY = 1e-9


@dataclasses.dataclass
class Hits:
    """What holding incidents against one rule gave, one array a field.

    ``holds``: every condition that the rule gives holds. ``probability``: the least of those of
    its conditions on places, NaN where it has none. ``sure``: False where a bare point counts.
    ``sectors``: P(inside) by the name of each sector that the rule names. ``site``: row of the
    nearest site, -1 where none is asked for.
    """

    holds: np.ndarray
    probability: np.ndarray
    sure: np.ndarray
    line_distance_m: np.ndarray
    line_chance: np.ndarray
    sectors: dict[str, np.ndarray]
    zones: dict[str, np.ndarray]
    site: np.ndarray
    site_distance_m: np.ndarray

    def in_sector(self, name: str, least: float) -> np.ndarray:
        """Which incidents count as inside that sector (mask)."""
        return self.sectors[name] >= least - TINY


def least_chance(rule: AlertRule) -> float:
    """The probability with which a rule's conditions on places must hold."""
    return LEAST_CHANCE if rule.min_probability is None else float(rule.min_probability)


def held(rule: AlertRule, incidents: AlertIncidents, places: AlertPlaces) -> Hits:
    """Hold every incident against the conditions of one rule, but for its number.

    A condition on a place holds where its probability is at least the rule's; where no
    uncertainty is known, by the bare point. An incident without a place meets none of them.
    """
    holds = spoken_of(rule, incidents)
    rows = np.flatnonzero(holds)
    hits = _nothing_asked(incidents, holds)
    if len(rows):
        # What the rule does not speak of need not be measured.
        asked = incidents if len(rows) == len(incidents) else incidents.take(rows)
        part = _nothing_asked(asked, holds[rows])
        _hold_places(rule, asked, places, part)
        _put(part, rows, hits)
    return hits


def _nothing_asked(incidents: AlertIncidents, holds: np.ndarray) -> Hits:
    """Hits of a rule without conditions on places."""
    count = len(incidents)
    return Hits(
        holds=holds,
        probability=np.full(count, np.nan),
        sure=~np.isnan(incidents.place.uncertainty_m) | incidents.place.has_sector(),
        line_distance_m=np.full(count, np.nan),
        line_chance=np.full(count, np.nan),
        sectors={},
        zones={},
        site=np.full(count, -1, dtype=np.int64),
        site_distance_m=np.full(count, np.nan),
    )


def _put(part: Hits, rows: np.ndarray, whole: Hits) -> None:
    """Put what was found of some rows in their places."""
    for field in dataclasses.fields(Hits):
        found, kept = getattr(part, field.name), getattr(whole, field.name)
        if not isinstance(found, dict):
            kept[rows] = found
            continue
        for name, chance in found.items():
            kept[name] = np.zeros(len(whole.holds))
            kept[name][rows] = chance


def spoken_of(rule: AlertRule, incidents: AlertIncidents) -> np.ndarray:
    """Which incidents stand and are of the kinds that a rule names, wherever they were (mask)."""
    most = rule.most_sensitive if rule.most_sensitive in LEVELS else CONFIDENTIAL
    result = incidents.stands & (incidents.level <= LEVELS.index(most))
    for names, column in (
        (rule.weapon_classes, incidents.weapon_class),
        (rule.sources, incidents.source),
    ):
        if listed(names):
            result &= np.isin(column, listed(names))
    categories = listed(rule.categories)
    if categories:
        result &= np.array([begins(value, categories) for value in incidents.category], dtype=bool)
    return result


def begins(category, beginnings: list[str]) -> bool:
    """Whether a category is one of these, or below one: "firing" has "firing/shot"."""
    if category is None:
        return False
    stems = [beginning.rstrip("/*") for beginning in beginnings]
    return any(category == stem or category.startswith(stem + "/") for stem in stems)


def _hold_places(
    rule: AlertRule, incidents: AlertIncidents, places: AlertPlaces, hits: Hits
) -> None:
    """Put the conditions on places into ``hits``."""
    place, chances = incidents.place, []
    if rule.distance_m is not None:
        near = places.near_line(
            place, rule.distance_m, rule.line_kind, rule.front, rule.default_uncertainty_m
        )
        hits.line_chance, hits.line_distance_m = near.chance, near.distance_m
        hits.sure = np.where(np.isfinite(near.distance_m), near.sure, hits.sure)
        chances.append(near.chance)
    if rule.area:
        chances.append(places.inside_area(place, rule.area))
    for names, kept in ((listed(rule.sectors), hits.sectors), (listed(rule.zones), hits.zones)):
        if names:
            kept.update(places.inside_zones(place, names))
            chances.append(np.max(list(kept.values()), axis=0))
    kinds = listed(rule.site_kinds)
    if kinds and rule.site_distance_m is not None:
        found = places.near_sites(place, rule.site_distance_m, kinds)
        hits.site, hits.site_distance_m = found[2], found[1]
        chances.append(found[0])
    if chances:
        hits.probability = np.min(chances, axis=0)
        hits.holds &= hits.probability >= least_chance(rule) - TINY
