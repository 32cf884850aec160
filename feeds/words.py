"""The field's words brought to the vocabularies' codes, where they are recognised."""

from __future__ import annotations

import functools
import re
from typing import Optional

from ..model.vocabulary import vocabulary
from .numbers import is_empty_word

Rules = tuple[tuple[str, str], ...]
CATEGORIES: Rules = (
    (r"illuminat|illumination flare|\bflares?\b", "firing/illumination_flare"),
    (r"muzzle", "firing/muzzle_flash"),
    (r"tracer", "firing/tracer"),
    (r"rocket trail|smoke trail|missile trail", "firing/rocket_trail"),
    (r"projectile|rocket.*in flight", "firing/projectile"),
    (r"\bburst", "firing/burst"),
    (r"\bshots?\b|gunshot|sniper", "firing/shot"),
    (r"thermal anomal|fire detection|hotspot", "other/thermal_anomaly"),
    (r"fatalit|casualt|\bkilled\b|injur|wounded", "civilian/casualty"),
    (r"abduct|kidnap|disappear", "civilian/abduction"),
    (r"sexual", "civilian/sexual_violence"),
    (r"displace", "civilian/displacement"),
    (r"drone strike|air ?strike|air raid|bombing raid|aerial bomb", "firing/air_strike"),
    (r"shell|artiller|mortar|mlrs|bombard|missile", "firing/shelling"),
    (r"\bied\b|landmine|mine detonat", "mine_uxo/ied_detonation"),
    (r"explosi|detonat|blast", "firing/explosion"),
    (r"fire ?fight|clash|battle|skirmish|exchange of fire", "clash/armed_clash"),
    (r"assault|offensive", "clash/ground_assault"),
    (r"\braid", "clash/raid"),
    (r"small.arms fire|gunfire|firing|\bfire\b|ceasefire violation", "firing/undetermined"),
    (r"\buxo\b|unexploded", "mine_uxo/uxo"),
    (r"demining|mine clear", "mine_uxo/demining"),
    (r"\bmines?\b", "mine_uxo/mine"),
    (r"helicopter", "overflight/helicopter"),
    (r"\buavs?\b|drone|unmanned", "overflight/uav"),
    (r"aircraft|jet|overflight", "overflight/aircraft"),
    (r"vessel|boat|ship\b", "maritime/vessel"),
    (r"trench", "fortification/trench"),
    (r"checkpoint|fortif|bunker|berm|position built", "fortification/position"),
    (r"weapon|tank|howitzer", "weapon/sighting"),
    (r"convoy", "movement/convoy"),
    (r"vehicle|\bapc\b|\bifv\b", "movement/vehicles"),
    (r"troop|personnel|movement", "movement/troops"),
    (r"hous(?:e|ing)|apartment|residential", "damage/housing"),
    (r"power line|water|gas pipe|bridge|infrastructure", "damage/infrastructure"),
    (r"hospital|clinic|school|kindergarten", "damage/site"),
    (r"damage|destr", "damage/undetermined"),
    (r"prisoner exchange|exchange of detain", "detention/exchange"),
    (r"arrest|detain|detention", "detention/arrest"),
    (r"protest|demonstration", "other/protest"),
    (r"riot|mob", "other/riot"),
    (r"loot", "other/looting"),
    (r"attack on civilian|civilian", "civilian/attack"),
)
PHASES: Rules = (
    (r"air ?burst", "airburst"),
    (r"outgoing|departure|launch", "outgoing"),
    (r"impact|landed|struck", "impact"),
    (r"incoming", "incoming"),
    (r"in (?:vertical )?flight|vertical flight|in the air|trajectory", "in_flight"),
    (r"undetermined", "undetermined"),
)
CIRCUMSTANCES: Rules = (
    (r"live[- ]fire|training exercise|exercise", "live_fire_exercise"),
    (r"controlled (?:explosion|detonation|demolition)", "controlled_explosion"),
    (r"demining|mine clearance", "demining"),
    (r"celebrat|firework|wedding", "celebratory"),
)
MEANS: Rules = (
    (r"camera|\brecorded\b|video|cctv", "camera"),
    (r"saw.*heard|heard.*saw|seen.*heard|heard.*seen", "saw_heard"),
    (r"\bheard\b|\bhear\b|audible|acoustic by", "heard"),
    (r"\bsaw\b|\bseen\b|observed|visual|spotted", "saw"),
    (r"\buavs?\b|drone|unmanned", "uav"),
    (r"radar", "radar"),
    (r"sensor|acoustic|seismic", "sensor"),
    (r"satellite|imagery", "satellite"),
    (r"crater", "crater_analysis"),
    (r"interview|witness|resident|told", "interview"),
    (r"document|report|letter", "document"),
    (r"social|telegram|facebook|twitter", "social_media"),
)
WEAPONS: Rules = (
    (r"small[- ]?arms|rifle|\bsaa?f\b|assault rifle|machine[- ]pistol|\blmg\b", "small_arms"),
    (r"\bhmg\b|heavy[- ]machine|12[.,]7|14[.,]5", "hmg"),
    (r"\bagl\b|ags-?17|automatic grenade|automatic-grenade", "agl"),
    (r"\brpg\b|rocket-propelled gren", "rpg"),
    (r"mortar.*\b60|60 ?mm.*mortar", "mortar_60"),
    (r"mortar.*\b8[12]|8[12] ?mm.*mortar", "mortar_82"),
    (r"mortar.*120|120 ?mm.*mortar", "mortar_120"),
    (r"mortar", "mortar"),
    (r"recoilless|spg-?9", "recoilless_gun"),
    (r"atgm|anti-tank guided|anti-tank missile", "atgm"),
    (r"bmp-?2|(?:ifv|infantry fighting|cannon).*30 ?mm", "ifv_cannon_30"),
    (r"bmp-?1\b|(?:ifv|infantry fighting).*73 ?mm", "ifv_cannon_73"),
    (r"\bifv\b|infantry fighting|\bbmp\b", "ifv_cannon"),
    (r"zu-?23|23 ?mm|(?:\baa\b|anti-aircraft) (?:cannon|gun)", "aa_cannon_23"),
    (r"anti-aircraft missile|surface-to-air|\bsam\b|anti-aircraft", "anti_aircraft_missile"),
    (r"mt-?12|anti-tank gun", "anti_tank_gun_100"),
    (r"smerch|mlrs.*300|bm-?30|tornado-?s", "mlrs_300"),
    (r"uragan|mlrs.*220|bm-?27", "mlrs_220"),
    (r"\bgrad\b|bm-?21|mlrs.*122|122 ?mm.*rocket", "mlrs_122"),
    (r"mlrs|multiple[- ]launch|rocket system|\brockets?\b", "mlrs"),
    (r"tochka|tactical missile|ballistic|cruise missile|\bmissile", "tactical_missile"),
    (r"(?:artiller|howitzer|gun).*152|152 ?mm", "artillery_152"),
    (r"(?:artiller|howitzer|gun).*122|122 ?mm", "artillery_122"),
    (r"artiller|howitzer", "artillery"),
    (r"\btank\b|t-?(?:64|72|80)", "tank"),
    (r"\b(?:uav|drone).*drop|drop.*\b(?:uav|drone)|uav-dropped|\bdrone\b", "uav_dropped"),
    (r"aerial bomb|air-?delivered|air-?dropped|bomb\b.*(?:plane|aircraft|air)", "air_delivered"),
    (r"hand grenade|\bgrenade", "grenade"),
    (r"\bied\b|\bmines?\b|landmine|improvised", "mine_ied"),
)
STATUSES: Rules = (
    (r"not deployed|no patrol|not_deployed|withdrawn", "not_deployed"),
    (r"denied|denial|no access|refused", "denied"),
    (r"not operat|non-?operat|\bdown\b|malfunction|out of order|\boff\b|\bfault|failure", "down"),
    (r"degraded|obscur|\bfog|poor visib|limited|partly|partial|jam", "degraded"),
    (r"operat|\bok\b|\bon\b|\bup\b|working", "operating"),
)
NIL = re.compile(
    r"^(?:nil|none|nothing)\b|^no$|^no (?:ceasefire )?violations?\b|^no (?:observations?|activity)"
    r"|nothing (?:to report|observed|heard|seen)"
    r"|no (?:ceasefire )?violations? (?:were )?(?:observed|recorded|heard|seen)",
    re.IGNORECASE,
)
RULES = {
    "categories": CATEGORIES,
    "phases": PHASES,
    "circumstances": CIRCUMSTANCES,
    "means": MEANS,
    "weapon_types": WEAPONS,
    "effort_statuses": STATUSES,
}


