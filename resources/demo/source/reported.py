"""Feed B: what a third party writes of the island, in the columns of ACLED; and parties' claims.

The third party tells part of the same events, a day or a few kilometres off at times, and events
away from the line that the mission did not see. Everything is invented.
"""

from __future__ import annotations

from datetime import date, timedelta

from .chance import Chance
from .happenings import Happening
from .places import COUNTRY, DISTRICTS, POSITIONS, SETTLEMENTS
from .shapes import degrees, distance
from .watch import FIRST

COLUMNS = (
    "event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type",
    "sub_event_type", "actor1", "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2",
    "interaction", "civilian_targeting", "iso", "region", "country", "admin1", "admin2", "admin3",
    "location", "latitude", "longitude", "geo_precision", "source", "source_scale", "notes",
    "fatalities", "tags", "timestamp",
)  # fmt: skip
CLAIM_COLUMNS = ("claim_no", "received", "claimant", "alleged_time", "place", "lat", "lon",
                 "alleged_event", "number", "alleged_actor", "weapon", "text")  # fmt: skip
TOWNS = {name: (kind, DISTRICTS[party], party) for name, _, _, kind, _, party in SETTLEMENTS}
SHELLING = "Shelling/artillery/missile attack"
BATTLES, REMOTE = "Battles", "Explosions/Remote violence"
CIVILIANS, STRATEGIC = "Violence against civilians", "Strategic developments"
# Days after the first, place, type, sub-type, who, whom, place known to, time known to, deaths,
# words. A place of None: the source names none.
OTHERS = (
    (3, "Kelmar", "Protests", "Peaceful protest", "Protesters (Orvenna)", "", 1, 1, 0,
     "About two hundred people asked in Kelmar for the reopening of Lowmere Bridge."),
    (9, "Quellin", STRATEGIC, "Change to group/activity", "Aster Forces", "", 2, 2, 0,
     "Aster Forces moved two companies to the area around Quellin."),
    (17, "Calverin", STRATEGIC, "Arrests", "Calder Guard", "Civilians (Orvenna)", 1, 1, 0,
     "Calder Guard held three people in Calverin."),
    (26, "Norrest", "Protests", "Peaceful protest", "Protesters (Orvenna)", "", 1, 1, 0,
     "A march for peace in the port of Norrest."),
    (31, "Eastmark", REMOTE, "Air/drone strike", "Unidentified Armed Group", "Borea Forces", 3, 3,
     0, "A drone fell somewhere in Eastmark in October; neither the day nor the place is known."),
    (35, "Varne", BATTLES, "Non-state actor overtakes territory", "Aster Forces", "Borea Forces",
     2, 1, 5, "Aster Forces took high ground east of Varne."),
    (36, "Fenlock", CIVILIANS, "Attack", "Unidentified Armed Group", "Civilians (Orvenna)", 1, 1, 1,
     "A farmer was shot dead at the edge of Fenlock."),
    (41, "Tarnwick", REMOTE, "Remote explosive/landmine/IED", "Unidentified Armed Group",
     "Civilians (Orvenna)", 2, 1, 2, "A tractor drove over a mine near Tarnwick."),
    (48, "Hollis Cove", "Riots", "Mob violence", "Rioters (Orvenna)", "", 1, 1, 0,
     "A quarrel over fuel in Hollis Cove."),
    (54, "Merrenbay", STRATEGIC, "Agreement", "Aster Forces", "Borea Forces", 1, 1, 0,
     "Delegates of two parties met in Merrenbay to speak of an exchange of detained persons."),
    (63, "Lowmere", BATTLES, "Non-state actor overtakes territory", "Borea Forces", "Aster Forces",
     2, 1, 7, "Borea Forces advanced west of Lowmere."),
    (65, "Ilmery", REMOTE, SHELLING, "Borea Forces", "Aster Forces", 1, 1, 3,
     "Shells fell on the eastern edge of Ilmery."),
    (68, None, CIVILIANS, "Attack", "Unidentified Armed Group", "Civilians (Orvenna)", 3, 2, 1,
     "A radio station reported one person killed; it named no place."),
    (72, "Pelsin", "Protests", "Peaceful protest", "Protesters (Orvenna)", "", 1, 1, 0,
     "Relatives of detained people gathered in Pelsin."),
    (80, "Wexlow", STRATEGIC, "Looting/property destruction", "Unidentified Armed Group", "", 1, 2,
     0, "Stores were emptied in Wexlow."),
    (86, "Rodmere", REMOTE, SHELLING, "Calder Guard", "Borea Forces", 2, 1, 1,
     "Shells fell between Rodmere and the southern line."),
)  # fmt: skip
CLAIMS = (
    ("2025-09-08", "Borea", "2025-09-07 23:10", "Cobrin", 1.2, "Bursts of fire", "40",
     "Aster Forces", "HMG", "Fire from the western bank on our positions."),
    ("2025-09-16", "Aster", "2025-09-15 04:30", "Varne", 0.8, "Explosion", "6", "Borea Forces",
     "Mortar (82mm)", "Six rounds fell beside the school."),
    ("2025-09-22", "Calder", "2025-09-21 19:00", "Tarnwick", 1.5, "Shots", "", "Borea Forces",
     "Small arms", "Shots at our watch post; the number was not given."),
    ("2025-10-07", "Borea", "2025-10-06 05:15", "Fenlock", 1.0, "Explosion", "120",
     "Aster Forces", "Artillery (122mm)", "An attack along the whole Fenlock road."),
    ("2025-10-09", "Aster", "2025-10-08 21:40", "Varne", 1.6, "Explosion", "25", "Borea Forces",
     "Mortar (120mm)", "Houses were hit."),
    ("2025-10-17", "Borea", "2025-10-16 11:20", "Wexlow", 0.5, "UAV overflight", "1",
     "Aster Forces", "", "A drone circled over the village."),
    ("2025-10-27", "Aster", "2025-10-26 00:40", "Torvane", 1.0, "Bursts of fire", "10",
     "Borea Forces", "HMG", "In the night in which the clocks went back."),
    ("2025-11-04", "Aster", "2025-11-03 04:50", "Ilmery", 1.4, "Explosion", "80", "Borea Forces",
     "Mortar (120mm)", "An attack from Lowmere."),
    ("2025-11-07", "Borea", "2025-11-06 22:00", "Lowmere", 1.1, "Bursts of fire", "60",
     "Aster Forces", "IFV cannon (30mm)", "Fire on vehicles that carried wounded people."),
    ("2025-11-12", "Calder", "2025-11-12 04:50", "Tarnwick", 2.0, "Explosion", "20",
     "Borea Forces", "Artillery (122mm)", "Shells north of the village."),
    ("2025-11-20", "Borea", "2025-11-18 14:00", "Estwick", 0.7, "Explosion", "15", "Aster Forces",
     "Mortar (82mm)", "Fire during the storm, when no monitor was there."),
    ("2025-11-21", "Aster", "2025-11-19 09:30", "Braskell", 0.9, "Shots", "8", "Borea Forces",
     "Small arms", "Sniper fire at a repair crew."),
    ("2025-11-25", "Borea", "not stated", "Cobrin", 1.0, "Shots", "3", "Aster Forces",
     "Small arms", "Shots on an unnamed evening of last week."),
    ("2025-11-28", "Aster", "2025-11-27 18:05", "", 0.0, "Explosion", "2", "Borea Forces", "",
     "Two explosions; the letter gives no place."),
)  # fmt: skip


