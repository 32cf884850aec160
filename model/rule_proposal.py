"""A rule that a draft's clause may mean, for a person to confirm."""

from __future__ import annotations

import dataclasses
from typing import Optional

from .field import Shape, boolean, table_of, text


@dataclasses.dataclass
class RuleProposal:
    """What a clause was read as. Nothing is held against it before a person confirmed it.

    ``rule`` is the rule's JSON; empty where the clause cannot be a rule as it stands, and
    ``assumed`` says then what it lacks, and else what was read into it.
    """

    proposal: Optional[str] = text("Proposal", default=None)
    clause: Optional[str] = text("Clause")
    kind: Optional[str] = text("Kind of rule")
    title: Optional[str] = text("The rule in words")
    passage: Optional[str] = text("Passage")
    assumed: Optional[str] = text("What was assumed, or is lacking")
    rule: Optional[str] = text("Rule (JSON)")
    confirmed: bool = boolean("Confirmed", default=False)
    confirmed_by: Optional[str] = text("Confirmed by")


RULE_PROPOSALS = table_of(
    RuleProposal, "rule_proposals", "Rules proposed from a draft", Shape.NONE, "proposal"
)
