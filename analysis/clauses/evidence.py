"""What in an agreement's data, or in a draft's words, shows that an item is there."""

from __future__ import annotations

import re
from typing import Any, Iterator, Sequence

from ...model.agreement import Agreement, Rule, RuleKind
from .checklist import Item
from .draft import Draft

PROHIBITS = (RuleKind.PROHIBITED_ACT, RuleKind.SILENCE, RuleKind.NO_FLY, RuleKind.SITE_PROTECTION)


def shown_in(item: Item, draft: Draft) -> list[str]:
    """The parts of the draft's data that show an item; empty where none does."""
    if draft.agreement is None:
        return []
    found = []
    for kind, asked in item.shown_by:
        if asked is False:
            continue
        found += list(_FINDERS[kind](draft, draft.agreement, asked))
    return list(dict.fromkeys(found))


def worded_in(item: Item, draft: Draft) -> list[str]:
    """The passages in which one of an item's words stands, at the beginning of a word."""
    if not item.words:
        return []
    words = re.compile(
        r"(?<!\w)(?:" + "|".join(re.escape(word) for word in item.words) + ")", re.IGNORECASE
    )
    return [passage.reference for passage in draft.passages if words.search(passage.text)]


def _by_keys(draft: Draft, agreement: Agreement, asked: Sequence[str]) -> Iterator[str]:
    for key in asked:
        if key == "timing.timezone":
            if draft.timezone_stated:
                yield f"time zone {agreement.timing.timezone}"
        elif key == "deadlines":
            yield from _rules(agreement, lambda rule: bool(rule.deadline))
        elif key == "severities":
            yield from _rules(agreement, lambda rule: rule.severity is not None)
        elif key == "areas":
            yield from (f"zone “{zone.title}”" for zone in agreement.zones if zone.area)
        elif _value(agreement, key):
            yield _told(key, _value(agreement, key))


def _by_rules(draft: Draft, agreement: Agreement, asked: Sequence[str]) -> Iterator[str]:
    yield from _rules(agreement, lambda rule: rule.kind.value in asked)


def _by_acts(draft: Draft, agreement: Agreement, asked: Sequence[str]) -> Iterator[str]:
    yield from _rules(
        agreement,
        lambda rule: rule.kind in PROHIBITS and any(_meets(act, rule.categories) for act in asked),
    )


def _by_permitted(draft: Draft, agreement: Agreement, asked: Sequence[str]) -> Iterator[str]:
    def permits(rule: Rule) -> bool:
        told = [
            each for item in rule.exemptions for each in (*item.circumstances, *item.categories)
        ]
        if rule.kind is RuleKind.PERMITTED_ACT:
            told += [*rule.categories, *rule.circumstances]
        return any(_meets(act, told) for act in asked)

    yield from _rules(agreement, permits)


def _by_sites(draft: Draft, agreement: Agreement, asked: Sequence[str]) -> Iterator[str]:
    yield from _rules(
        agreement, lambda rule: rule.where is not None and set(asked) & set(rule.where.site_kinds)
    )


def _by_zones(draft: Draft, agreement: Agreement, asked: Any) -> Iterator[str]:
    for zone in agreement.zones:
        if asked is True or zone.kind in asked:
            yield f"zone “{zone.title}”"


_FINDERS = {
    "keys": _by_keys,
    "rules": _by_rules,
    "acts": _by_acts,
    "permitted": _by_permitted,
    "sites": _by_sites,
    "zones": _by_zones,
}


def _rules(agreement: Agreement, is_it) -> Iterator[str]:
    for clause, rule in agreement.rules():
        if is_it(rule):
            yield f"clause {clause.reference}"


def _meets(act: str, told: Sequence[str]) -> bool:
    """Whether an act and one of the categories are one, or one holds the other."""
    return any(
        each == act or each.startswith(act + "/") or act.startswith(each + "/") for each in told
    )


def _value(agreement: Agreement, key: str) -> Any:
    value: Any = agreement
    for part in key.split("."):
        value = getattr(value, part, None)
    return value


def _told(key: str, value: Any) -> str:
    name = key.split(".")[-1].replace("_", " ")
    return f"{len(value)} {name}" if isinstance(value, tuple) else f"{name} {value}"
