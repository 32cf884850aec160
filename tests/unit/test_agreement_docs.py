"""The page on agreements: its examples work as they stand."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import pytest

from ceasefire_monitor.analysis.agreement_file import agreement_of
from ceasefire_monitor.model.agreement import RuleKind

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "agreements.md").read_text(encoding="utf-8")
EXAMPLES = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]


def test_the_first_example_is_a_whole_agreement():
    agreement = agreement_of(EXAMPLES[0])
    assert [rule.code for _, rule in agreement.rules()] == ["fire", "artillery"]


@pytest.mark.parametrize("example", EXAMPLES[1:], ids=lambda example: next(iter(example)))
def test_every_other_example_fits_into_the_first(example):
    whole, example = copy.deepcopy(EXAMPLES[0]), copy.deepcopy(example)
    whole["lines"] = EXAMPLES[2]["lines"] + whole["lines"]
    example.pop("lines", None)
    whole["zones"] = EXAMPLES[4]["zones"]
    rules = example.pop("rules", []) + [example.pop("rule", None)]
    whole.update(example)
    whole["clauses"].append(
        {
            "reference": "3",
            "text": "More.",
            "text_status": "verified",
            "rules": [rule for rule in rules if rule],
        }
    )
    agreement = agreement_of(whole)
    told = {rule.code for _, rule in agreement.rules()}
    assert {rule["code"] for rule in rules if rule} <= told
    assert len(agreement.zones) == len(EXAMPLES[4]["zones"])


def test_the_page_tells_every_kind_of_rule_and_every_template():
    for kind in RuleKind:
        assert f"| `{kind.value}` |" in PAGE
    for path in (ROOT / "resources" / "agreements").glob("*.json"):
        assert f"`{path.stem}`" in PAGE or path.stem == "schema"
