"""UCDP's releases: their names, their files, and which one comes after which."""

from __future__ import annotations

import re
from typing import Optional

from ...model.errors import CeasefireError

YEARLY = re.compile(r"(\d{2})\.1")
MONTHLY = re.compile(r"(\d{2})\.0\.(\d{1,2})")
SEVERAL_MONTHS = re.compile(r"\d{2}\.01\.\d{2}\.\d{2}")


def named_versions(text: object) -> list[str]:
    """The versions of the option, oldest first; raises CeasefireError where one is none."""
    names = [name.strip() for name in str(text or "").split(",") if name.strip()]
    wrong = [name for name in names if not known(name)]
    if wrong or not names:
        said = f"“{wrong[0]}” is no version of UCDP's" if wrong else "No version was given"
        raise CeasefireError(
            f"{said}: give 26.1 for a year's release, 26.0.8 for a month of the candidate data, "
            "26.01.26.06 for several months of it, or several with commas, the oldest first."
        )
    return list(dict.fromkeys(names))


def known(version: str) -> bool:
    """Whether a text has the form of a version."""
    return any(kind.fullmatch(version) for kind in (YEARLY, MONTHLY, SEVERAL_MONTHS))


def successor(version: str) -> Optional[str]:
    """The version that may come out next; None where its name cannot be known."""
    year = YEARLY.fullmatch(version)
    if year:
        return f"{int(year[1]) + 1:02d}.1"
    month = MONTHLY.fullmatch(version)
    if month is None:
        return None
    if int(month[2]) < 12:
        return f"{month[1]}.0.{int(month[2]) + 1}"
    return f"{int(month[1]) + 1:02d}.0.1"


def followed(versions: list[str], newer: str) -> list[str]:
    """The list with a newer version: a year's release takes the place of the one before it."""
    if YEARLY.fullmatch(newer):
        return [newer if successor(one) == newer else one for one in versions]
    return [*versions, newer]


def last_of_its_kind(versions: list[str], pattern: re.Pattern) -> Optional[str]:
    """The last version of a kind in the list."""
    return next((one for one in reversed(versions) if pattern.fullmatch(one)), None)


def file_of(version: str) -> str:
    """The path of a version's table below UCDP's downloads."""
    year = YEARLY.fullmatch(version)
    if year:
        return f"ged/ged{year[1]}1-csv.zip"
    return f"candidateged/GEDEvent_v{version.replace('.', '_')}.csv"
