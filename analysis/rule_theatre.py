"""What one run of rules works on: the agreement, the subjects, and the theatre they lie in."""

from __future__ import annotations

import dataclasses
from datetime import tzinfo
from typing import Optional

import numpy as np
import shapely

from ..model.agreement import Agreement, Clause, Rule
from ..model.vocabulary import label, vocabulary
from .agreement_weapons import NOT_KNOWN
from .contact_line import LineColumns
from .flag_sentences import zone_of
from .rule_columns import (
    EffortColumns,
    InventoryColumns,
    RuleFindings,
    RuleSubjects,
    StorageColumns,
)
from .rule_lines import MeasuredLine, measured_line
from .rule_notes import usable_inventories
from .rule_sites import SitePoints
from .rule_times import RuleTime
from .rule_zones import GivenZones, RuleZones, rule_zones

NO_PARTY = ""
UNKNOWN_HOLDERS = frozenset(
    ("", "-", "?", "unknown", "not known", "undetermined", "unidentified", "n/k", "n.k", "nk")
)
DAY = np.timedelta64(1, "D")


@dataclasses.dataclass
class RuleTheatre:
    """Everything that rules are held against, and what was made ready of it, each thing once.

    ``subjects``: incidents, or weapon sightings. ``given_lines``, ``given_zones``,
    ``given_sites``, ``storage``, ``inventories``, ``effort``: the theatre's, None where not known.
    ``timezone``: IANA name for the dates in sentences; the agreement's own where empty.
    """

    agreement: Agreement
    subjects: RuleSubjects
    given_lines: Optional[LineColumns] = None
    given_zones: Optional[GivenZones] = None
    given_sites: Optional[SitePoints] = None
    storage: Optional[StorageColumns] = None
    inventories: Optional[InventoryColumns] = None
    effort: Optional[EffortColumns] = None
    timezone: str = ""
    default_uncertainty_m: Optional[float] = None

    def __post_init__(self):
        self.subjects = self.subjects.with_default(self.default_uncertainty_m)
        self.zone: tzinfo = zone_of(self.timezone or self.agreement.timing.timezone)
        self.notes: list[str] = []
        if self.inventories is not None:
            self.inventories, self.notes = usable_inventories(self.inventories, self.storage)
        self._lines: dict[str, MeasuredLine] = {}
        self._zones: dict[tuple, RuleZones] = {}
        self._times: dict[str, RuleTime] = {}
        self._holders: Optional[np.ndarray] = None

    def note(self, sentence: str) -> None:
        """A sentence for the log, each once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def line(self, code: str) -> MeasuredLine:
        """The agreement's line of that code, ready to measure from."""
        if code not in self._lines:
            named = self.agreement.find("lines", code)
            made = measured_line(self.agreement, named, self.given_lines, self.subjects.place)
            self._lines[code] = made
            for sentence in made.notes:
                self.note(sentence)
            if made.lines is None:
                self.note(f"For the agreement's line “{named.title}” {made.why}.")
            else:
                self._note_strangers(named.title, made.strangers(self.agreement))
        return self._lines[code]

    def _note_strangers(self, title: str, names: list[str]) -> None:
        if names:
            listed = ", ".join(f"“{name}”" for name in names)
            self.note(
                f"The lines for “{title}” name {listed} at their sides, but no party of the "
                "agreement is called so: where their sides matter, it could not be told who is "
                "where. Add the names to the parties' aliases if they are theirs."
            )

    def zones(self, codes: tuple[str, ...]) -> RuleZones:
        """The agreement's zones of those codes."""
        if codes not in self._zones:
            made = rule_zones(
                self.agreement, codes, self.given_zones, self.given_lines, self._span()
            )
            self._zones[codes] = made
            for sentence in made.notes:
                self.note(sentence)
            if made.timeline is None:
                self.note(f"{made.why[:1].upper()}{made.why[1:]}.")
        return self._zones[codes]

    def time(self, rule: Rule) -> RuleTime:
        """When a rule binds."""
        if rule.code not in self._times:
            self._times[rule.code] = RuleTime.of(self.agreement, rule, *self._span())
        return self._times[rule.code]

    def _span(self):
        place = self.subjects.place
        moments = np.concatenate([place.occurred_from, place.occurred_to])
        moments = moments[~np.isnat(moments)]
        if len(moments) == 0:
            now = np.datetime64("2000-01-01", "us")
            return now, now
        return moments.min() - DAY, moments.max() + DAY

    def sites_of(self, kinds: tuple[str, ...]) -> Optional[SitePoints]:
        """The given sites of those kinds; None where no sites were given at all."""
        if self.given_sites is None:
            return None
        return self.given_sites.take(np.isin(self.given_sites.kind, kinds))

    def holders(self) -> np.ndarray:
        """The party code of each subject's holder: None not known, "" where it is no party."""
        if self._holders is None:
            known = {None: None}
            strangers = []
            for name in dict.fromkeys(self.subjects.holder.tolist()):
                party = self.agreement.party(name)
                known[name] = None if party is None else party.code
                if party is None and not _is_unknown(name):
                    known[name] = NO_PARTY
                    strangers.append(f"“{name}”")
            if strangers:
                self.note(
                    f"Holders that are no party of the agreement: {', '.join(strangers)}. Their "
                    "weapons were held against no limit; add a name to a party's aliases if it is "
                    "that party."
                )
            self._holders = np.array([known[name] for name in self.subjects.holder], dtype=object)
        return self._holders

    def of_unknown_type(self) -> np.ndarray:
        """Which subjects' weapons are of wholly unknown type (mask): their class is not known."""
        types = vocabulary("weapon_types")
        answers = {}
        for code in set(self.subjects.weapon.tolist()):
            known = code in types and types[code].get("class", NOT_KNOWN) != NOT_KNOWN
            # An agreement may list weapons by codes of its own.
            listed = any(
                code in each.weapons or code in each.not_weapons
                for each in self.agreement.weapon_classes
            )
            answers[code] = not known and not listed
        return np.array([answers[code] for code in self.subjects.weapon.tolist()], dtype=bool)

    def party_name(self, code: str) -> str:
        """A party's name as printed."""
        party = self.agreement.find("parties", code)
        return party.name if party is not None else code

    def weapon_label(self, code: Optional[str]) -> str:
        """A weapon in words."""
        known = code not in (None, NOT_KNOWN) and code in vocabulary("weapon_types")
        return label("weapon_types", code) if known else "weapon of unknown type"

    def weapon_words(self, rows: np.ndarray) -> np.ndarray:
        """How many of which weapon were seen, in words such as "3 × tank"."""
        weapon, low = self.subjects.weapon[rows], self.subjects.count_low[rows]
        high = self.subjects.count_high[rows]
        known = {code: self.weapon_label(code) for code in set(weapon.tolist())}
        words = np.empty(len(rows), dtype=object)
        words[:] = [
            _count(least, most) + known[code] for code, least, most in zip(weapon, low, high)
        ]
        return words

    def site_name(self, site_id: Optional[str]) -> str:
        """A storage site's name, or its id."""
        if self.storage is not None:
            for known, name in zip(self.storage.site_id, self.storage.name):
                if known == site_id and name:
                    return name
        return site_id or "not known"

    def name_rule(self, result: RuleFindings, clause: Clause, rule: Rule) -> None:
        """Write which rule the findings are of."""
        result.agreement_id[:] = self.agreement.agreement_id
        result.clause[:], result.rule[:] = clause.reference, rule.code

    def put_sites(self, result: RuleFindings) -> None:
        """Write where the storage sites of the findings lie."""
        if self.storage is None:
            return
        for row, site_id in enumerate(result.site_id):
            for index in np.flatnonzero(self.storage.site_id == site_id):
                result.lon[row], result.lat[row] = self.storage.lon[index], self.storage.lat[index]

    def put_zone(self, result: RuleFindings, code: str) -> None:
        """Write a point within the zone that the findings are about."""
        zones = self.zones((code,))
        if len(result) and zones.timeline is not None:
            point = shapely.point_on_surface(zones.area((0,)).geometry)
            result.lon[:], result.lat[:] = point.x, point.y


def _is_unknown(name: Optional[str]) -> bool:
    """Whether a holder is a word for one that is not known."""
    words = (name or "").strip().casefold().replace("_", " ").rstrip(".")
    return words in UNKNOWN_HOLDERS


def _count(least: float, most: float) -> str:
    """So many, before the name of a weapon; nothing where the number is not known."""
    if least != least:
        return "" if most != most else f"up to {most:.0f} × "
    if most != most:
        return f"at least {least:.0f} × "
    return f"{least:.0f} × " if least == most else f"{least:.0f} to {most:.0f} × "
