"""Whether an agreement that was read makes sense: names that exist, widths, times, kinds."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

from ..model.agreement import (
    Agreement,
    Exemption,
    Key,
    NamedLine,
    Rule,
    WeaponClass,
    ZoneDrawing,
)
from ..model.vocabulary import vocabulary
from .agreement_problems import Problems, nearest_word, shown
from .agreement_rule_checks import check_rule, check_where
from .agreement_time_checks import check_times
from .agreement_walk import records
from .agreement_zone_checks import check_zone

LISTS = {
    "sources": "source",
    "parties": "party",
    "weapon_classes": "weapon class",
    "lines": "line",
    "zones": "zone",
    "clauses": "clause",
    "rules": "rule",
}


def check(agreement: Agreement, problems: Problems) -> None:
    """Name everything that does not fit together in an agreement."""
    if agreement.format != 1:
        problems.wrong("The agreement", "format", agreement.format, "1")
    known = _known(agreement)
    _check_duplicates(agreement, problems)
    for where, record in records(agreement):
        _check_references(where, record, known, problems)
        if isinstance(record, WeaponClass):
            _check_weapon_class(where, record, problems)
        elif isinstance(record, ZoneDrawing):
            check_zone(where, record, problems)
        elif isinstance(record, NamedLine):
            _check_line(where, record, problems)
        elif isinstance(record, Rule):
            check_rule(where, record, agreement, problems)
        elif isinstance(record, Exemption):
            _check_exemption(where, record, problems)
    for number, each in enumerate(agreement.precedence, 1):
        if max(len(each.weapon_classes), len(each.clauses)) < 2:
            problems.add(
                f"Precedence no. {number}",
                "“weapon_classes” or “clauses” has to name at least two, the prevailing first",
            )
    if not problems.sentences:
        check_times(agreement, problems)


def _known(agreement: Agreement) -> dict[str, list[str]]:
    """The names that keys may refer to, list by list."""
    named = {
        name: [each.code for each in getattr(agreement, name)]
        for name in LISTS
        if name not in ("clauses", "rules")
    }
    named["clauses"] = [clause.reference for clause in agreement.clauses]
    named["rules"] = [rule.code for _, rule in agreement.rules()]
    return named


def _check_duplicates(agreement: Agreement, problems: Problems) -> None:
    for collection, codes in _known(agreement).items():
        for code, times in Counter(codes).items():
            if times > 1:
                problems.add(
                    "The agreement",
                    f"{times} {collection.replace('_', ' ')} are called “{code}”; "
                    "each needs a name of its own",
                )
    called: dict[str, str] = {}
    for party in agreement.parties:
        for name in {each.strip().casefold() for each in (party.name, party.code, *party.aliases)}:
            other = called.setdefault(name, party.code)
            if other != party.code:
                problems.add(
                    f"Party “{party.code}”", f"the party “{other}” is called “{name}” as well"
                )


def _check_references(where: str, record: Any, known: dict, problems: Problems) -> None:
    for item in dataclasses.fields(record):
        key: Key = item.metadata["key"]
        value = getattr(record, item.name)
        if not key.refers or value in (None, ""):
            continue
        words = _words_of(key.refers, known)
        for each in value if isinstance(value, tuple) else (value,):
            if each in words:
                continue
            what = LISTS.get(key.refers, "word")
            hint = nearest_word(each, words)
            problems.add(
                where,
                f"key “{item.name}” names {shown(each)}, but there is no such {what}{hint}",
            )


def _words_of(refers: str, known: dict[str, list[str]]) -> list[str]:
    if not refers.startswith("vocabulary:"):
        return known[refers]
    name = refers.split(":", 1)[1]
    if name == "weapon_types.class":
        return sorted({str(told["class"]) for told in vocabulary("weapon_types").values()})
    codes = list(vocabulary(name))
    if name == "categories":
        codes = sorted({code.split("/")[0] for code in codes}) + codes
    return codes


def _check_weapon_class(where: str, record: WeaponClass, problems: Problems) -> None:
    stated = [
        item.name
        for item in dataclasses.fields(record)
        if item.name not in ("code", "label", "not_weapons") and getattr(record, item.name)
    ]
    if not stated:
        problems.add(
            where,
            "it names no weapon; give “classes”, a calibre, a range or “weapons”",
        )
    for what, unit in (("calibre", "mm"), ("range", "m")):
        lows = [getattr(record, f"{what}_{end}_{unit}") for end in ("from", "above")]
        highs = [getattr(record, f"{what}_{end}_{unit}") for end in ("to", "below")]
        for pair, names in ((lows, "from and above"), (highs, "to and below")):
            if None not in pair:
                problems.add(where, f"the {what} has two limits of one sort ({names}); give one")
        low = max((each for each in lows if each is not None), default=0.0)
        high = min((each for each in highs if each is not None), default=float("inf"))
        if low > high:
            problems.add(
                where,
                f"the {what} begins at {low:g} {unit} and ends at {high:g} {unit}",
            )


def _check_line(where: str, record: NamedLine, problems: Problems) -> None:
    if not (record.kind or record.line_name or record.front or record.as_of):
        problems.add(
            where, "say which contact line it means: by “kind”, “line_name”, “front” or “as_of”"
        )


def _check_exemption(where: str, record: Exemption, problems: Problems) -> None:
    stated = (record.circumstances, record.categories, record.weapon_classes, record.parties)
    if not any(stated) and record.where is None:
        problems.add(where, "it names nothing; give circumstances, categories or another criterion")
    if record.where is not None:
        check_where(f"{where}, “where”", record.where, problems)