def third_party_rows(events: list[Happening], told: set) -> list[tuple]:
    """The rows of the third party's table, in order of date."""
    chance = Chance("third party")
    rows = [_retold(event, chance) for event in events if _retells(event, told, chance)]
    rows.extend(_other(entry, chance) for entry in OTHERS)
    rows.sort(key=lambda row: (row["event_date"], row["notes"]))
    result = []
    for number, row in enumerate(rows, 1):
        row["event_id_cnty"] = f"ORV{1000 + number}"
        row["timestamp"] = str(1760000000 + number * 3600)
        result.append(tuple(row.get(name, "") for name in COLUMNS))
    return result


def _retells(event: Happening, told: set, chance: Chance) -> bool:
    """The third party hears of louder events, and of a few that no monitor perceived."""
    loud = event.kind == "Explosion" or (event.kind == "Burst" and event.count >= 4)
    share = 0.30 if event.number in told else 0.12
    return chance.happens(share) and loud


def _retold(event: Happening, chance: Chance) -> dict:
    town = min(POSITIONS, key=lambda name: distance(POSITIONS[name], event.point))
    party = TOWNS[town][2]
    other = "Borea" if party == "Aster" else "Aster"
    late = 1 if event.when.hour >= 22 and chance.happens(0.4) else 0
    day = event.when.date() + timedelta(days=late)
    shelled = event.kind == "Explosion"
    deaths = chance.pick_weighted({0: 14, 1: 3, 2: 1})
    names = (f"{other} Forces", f"{party} Forces")
    words = "Explosions were heard" if shelled else "Fire was exchanged"
    return _row(
        day,
        town,
        REMOTE if shelled else BATTLES,
        SHELLING if shelled else "Armed clash",
        names[0].replace("Calder Forces", "Calder Guard"),
        names[1].replace("Calder Forces", "Calder Guard"),
        chance.pick_weighted({1: 6, 2: 4, 3: 1}),
        chance.pick_weighted({1: 9, 2: 1}),
        deaths,
        f"{words} near {town} on {day.day} {day:%B}.",
    )


