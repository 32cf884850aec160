"""An accord beside those of the Peace Accords Matrix, at equal year since signature."""

from __future__ import annotations

import dataclasses
from typing import Mapping, Optional, Sequence

import numpy as np

from ..model.errors import CeasefireError
from ..model.field import Shape, integer, real, table_of, text

# The file's own abbreviations, and the names as the Matrix prints them.
KINDS = {
    "amnest": "Amnesty",
    "arbdam": "Commission to address damage/loss",
    "arbland": "International arbitration",
    "bound": "Boundary demarcation",
    "cease": "Cease fire",
    "child": "Children's rights",
    "citiz": "Citizenship reform",
    "civadm": "Civil administration reform",
    "const": "Constitutional reform",
    "cultr": "Cultural protections",
    "decen": "Decentralization/federalism",
    "demob": "Demobilization",
    "develop": "Economic and social development",
    "disarm": "Disarmament",
    "disput": "Dispute resolution committee",
    "donor": "Donor support",
    "educat": "Education reform",
    "elect": "Electoral/political party reform",
    "embarg": "Arms embargo",
    "ethrel": "Inter-ethnic/state relations",
    "exerefm": "Executive branch reform",
    "humrts": "Human rights",
    "idps": "Internally displaced persons",
    "indmin": "Indigenous minority rights",
    "indrefer": "Independence referendum",
    "judrfm": "Judiciary reform",
    "legref": "Legislative branch reform",
    "media": "Media reform",
    "milrfm": "Military reform",
    "minrts": "Minority rights",
    "natres": "Natural resource management",
    "offlan": "Official languages and symbol",
    "pargrp": "Paramilitary groups",
    "polrfm": "Police reform",
    "powtran": "Powersharing transitional government",
    "prisr": "Prisoner release",
    "ratm": "Ratification mechanism",
    "refug": "Refugees",
    "regpkf": "Regional peacekeeping force",
    "reint": "Reintegration",
    "repar": "Reparations",
    "roa": "Review of agreement",
    "selfd": "Right of self-determination",
    "terpow": "Territorial powersharing",
    "time": "Detailed timeline",
    "truth": "Truth or reconciliation mechanism",
    "unpkf": "UN peacekeeping force",
    "untran": "UN transitional authority",
    "verify": "Verification/monitoring mechanism",
    "with": "Withdrawal of troops",
    "women": "Women's rights",
}
# Of a file's column, after the abbreviation: whether the accord has it, and its score.
HAS = ("_prov", "prov", "e_prov")
SCORE = ("_implem", "_impem", "_iplem", "e_implem")


@dataclasses.dataclass(frozen=True)
class MatrixYear:
    """One accord in one year since its signature: the scores of the provisions that it has."""

    accord: str
    year: int
    scores: Mapping[str, int]

    @property
    def rate_percent(self) -> Optional[float]:
        """The aggregate implementation rate; None where the accord has no provision."""
        if not self.scores:
            return None
        return 100.0 * sum(self.scores.values()) / (3 * len(self.scores))


@dataclasses.dataclass
class Compared:
    """One kind of provision: the own score, and those of the accords that have it."""

    kind: str = text("Kind", default="")
    title: Optional[str] = text("Provision")
    year: Optional[int] = integer("Years since signature")
    score: Optional[float] = real("Own score")
    accords: Optional[int] = integer("Accords compared")
    mean: Optional[float] = real("Their mean")
    rank: Optional[int] = integer("Rank (1: highest; ties share it)")


COMPARED = table_of(Compared, "accords_compared", "Compared with other accords", Shape.NONE, "kind")


def matrix_years(rows: Sequence[Mapping[str, object]]) -> list[MatrixYear]:
    """The Matrix's rows, one an accord and year, whatever its columns' irregular names.

    A provision counts where its ``_prov`` is 1. Raises CeasefireError where columns are missing,
    or a score is none.
    """
    if not rows:
        raise CeasefireError("The file of other accords has no rows.")
    columns = {str(name).strip().lower(): name for name in rows[0]}
    accord = next((columns[n] for n in ("caseid", "accord", "case") if n in columns), None)
    year = next((columns[n] for n in ("year_count", "years_since_signature") if n in columns), None)
    found = {kind: (_column(columns, kind, HAS), _column(columns, kind, SCORE)) for kind in KINDS}
    found = {kind: pair for kind, pair in found.items() if None not in pair}
    if accord is None or year is None or not found:
        raise CeasefireError(
            "The file of other accords needs the columns caseid, year_count, and for each "
            "provision such as “cease” its cease_prov and cease_implem."
        )
    return [_year(row, accord, year, found) for row in rows]


def _column(columns: Mapping[str, str], kind: str, endings: Sequence[str]) -> Optional[str]:
    return next((columns[kind + one] for one in endings if kind + one in columns), None)


def _year(row, accord: str, year: str, found) -> MatrixYear:
    scores = {}
    for kind, (has, score) in found.items():
        if _number(row[has]) != 1.0:
            continue
        value = _number(row[score])
        if value is None:
            continue
        if value not in (0.0, 1.0, 2.0, 3.0):
            raise CeasefireError(
                f"Accord “{row[accord]}”, year {row[year]}: “{row[score]}” in {score} is no score "
                "from 0 to 3."
            )
        scores[kind] = int(value)
    number = _number(row[year])
    if number is None:
        raise CeasefireError(f"Accord “{row[accord]}” has a row without a year since signature.")
    return MatrixYear(str(row[accord]), int(number), scores)


def _number(value: object) -> Optional[float]:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def compare(
    own: Mapping[str, float], year: int, others: Sequence[MatrixYear]
) -> tuple[list[Compared], str]:
    """The own scores beside those of accords that have the same kind of provision, in one year.

    ``own``: scores by kind (a mean where several provisions are of one kind). Returns the rows and
    one sentence. Only shared provisions are compared, each with the number of accords.
    """
    strangers = sorted(set(own) - set(KINDS))
    if strangers:
        raise CeasefireError(
            f"“{strangers[0]}” is no kind of provision of the Matrix: see the list of kinds."
        )
    peers = [one for one in others if one.year == year]
    rows = []
    for kind in (one for one in KINDS if one in own):
        scores = np.array([one.scores[kind] for one in peers if kind in one.scores], dtype=float)
        if len(scores):
            rank = 1 + int((scores > own[kind]).sum())
            mean = float(scores.mean())
            rows.append(Compared(kind, KINDS[kind], year, own[kind], len(scores), mean, rank))
    if not rows:
        return rows, f"No other accord has a score for the same provisions in year {year}."
    above = sum(row.score > row.mean for row in rows)
    accords = len({one.accord for one in peers if any(row.kind in one.scores for row in rows)})
    return rows, (
        f"{year} years after signature it is above the mean of {accords} accords in {above} of "
        f"{len(rows)} provisions."
    )
