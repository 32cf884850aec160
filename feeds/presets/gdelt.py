"""GDELT 2.0 events: what machines read in the world's media. Reports, never verified events."""

from __future__ import annotations

from ...model.incident import Incident
from ..locator import Locator
from ..moments import Midnight, Moments
from ..precision import CENTRE, Precision
from ..work import ONE, ReadRow, Work, place_of, time_of
from .preset import Preset

COLUMNS = {
    "source_id": ("GLOBALEVENTID",),
    "occurred_from": ("SQLDATE",),
    "code": ("EventCode",),
    "actor_1": ("Actor1Name",),
    "actor_2": ("Actor2Name",),
    "articles": ("NumArticles",),
    "geo_type": ("ActionGeo_Type",),
    "place": ("ActionGeo_FullName",),
    "country": ("ActionGeo_CountryCode",),
    "latitude": ("ActionGeo_Lat",),
    "longitude": ("ActionGeo_Long",),
    "source_url": ("SOURCEURL",),
}
# By ActionGeo_Type: a city's name found in a text says little about where in or near it.
PLACES = {
    "1": Precision(500_000.0, "area", CENTRE),
    "2": Precision(100_000.0, "area", CENTRE),
    "3": Precision(25_000.0, "disc", CENTRE),
    "4": Precision(25_000.0, "disc", CENTRE),
    "5": Precision(100_000.0, "area", CENTRE),
}
# CAMEO codes with their category and words; a longer code without its own goes by its beginning.
CAMEO = {
    "0871": ("other/agreement", "declare truce, ceasefire"),
    "087": ("other/agreement", "de-escalate military engagement"),
    "0872": ("other/agreement", "ease military blockade"),
    "0873": ("other/agreement", "demobilize armed forces"),
    "0874": ("other/agreement", "retreat or surrender militarily"),
    "0841": ("detention/exchange", "return, release persons"),
    "14": ("other/protest", "protest"),
    "145": ("other/riot", "protest violently, riot"),
    "15": ("other/strategic", "exhibit military posture"),
    "154": ("movement/undetermined", "mobilize or increase armed forces"),
    "171": ("damage/undetermined", "seize or damage property"),
    "173": ("detention/arrest", "arrest, detain"),
    "175": ("civilian/attack", "use repression"),
    "18": ("civilian/attack", "assault"),
    "181": ("civilian/abduction", "abduct, hijack, take hostage"),
    "182": ("civilian/attack", "physically assault"),
    "1821": ("civilian/sexual_violence", "sexually assault"),
    "183": ("firing/explosion", "conduct suicide, car or other non-military bombing"),
    "1833": ("mine_uxo/ied_detonation", "carry out roadside bombing"),
    "185": ("civilian/attack", "attempt to assassinate"),
    "186": ("civilian/attack", "assassinate"),
    "19": ("clash/undetermined", "fight"),
    "190": ("clash/armed_clash", "use conventional military force"),
    "191": ("movement/undetermined", "impose blockade, restrict movement"),
    "192": ("other/transfer_of_territory", "occupy territory"),
    "193": ("firing/undetermined", "fight with small arms and light weapons"),
    "194": ("firing/shelling", "fight with artillery and tanks"),
    "195": ("firing/air_strike", "employ aerial weapons"),
    "196": ("firing/undetermined", "violate ceasefire"),
    "20": ("civilian/attack", "use unconventional mass violence"),
    "201": ("civilian/displacement", "engage in mass expulsion"),
    "202": ("civilian/casualty", "engage in mass killings"),
    "204": ("firing/explosion", "use weapons of mass destruction"),
}


def meaning(code: str | None) -> tuple[str, str]:
    """The category of a CAMEO code and the code's words, by its longest known beginning."""
    text = code or ""
    for length in range(len(text), 1, -1):
        if text[:length] in CAMEO:
            return CAMEO[text[:length]]
    return "other/undetermined", ""


def open_rows(work: Work) -> ReadRow:
    """A function that makes an incident of a row. Bare dates; codes are text, zeros in front."""
    sheet = work.sheet
    get = {name: sheet.getter(name) for name in COLUMNS}
    moments = Moments(
        sheet, work.zone, work.notes, ("occurred_from",), Midnight.IS_UNKNOWN, latest=work.latest
    )
    locator = Locator(sheet, work.notes)
    text = {name: get[name] for name in ("place", "country", "actor_1", "actor_2", "source_url")}
    work.notes.say(
        "GDELT's events were read by machines in media reports; none of them is verified, and its "
        "country codes are FIPS 10-4."
    )

    def read(i: int, cells: list) -> Incident:
        when = work.when(moments, i, "occurred_from", get["occurred_from"](cells))
        point = locator.at(i)
        place = PLACES.get(get["geo_type"](cells) or "") if point else None
        code = get["code"](cells)
        category, words = meaning(code)
        return Incident(
            **work.identity(cells),
            origin="media",
            category=category,
            term=": ".join(part for part in (f"CAMEO {code}" if code else "", words) if part)
            or None,
            **ONE,
            **time_of(when),
            **place_of(point, place),
            description=described(get["articles"](cells)),
            **{name: getter(cells) for name, getter in text.items()},
        )

    return read


def described(articles: str | None) -> str:
    """How many articles reported it at first, in a sentence."""
    if not articles:
        return "Read by machine in media reports."
    noun = "article" if articles == "1" else "articles"
    return f"Read by machine in {articles} {noun}."


PRESET = Preset(
    name="gdelt",
    title="GDELT 2.0 events",
    columns=COLUMNS,
    needs=(("source_id",), ("occurred_from",), ("code",), ("geo_type",)),
    dates=("occurred_from",),
    open=open_rows,
)
