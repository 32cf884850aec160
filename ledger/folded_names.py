"""People's names as SQLite compares them: without spaces of any kind, and without case.

SQLite's own ``lower`` knows the letters of English alone, and ``trim`` the plain space.
"""

from __future__ import annotations

from string import Template

# Spaces, with the no-break ones, and marks that nobody sees.
_UNSEEN = (
    *(9, 10, 11, 12, 13, 28, 29, 30, 31, 32, 133, 160, 173, 5760, *range(8192, 8208)),
    *(*range(8232, 8240), 8287, *range(8288, 8293), 12288, 65279),
)
# Capitals by how far their small letters lie: Latin, Greek, Cyrillic, Armenian.
_BY_32 = ((65, 90), (192, 214), (216, 222), (913, 939), (1040, 1071))
_BY_80 = ((1024, 1039),)
_BY_48 = ((1329, 1366),)
# Pairs of a capital and its small letter, the capital even, and odd.
_EVEN = ((256, 311), (330, 375), (1120, 1153), (1162, 1215), (1232, 1327))
_ODD = ((313, 328), (377, 382), (1217, 1230))
_FOLDED = Template(
    """(SELECT group_concat(letter, '') FROM (
        SELECT CASE WHEN $by_32 THEN char(code + 32) WHEN $by_80 THEN char(code + 80)
            WHEN $by_48 THEN char(code + 48) WHEN $even THEN char(code | 1)
            WHEN $odd THEN char(code + code % 2) ELSE char(code) END AS letter
        FROM (SELECT unicode(substr(given.name, place.key + 1, 1)) AS code
            FROM (SELECT $name AS name) AS given, json_each(
                '[0' || replace(hex(zeroblob(length(given.name))), '00', ',0') || ']') AS place)
        WHERE code NOT IN ($unseen)))"""
)


def folded_sql(name: str) -> str:
    """The SQL expression of a name as it is compared; NULL where nothing of it can be seen."""
    return _FOLDED.substitute(
        name=name,
        by_32=_within(_BY_32),
        by_80=_within(_BY_80),
        by_48=_within(_BY_48),
        even=_within(_EVEN),
        odd=_within(_ODD),
        unseen=", ".join(map(str, _UNSEEN)),
    )


def _within(ranges: tuple[tuple[int, int], ...]) -> str:
    return "(" + " OR ".join(f"code BETWEEN {low} AND {high}" for low, high in ranges) + ")"
