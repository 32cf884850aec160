"""Which weapon classes of an agreement cover a weapon, how surely, and which prevails."""

from __future__ import annotations

from pathlib import Path

import pytest

from ceasefire_monitor.analysis.agreement_file import read_agreement
from ceasefire_monitor.analysis.agreement_weapons import Belonging, belongs, classes_of
from ceasefire_monitor.model.agreement import Agreement, Precedence, WeaponClass
from ceasefire_monitor.model.vocabulary import vocabulary

ROOT = Path(__file__).resolve().parents[2]
TYPES = vocabulary("weapon_types")
CERTAIN, POSSIBLE = Belonging.CERTAIN, Belonging.POSSIBLE


def minsk() -> Agreement:
    return read_agreement(ROOT / "resources" / "agreements" / "minsk_2014_2015.json")


def found(weapon, agreement=None) -> dict[str, Belonging]:
    matches = classes_of(agreement or minsk(), weapon)
    return {match.weapon_class.code: match.belonging for match in matches}


def test_a_mortar_of_120_mm_is_both_and_the_mortars_clause_prevails():
    matches = classes_of(minsk(), "mortar_120", TYPES)
    codes = [match.weapon_class.code for match in matches]
    assert {"mortars_to_120", "artillery_100", "mortar_120", "above_100"} == set(codes)
    assert codes.index("mortars_to_120") < codes.index("artillery_100")
    assert all(match.belonging is CERTAIN for match in matches)
    yields = {match.weapon_class.code: match.yields_to for match in matches}
    assert yields["artillery_100"] == ("mortars_to_120",)
    assert yields["mortars_to_120"] == ()


@pytest.mark.parametrize(
    "weapon, expected",
    [
        ("mortar_82", {"mortars_to_120"}),
        ("artillery_122", {"above_100", "howitzer_122", "artillery_100"}),
        ("anti_tank_gun_100", {"at_gun_100", "artillery_100"}),
        ("tank", {"above_100", "tanks"}),
        ("mlrs_122", {"above_100", "grad", "mlrs"}),
        ("mlrs_220", {"above_100", "uragan", "mlrs_heavy"}),
        ("tactical_missile", {"above_100", "tochka", "mlrs_heavy"}),
        ("small_arms", set()),
        ("mine_ied", set()),
    ],
)
def test_a_known_weapon_is_in_its_classes_for_certain(weapon, expected):
    assert found(weapon) == dict.fromkeys(expected, CERTAIN)


def test_a_calibre_that_is_not_known_makes_a_class_possible():
    assert found("mortar") == {
        "above_100": POSSIBLE,
        "artillery_100": POSSIBLE,
        "mortars_to_120": POSSIBLE,
        "mortar_120": POSSIBLE,
    }
    told = found("mlrs")
    assert told["mlrs"] is POSSIBLE, "it may be one of the heavy ones, which this class leaves out"
    assert told["mlrs_heavy"] is POSSIBLE


@pytest.mark.parametrize("weapon", [None, "not_known", "something_else"])
def test_a_weapon_that_is_not_known_may_be_in_every_class(weapon):
    agreement = minsk()
    assert found(weapon, agreement) == {each.code: POSSIBLE for each in agreement.weapon_classes}


def test_limits_include_or_exclude_their_figure():
    def fits(weapon, **stated):
        return belongs(WeaponClass("c", "c", **stated), weapon, TYPES) is CERTAIN

    assert fits("anti_tank_gun_100", calibre_from_mm=100.0)
    assert not fits("anti_tank_gun_100", calibre_above_mm=100.0)
    assert fits("mortar_120", calibre_to_mm=120.0)
    assert not fits("mortar_120", calibre_below_mm=120.0)
    assert fits("artillery_122", classes=("artillery",), range_to_m=20_000.0)
    assert not fits("artillery_152", classes=("artillery",), range_to_m=20_000.0)


def test_certain_comes_before_possible_and_a_circle_of_precedence_ends():
    light = WeaponClass("light", "light", classes=("mortar",), calibre_to_mm=100.0)
    any_mortar = WeaponClass("any", "any", classes=("mortar",))
    agreement = Agreement(weapon_classes=(light, any_mortar))
    assert list(found("mortar", agreement)) == ["any", "light"]
    circle = Agreement(
        weapon_classes=(light, any_mortar),
        precedence=(Precedence(("light", "any")), Precedence(("any", "light"))),
    )
    assert set(found("mortar_82", circle)) == {"any", "light"}