def _other(entry: tuple, chance: Chance) -> dict:
    after, town, *rest = entry
    return _row(FIRST + timedelta(days=after), town, *rest)


def _row(day: date, town, kind, sub, actor, target, place, time, deaths, words) -> dict:
    latitude = longitude = admin1 = ""
    if town == "Eastmark":
        longitude, latitude = map(str, degrees(POSITIONS["Kelmar"], 4))
        admin1 = town
    elif town is not None:
        longitude, latitude = map(str, degrees(POSITIONS[town], 4))
        admin1 = TOWNS[town][1]
    protest = kind in ("Protests", "Riots")
    return {
        "event_date": day.isoformat(),
        "year": str(day.year),
        "time_precision": str(time),
        "disorder_type": "Demonstrations"
        if protest
        else kind
        if kind == STRATEGIC
        else "Political violence",
        "event_type": kind,
        "sub_event_type": sub,
        "actor1": actor,
        "inter1": "Protesters" if protest else "External/Other forces",
        "actor2": target,
        "inter2": "Civilians" if target.startswith("Civilians") else "",
        "civilian_targeting": "Civilian targeting" if target.startswith("Civilians") else "",
        "iso": "0",
        "region": "Atlantic",
        "country": COUNTRY,
        "admin1": admin1,
        "location": town or "",
        "latitude": latitude,
        "longitude": longitude,
        "geo_precision": str(place),
        "source": "Radio Orvenna; Kelmar Courier",
        "source_scale": "Local partner-National",
        "notes": words,
        "fatalities": str(deaths),
    }


def claim_rows() -> list[tuple]:
    """What the parties allege in letters to the mission."""
    chance = Chance("claims")
    rows = []
    for number, (received, who, when, town, off, event, count, actor, weapon, text) in enumerate(
        CLAIMS, 1
    ):
        longitude = latitude = ""
        if town:
            east, north = POSITIONS[town]
            point = (east + chance.between(-off, off), north + chance.between(-off, off))
            longitude, latitude = map(str, degrees(point, 4))
        rows.append((f"L{number:03d}", received, who, when, town, latitude, longitude, event, count,
                     actor, weapon, f"{who} to the mission: {text}"))  # fmt: skip
    return rows
