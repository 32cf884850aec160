"""The island's invented settlements, civilian sites and zones."""

from __future__ import annotations

from .land import Land, circle, polygon, rectangle, ribbon
from .shapes import degrees

THEATRE = "Island of Orvenna (fictional)"
COUNTRY = "Orvenna"
DISTRICTS = {"Aster": "Westmark", "Borea": "Eastmark", "Calder": "Southmark"}
# Name, kilometres east and north of the centre, kind, inhabitants, district of the party.
SETTLEMENTS = (
    ("Ostrel", -30, 10, "city", 84200, "Aster"),
    ("Merrenbay", -17, 43, "town", 17800, "Aster"),
    ("Quellin", -22, 29, "town", 12100, "Aster"),
    ("Sollen", -8.5, 39, "village", 1450, "Aster"),
    ("Ardesk", -9, 31, "village", 2300, "Aster"),
    ("Varne", -5.5, 20.5, "town", 9600, "Aster"),
    ("Ilmery", -13, 5.5, "town", 7400, "Aster"),
    ("Braskell", -10, -1, "village", 1900, "Aster"),
    ("Torvane", -3.5, -9, "town", 11300, "Aster"),
    ("Umber Ford", -9.5, -22, "village", 1250, "Aster"),
    ("Pelsin", -32, -19, "town", 8800, "Aster"),
    ("Gorrin", -21, -36, "village", 2700, "Aster"),
    ("Wexlow", -16.5, 15.5, "village", 2100, "Borea"),
    ("Kelmar", 27, 7, "city", 71500, "Borea"),
    ("Norrest", 22, 45, "town", 15900, "Borea"),
    ("Hurlen", 6, 42, "village", 1700, "Borea"),
    ("Tessmar", 5.5, 32, "village", 2050, "Borea"),
    ("Fenlock", 13, 19.5, "town", 10400, "Borea"),
    ("Cobrin", 9, 9.5, "town", 8300, "Borea"),
    ("Lowmere", 2.5, 4.5, "village", 2600, "Borea"),
    ("Estwick", 10.5, -3, "village", 1850, "Borea"),
    ("Rodmere", 20, -7, "town", 6900, "Borea"),
    ("Jarrick", 34, 26, "town", 9100, "Borea"),
    ("Sandel Point", 42, 1.5, "village", 1300, "Borea"),
    ("Mosswater", 10, -21, "village", 2200, "Calder"),
    ("Calverin", 19, -29, "town", 18700, "Calder"),
    ("Tarnwick", 26.5, -17, "village", 3100, "Calder"),
    ("Yarrel", 3, -32, "village", 1600, "Calder"),
    ("Hollis Cove", 36, -21, "town", 5400, "Calder"),
)
SITES = (
    ("S01", "Varne General Hospital", "hospital", -5.9, 21.0),
    ("S02", "Fenlock Clinic", "hospital", 13.4, 19.9),
    ("S03", "Varne Lower School", "school", -5.0, 20.1),
    ("S04", "Cobrin School", "school", 8.6, 9.2),
    ("S05", "Braskell School", "school", -9.7, -1.3),
    ("S06", "Lake Cobrin Water Works", "water_works", 6.2, 12.8),
    ("S07", "Estwick Substation", "power", 10.9, -3.6),
    ("S08", "Lowmere Bridge Crossing", "crossing_point", -4.6, 6.9),
    ("S09", "Ardesk Crossing", "crossing_point", -4.0, 33.4),
    ("S10", "Torvane Shelter", "shelter", -3.3, -9.4),
    ("S11", "Wexlow Chapel", "place_of_worship", -16.7, 15.8),
)
RULES = {
    "security_zone": "No fire and no weapon above 12.7 mm within the zone.",
    "disengagement_area": "No armed presence and no fire within the area.",
    "no_fly": "No flight without notice given 48 hours before.",
    "area_of_limitation": "No artillery above 100 mm within the area.",
}
# Two parties' own lists could differ; the theatre's list is what the plugin prints.
POSITIONS = {name: (east, north) for name, east, north, *_ in SETTLEMENTS}


def collection(features: list[dict]) -> dict:
    """A GeoJSON collection; coordinates are WGS 84 by the format's definition."""
    return {"type": "FeatureCollection", "features": features}


def feature(geometry_type: str, coordinates, **properties) -> dict:
    """A GeoJSON feature."""
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": geometry_type, "coordinates": coordinates},
    }


def theatre(land: Land) -> dict:
    """The coast: the island and its islets, one feature."""
    shapes = [[land.coast], *([islet] for some in land.islets.values() for islet in some)]
    coordinates = [polygon(rings) for rings in shapes]
    return collection([feature("MultiPolygon", coordinates, name=THEATRE)])


def control_areas(land: Land) -> dict:
    """Who holds what, on three dates."""
    features = []
    for snapshot in land.snapshots:
        for holder, areas in snapshot.areas.items():
            features.append(
                feature(
                    "MultiPolygon",
                    [polygon(rings) for rings in areas],
                    area_id=f"{holder}-{snapshot.date}",
                    holder=holder,
                    valid_from=snapshot.date,
                    valid_to=snapshot.until,
                    source="Mission map cell (fictional), 1:100,000",
                )
            )
    return collection(features)


def zones(land: Land) -> dict:
    """The security zone of the agreed line, two disengagement areas, and two more."""
    made = (
        ("Z01", "Security zone", "security_zone", ribbon(land.first_front, -12.0, 43.0, 3.0)),
        (
            "Z02",
            "Lowmere Bridge disengagement area",
            "disengagement_area",
            rectangle((-4.6, 6.9), 3.0, 3.4, 25.0),
        ),
        (
            "Z03",
            "Ardesk Crossing disengagement area",
            "disengagement_area",
            rectangle((-3.9, 33.2), 2.6, 3.2, 70.0),
        ),
        ("Z04", "Varne Hospital no-fly zone", "no_fly", circle((-5.9, 21.0), 4.0)),
        (
            "Z05",
            "Rodmere Road area of limitation",
            "area_of_limitation",
            rectangle((20.5, -13.5), 6.0, 15.0, 0.0),
        ),
    )
    return collection(
        [
            feature(
                "Polygon",
                polygon([points]),
                zone_id=code,
                zone_name=name,
                kind=kind,
                rule=RULES[kind],
                valid_from="2025-09-01",
                valid_to=None,
                source="Orvenna Understanding (fictional), annex 2",
            )
            for code, name, kind, points in made
        ]
    )


def sites() -> dict:
    """Civilian objects."""
    return collection(
        [
            feature(
                "Point",
                degrees((east, north)),
                site_id=code,
                site_name=name,
                kind=kind,
                sensitivity="restricted",
                valid_from="2025-09-01",
                valid_to=None,
                source="Mission register of sites (fictional)",
            )
            for code, name, kind, east, north in SITES
        ]
    )


def settlements() -> dict:
    """The list of places: a gazetteer."""
    return collection(
        [
            feature(
                "Point",
                degrees((east, north)),
                place_id=f"P{number:02d}",
                place_name=name,
                kind=kind,
                population=population,
                admin1=DISTRICTS[party],
            )
            for number, (name, east, north, kind, population, party) in enumerate(SETTLEMENTS, 1)
        ]
    )