@functools.cache
def compiled(name: str) -> tuple:
    """The rules of one vocabulary, compiled once."""
    return tuple(
        (re.compile(pattern, re.IGNORECASE), code) for pattern, code in RULES.get(name, ())
    )


@functools.cache
def labels(name: str) -> dict[str, str]:
    """Codes and English labels, in small letters, to the code."""
    known: dict[str, str] = {}
    for code, entry in vocabulary(name).items():
        known[code.casefold()] = code
        known.setdefault(code.casefold().replace("_", " "), code)
        for label in entry.get("label", {}).values():
            known.setdefault(label.casefold(), code)
    return known


@functools.lru_cache(maxsize=50_000)
def code_of(name: str, text: Optional[str]) -> Optional[str]:
    """The code of the vocabulary ``name`` for a feed's words: its code, its label, else by rule.

    None where nothing is said or nothing fits.
    """
    if is_empty_word(text):
        return None
    plain = " ".join(text.casefold().split())
    known = labels(name).get(plain)
    if known is not None:
        return known
    for pattern, code in compiled(name):
        if pattern.search(plain):
            return code
    return None


def says_nil(text: Optional[str]) -> bool:
    """Whether words say that nothing was observed: nil, no ceasefire violations observed."""
    return text is not None and bool(NIL.search(text.strip()))
