"""Which of GDELT's rows a feed wants, with a count of those that are left out for their place."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Mapping, Optional

from ...model.errors import CeasefireError
from ..theatredays import box_option, in_box
from .gdelt_files import COLUMNS

AT = {name: position for position, name in enumerate(COLUMNS)}
# ActionGeo_Type: 3 and 4 are cities, 2 and 5 states, 1 a country.
KEPT_PLACES = {
    "cities": {"3", "4"},
    "areas": {"2", "3", "4", "5"},
    "all": {"", "0", "1", "2", "3", "4", "5"},
}


class Sieve:
    """``wants(cells)`` for each row; ``vague`` and ``old`` count what fell through for that alone.

    Raises CeasefireError where an option cannot be followed.
    """

    def __init__(self, options: Mapping[str, Any], first: Optional[date]):
        self.codes = codes_of(options["codes"])
        self.countries = {code.upper() for code in parts(options["countries"])}
        self.box = box_option(dict(options))
        self.places = KEPT_PLACES[options["places"]]
        self.root_only = bool(options["root_only"])
        self.first = first.strftime("%Y%m%d") if first else ""
        self.vague = self.old = 0

    def wants(self, cells: list) -> bool:
        """Whether a row of 61 cells is wanted."""
        if self.codes and not cells[AT["EventCode"]].startswith(self.codes):
            return False
        if self.root_only and cells[AT["IsRootEvent"]] != "1":
            return False
        if self.countries and cells[AT["ActionGeo_CountryCode"]] not in self.countries:
            return False
        if self.box is not None and not self._inside(cells):
            return False
        if cells[AT["ActionGeo_Type"]] not in self.places:
            self.vague += 1
            return False
        if cells[AT["SQLDATE"]] < self.first:
            self.old += 1
            return False
        return True

    def _inside(self, cells: list) -> bool:
        try:
            where = float(cells[AT["ActionGeo_Long"]]), float(cells[AT["ActionGeo_Lat"]])
        except ValueError:
            return False
        return in_box(self.box, *where)


def codes_of(text: Any) -> tuple[str, ...]:
    """The beginnings of CAMEO codes in the option; they are text, with zeros in front."""
    codes = parts(text)
    wrong = [code for code in codes if not re.fullmatch(r"\d{1,4}", code)]
    if wrong:
        raise CeasefireError(
            f"The feed's option “codes” names “{wrong[0]}”, which is no CAMEO code: give the "
            "beginnings of codes with commas, such as 19,20,0871."
        )
    return tuple(codes)


def parts(value: Any) -> list[str]:
    """The parts of a comma list."""
    return [part.strip() for part in str(value or "").split(",") if part.strip()]
