"""The published JSON Schema of an agreement's file, made from the records' own descriptions."""

from __future__ import annotations

import json
from typing import Any

from ..model.agreement import Agreement, Expects, Key, keys_of
from .agreement_moments import CLOCK, DATED, HOURS, NUMBERED
from .agreement_reading import CODE, LARGEST_NUMBER

DRAFT = "https://json-schema.org/draft/2020-12/schema"
DAY = r"^\d{4}-\d{2}-\d{2}$"


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of an agreement.

    It says what the reader says of single keys. What holds between keys (names that exist, widths
    that agree with the sides, the keys that a kind of rule needs) only the reader tells.
    """
    definitions: dict[str, Any] = {}
    root = _record(Agreement, definitions)
    root["properties"] = {"$schema": {"type": "string"}, **root["properties"]}
    return {
        "$schema": DRAFT,
        "title": "An agreement, for Ceasefire Monitor",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def schema_text() -> str:
    """The schema as the text of ``resources/agreements/schema.json``."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _record(record: type, definitions: dict[str, Any]) -> dict[str, Any]:
    keys = keys_of(record)
    told = {
        "type": "object",
        "description": " ".join((record.__doc__ or "").split()),
        "properties": {name: _key(key, definitions) for name, key in keys.items()},
        "required": [name for name, key in keys.items() if key.required],
        "additionalProperties": False,
    }
    if not told["required"]:
        del told["required"]
    return told


def _key(key: Key, definitions: dict[str, Any]) -> dict[str, Any]:
    told = _value(key, definitions)
    if key.many:
        told = {"type": "array", "items": told}
        if key.required:
            told["minItems"] = 1
        elif key.expects not in (Expects.OBJECT, Expects.RING):
            told["uniqueItems"] = True
    if not key.required:
        told = {"anyOf": [told, {"type": "null"}]}
    description = key.title
    if key.refers and key.refers.startswith("vocabulary:"):
        description += f" (vocabulary {key.refers.split(':', 1)[1].split('.')[0]})"
    elif key.refers:
        description += f" (one of {key.refers})"
    return {"description": description, **told}


def _value(key: Key, definitions: dict[str, Any]) -> dict[str, Any]:
    if key.expects is Expects.OBJECT:
        name = key.of.__name__
        if name not in definitions:
            definitions[name] = {}
            definitions[name] = _record(key.of, definitions)
        return {"$ref": f"#/$defs/{name}"}
    if key.expects is Expects.CHOICE:
        return {"enum": [choice.value for choice in key.of]}
    if key.expects is Expects.CODE and not key.refers:
        return {"type": "string", "pattern": f"^{CODE.pattern}$"}
    return dict(_SIMPLE[key.expects])


def _whole_pattern(*patterns) -> str:
    """Patterns as ECMAScript has them: groups without names."""
    plain = "|".join(pattern.pattern for pattern in patterns)
    for name in ("date", "clock", "offset", "number", "hours"):
        plain = plain.replace(f"?P<{name}>", "")
    return f"^({plain})$"


_NUMBER = {"type": "number", "minimum": 0, "maximum": LARGEST_NUMBER}
_TEXT = {"type": "string", "pattern": r"\S"}
_DEGREES = {
    "type": "array",
    "prefixItems": [
        {"type": "number", "minimum": -540, "maximum": 540},
        {"type": "number", "minimum": -90, "maximum": 90},
    ],
    "minItems": 2,
    "maxItems": 2,
}
_SIMPLE = {
    Expects.TEXT: _TEXT,
    Expects.CODE: _TEXT,
    Expects.WHOLE: {"type": "integer", "minimum": 0, "maximum": LARGEST_NUMBER},
    Expects.NUMBER: _NUMBER,
    Expects.METRES: _NUMBER,
    Expects.YES_NO: {"type": "boolean"},
    Expects.DATE: {"type": "string", "pattern": DAY},
    Expects.CLOCK: {"type": "string", "pattern": _whole_pattern(CLOCK)},
    Expects.MOMENT: {"type": "string", "pattern": _whole_pattern(DATED, NUMBERED, HOURS)},
    Expects.ZONE: _TEXT,
    Expects.RING: {"type": "array", "items": _DEGREES},
}
