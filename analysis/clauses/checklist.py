"""The checklist of what an agreement should hold: data that a user can extend or replace."""

from __future__ import annotations

import dataclasses
import functools
import json
from pathlib import Path
from typing import Any, Mapping, Optional, Tuple

from ...model.errors import CeasefireError

FOLDER = Path(__file__).resolve().parent.parent.parent / "resources" / "checklists"
SHOWN_BY = ("keys", "rules", "acts", "permitted", "sites", "zones")
ITEM_KEYS = {"code", "title", "why", "essential", "words", "issues", "shown_by"}


@dataclasses.dataclass(frozen=True)
class Item:
    """One thing an agreement should hold, why, and what shows that it does."""

    group: int
    group_title: str
    code: str
    title: str
    why: str
    essential: bool = False
    words: Tuple[str, ...] = ()
    issues: Tuple[str, ...] = ()
    shown_by: Tuple[Tuple[str, Any], ...] = ()


@dataclasses.dataclass(frozen=True)
class Checklist:
    """The items in the order of their groups."""

    title: str
    items: Tuple[Item, ...]

    def codes(self) -> list[str]:
        """The short names by which passages are marked."""
        return [item.code for item in self.items]

    def with_more(self, other: Checklist) -> Checklist:
        """This list with another's items: those of the same code replace, the rest are added."""
        theirs = {item.code: item for item in other.items}
        kept = [theirs.pop(item.code, item) for item in self.items]
        items = sorted([*kept, *theirs.values()], key=lambda item: item.group)
        return Checklist(f"{self.title}; {other.title}", tuple(items))


@functools.cache
def shipped(name: str = "ceasefire") -> Checklist:
    """A checklist that ships with the plugin."""
    return checklist_of(json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")), name)


def read_checklist(path: str) -> Checklist:
    """A user's checklist; raises CeasefireError with one sentence where it is none."""
    name = Path(path).name
    try:
        told = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CeasefireError(f"The checklist “{name}” cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise CeasefireError(f"The checklist “{name}” is no JSON.") from None
    return checklist_of(told, name)


def checklist_of(told: Any, name: str) -> Checklist:
    """The checklist that a mapping describes."""
    groups = told.get("groups") if isinstance(told, Mapping) else None
    if not isinstance(groups, list) or not groups:
        raise CeasefireError(f"The checklist “{name}” has no list “groups”.")
    items = [item for group in groups for item in _items(group, name)]
    codes = [item.code for item in items]
    for code in codes:
        if codes.count(code) > 1:
            raise CeasefireError(f"The checklist “{name}” has two items called “{code}”.")
    return Checklist(str(told.get("title") or name), tuple(items))


def _items(group: Any, name: str) -> list[Item]:
    if not isinstance(group, Mapping) or not isinstance(group.get("group"), int):
        raise CeasefireError(f"A group of the checklist “{name}” has no whole number “group”.")
    title = str(group.get("title") or "")
    return [_item(told, group["group"], title, name) for told in group.get("items") or ()]


def _item(told: Any, number: int, title: str, name: str) -> Item:
    where = f"An item of group {number} of the checklist “{name}”"
    if not isinstance(told, Mapping):
        raise CeasefireError(f"{where} is no object in braces {{ }}.")
    for key in ("code", "title", "why"):
        if not isinstance(told.get(key), str) or not told[key].strip():
            raise CeasefireError(f"{where} has no text “{key}”.")
    shown = told.get("shown_by") or {}
    for key in [*(set(told) - ITEM_KEYS), *(set(shown) - set(SHOWN_BY))]:
        raise CeasefireError(f"{where}, “{told['code']}”, has a key “{key}” that is not known.")
    return Item(
        *(number, title, told["code"], told["title"], told["why"]),
        bool(told.get("essential")),
        _texts(told.get("words")),
        tuple(each.lower() for each in _texts(told.get("issues"))),
        tuple((key, _shown(value)) for key, value in shown.items()),
    )


def _texts(told: Optional[Any]) -> Tuple[str, ...]:
    return tuple(str(each) for each in told) if isinstance(told, (list, tuple)) else ()


def _shown(value: Any) -> Any:
    return bool(value) if isinstance(value, bool) else _texts(value)
