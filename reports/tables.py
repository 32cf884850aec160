"""Tables as words, before any page is laid out, and the tables of incidents."""

from __future__ import annotations

import dataclasses
from typing import Optional

from .counting import count_of
from .figures import flag_of, origin_of
from .material import Entry
from .source_names import source_title
from .words import Words

DISTANCE_FLAGS = ("near", "possible", "far")


@dataclasses.dataclass
class Table:
    """A table: columns of (heading, share of the width, align right), rows of words.

    ``below`` holds, for tables of incidents, the sentence that stands under each row over the
    whole width; it is empty or as long as ``rows``. ``key`` names it in the manifest. The last
    ``sums`` rows are totals.
    """

    key: str
    columns: list[tuple[str, float, bool]]
    rows: list[list[str]]
    below: list[str] = dataclasses.field(default_factory=list)
    sums: int = 0


def incident_table(key: str, entries: list[Entry], words: Words) -> Optional[Table]:
    """Incidents with their number, a row each, the finding in words below it."""
    if not entries:
        return None
    columns = [
        (words("col_number"), 10, True),
        (words("col_time"), 23, False),
        (words("col_place"), 29, False),
        (words("col_what"), 36, False),
        (words("col_count"), 17, True),
        (words("col_distance"), 18, True),
        (words("col_side"), 20, False),
        (words("col_flag"), 28, False),
        (words("col_source"), 34, False),
    ]
    rows = [_incident_row(entry, words) for entry in entries]
    return Table(key, columns, rows, [_below(entry) for entry in entries])


def _incident_row(entry: Entry, words: Words) -> list[str]:
    incident, finding = entry.incident, entry.finding
    located = flag_of(entry) in DISTANCE_FLAGS
    distance = finding.line_distance_m if located else None
    return [
        str(entry.number),
        words.short_moment(incident.occurred_from, incident.time_precision, incident.occurred_to),
        place_words(entry, "\u2013"),
        what_words(entry, words),
        _short_amount(entry, words),
        distance_words(distance, words),
        (finding.line_side or "\u2013") if located else "\u2013",
        _flag_words(entry, words),
        _source(entry, words),
    ]


def _short_amount(entry: Entry, words: Words) -> str:
    amount = count_of(entry.incident)
    return words("not_known") if amount.undetermined else words.amount(amount)


def place_words(entry: Entry, otherwise: str) -> str:
    """Where an incident was, as its record names it."""
    return shortened(entry.incident.place or entry.incident.admin1, 90) or otherwise


def _source(entry: Entry, words: Words) -> str:
    title = shortened(source_title(entry.incident.source), 90)
    return title or words(f"origin_{origin_of(entry)}")


def what_words(entry: Entry, words: Words) -> str:
    """What an incident was: category, phase, weapon and circumstance."""
    parts = [words.title("categories", entry.incident.category or "other/undetermined")]
    if entry.incident.phase not in (None, "undetermined"):
        parts.append(words.code("phases", entry.incident.phase))
    if entry.incident.weapon not in (None, "not_known"):
        parts.append(words.code("weapon_types", entry.incident.weapon))
    if entry.incident.circumstance not in (None, "undetermined", "other"):
        parts.append(words.code("circumstances", entry.incident.circumstance))
    return ", ".join(parts)


def _flag_words(entry: Entry, words: Words) -> str:
    text = words(f"cell_{flag_of(entry)}")
    if flag_of(entry) not in DISTANCE_FLAGS or entry.finding.flag_probability is None:
        return text
    return f"{text} ({probability_words(entry.finding.flag_probability)})"


def probability_words(value: float) -> str:
    """A probability to two places; never 0 or 1 unless it is."""
    if 0 < value < 0.005:
        return "<0.01"
    if 0.995 < value < 1:
        return ">0.99"
    return f"{value:.2f}"


def distance_words(metres: Optional[float], words: Words) -> str:
    """A distance as the table prints it: metres below 10 km, else kilometres."""
    if metres is None:
        return "\u2013"
    if metres < 9_999.5:
        return f"{words.number(metres)} m"
    return f"{words.number(metres / 1000, 1)} km"


def _below(entry: Entry) -> str:
    return shortened(entry.finding.finding, 1200)


def _moment(entry: Entry, words: Words) -> str:
    incident = entry.incident
    return words.moment(incident.occurred_from, incident.time_precision, incident.occurred_to)


def unlocated_table(entries: list[Entry], words: Words) -> Optional[Table]:
    """Incidents without a place: what is known of them."""
    rows = [
        [
            str(entry.number),
            _moment(entry, words),
            place_words(entry, words("not_known")),
            what_words(entry, words),
            _short_amount(entry, words),
            _source(entry, words),
        ]
        for entry in entries
    ]
    columns = [
        (words("col_number"), 9, True),
        (words("col_time"), 28, False),
        (words("col_place"), 48, False),
        (words("col_what"), 48, False),
        (words("col_count"), 18, True),
        (words("col_source"), 30, False),
    ]
    below = [shortened(entry.incident.description) for entry in entries]
    return Table("unlocated", columns, rows, below) if rows else None


def shortened(text: Optional[str], most: int = 240) -> str:
    """One line of printable text; a row must not be higher than a page."""
    text = " ".join(
        "".join(letter if letter.isprintable() else " " for letter in text or "").split()
    )
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "\u2026"


def dated_table(key: str, entries: list[Entry], words: Words) -> Optional[Table]:
    """Claims that nobody could observe, or earlier incidents: they have their own lists."""
    rows = [
        [
            str(entry.number) if entry.number else "\u2013",
            _moment(entry, words),
            place_words(entry, words("not_known")),
            what_words(entry, words),
            _short_amount(entry, words),
            _source(entry, words),
        ]
        for entry in entries
    ]
    if not rows:
        return None
    headings = ("col_number", "col_time", "col_place", "col_what", "col_count", "col_source")
    shares = (9, 28, 48, 48, 18, 30)
    columns = [
        (words(name), share, name in ("col_number", "col_count"))
        for name, share in zip(headings, shares)
    ]
    return Table(key, columns, rows)
