"""An agreement's JSON file: read with every problem named, and written again."""

from __future__ import annotations

import dataclasses
import json
from enum import Enum
from pathlib import Path
from typing import Any, Mapping, Union

from ..model.agreement import Agreement
from ..model.errors import CeasefireError
from .agreement_checks import check
from .agreement_problems import Problems
from .agreement_reading import record_of

LARGEST = 20_000_000


def read_agreement(path: Union[str, Path]) -> Agreement:
    """The agreement in a JSON file.

    Raises CeasefireError with one sentence for each problem (up to 20): which clause, which key,
    what it is and what is expected; or that the file cannot be read.
    """
    path = Path(path)
    try:
        if path.stat().st_size > LARGEST:
            raise CeasefireError(f"“{path.name}” is too large to be an agreement.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CeasefireError(
            f"The agreement “{path}” cannot be read: {error.strerror or error}."
        ) from None
    except UnicodeDecodeError:
        raise CeasefireError(
            f"The agreement “{path.name}” is not UTF-8 text. Save it as UTF-8."
        ) from None
    return agreement_of_text(text, f"The agreement “{path.name}”")


def agreement_of_text(text: str, what: str = "The agreement") -> Agreement:
    """The agreement in a JSON text; errors as of ``read_agreement``."""
    problems = Problems()

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        for index, (key, _) in enumerate(found):
            if any(key == other for other, _ in found[:index]):
                problems.add(what, f"the key “{key}” is given twice in one object")
        return dict(found)

    try:
        told = json.loads(text, object_pairs_hook=pairs, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        problem = error.msg.lower().replace("string starting at", "text, which begins")
        raise CeasefireError(
            f"{what} is no JSON: {problem} in line {error.lineno}, column {error.colno}. "
            "The file may be cut off or lack a comma, quote or bracket there."
        ) from None
    except RecursionError:
        raise CeasefireError(f"{what} is nested too deeply to be an agreement.") from None
    except ValueError as error:
        raise CeasefireError(f"{what} is no JSON: {error}.") from None
    return _checked(told, problems)


def agreement_of(told: Mapping[str, Any]) -> Agreement:
    """The agreement that a mapping describes, as JSON has it; errors as of ``read_agreement``."""
    return _checked(told, Problems())


def agreement_to_json(agreement: Agreement) -> str:
    """The agreement as JSON text; what is not stated, and defaults, are left out.

    Read again, it gives the same agreement.
    """
    return json.dumps(_plain(agreement), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _checked(told: Any, problems: Problems) -> Agreement:
    if not isinstance(told, Mapping):
        raise CeasefireError("The agreement has to be one object in braces { }.")
    told = {key: value for key, value in told.items() if key != "$schema"}
    agreement = record_of(Agreement, told, "The agreement", problems)
    problems.raise_if_any()
    check(agreement, problems)
    problems.raise_if_any()
    return agreement


def _no_number(word: str):
    raise ValueError(f"“{word}” is no number")


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return _plain_record(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _plain_record(record: Any) -> dict[str, Any]:
    """A record's stated keys in order: needed ones, and those that differ from their default."""
    return {
        item.name: _plain(getattr(record, item.name))
        for item in dataclasses.fields(record)
        if item.metadata["key"].required or getattr(record, item.name) != item.default
    }
