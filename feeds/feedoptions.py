"""The options of a feed held against those that its source knows."""

from __future__ import annotations

from datetime import date
from typing import Any, Mapping

from ..model.errors import CeasefireError
from .source import Option, Source

REDISTRIBUTIONS = ("rows", "aggregates", "none")
YES, NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def checked_options(source: Source, given: Mapping[str, Any]) -> dict:
    """The given options in their kinds; what equals the source's default may be left out.

    Raises CeasefireError, with what the source knows, where a name is not known, a value does not
    fit its kind, or one is missing that the source needs.
    """
    known = {option.name: option for option in source.options}
    for name in given:
        if name not in known:
            raise CeasefireError(
                f"The source “{source.name}” has no option “{name}”; it has "
                f"{', '.join(known) or 'none'}."
            )
    result = {}
    for name, option in known.items():
        value = given.get(name)
        if value is None or value == "":
            if option.required and option.default is None:
                raise CeasefireError(
                    f"The source “{source.name}” needs the option “{name}” ({option.title}): "
                    f'give it in OPTIONS, as {{"{name}": …}}. {option.help}'.strip()
                )
            continue
        result[name] = in_kind(option, value)
    return result


def in_kind(option: Option, value: Any) -> Any:
    """A value as its option's kind has it; raises CeasefireError where it does not fit."""
    try:
        return _READERS.get(option.kind, _text)(option, value)
    except (ValueError, TypeError):
        raise CeasefireError(
            f"The option “{option.name}” ({option.title}) cannot be “{value}”: "
            f"{_WANTED.get(option.kind, 'give a text')}"
            f"{' ' + ', '.join(option.choices) if option.kind == 'choice' else ''}."
        ) from None


def _text(_option: Option, value: Any) -> Any:
    if isinstance(value, (dict, bool)):
        raise ValueError("no text")
    return value


def _integer(_option: Option, value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError("no whole number")
    return int(value)


def _boolean(_option: Option, value: Any) -> bool:
    word = str(value).strip().lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise ValueError("neither yes nor no")


def _date(_option: Option, value: Any) -> str:
    return date.fromisoformat(str(value).strip()).isoformat()


def _choice(option: Option, value: Any) -> str:
    if str(value) not in option.choices:
        raise ValueError("no choice")
    return str(value)


def _bbox(_option: Option, value: Any) -> str:
    parts = value if isinstance(value, (list, tuple)) else str(value).split(",")
    west, south, east, north = (float(part) for part in parts)
    inside = -180 <= west <= 180 and -180 <= east <= 180 and -90 <= south < north <= 90
    if not inside or west == east:
        raise ValueError("no box")
    return ",".join(
        f"{number:g}" if number == round(number, 4) else repr(number)
        for number in (west, south, east, north)
    )


_READERS = {
    "text": _text,
    "integer": _integer,
    "boolean": _boolean,
    "date": _date,
    "choice": _choice,
    "bbox": _bbox,
}
_WANTED = {
    "integer": "give a whole number",
    "boolean": "give true or false",
    "date": "give a date such as 2031-03-14",
    "choice": "choose one of",
    "bbox": "give west,south,east,north in degrees, such as 20.5,-3,24,1.25",
}
