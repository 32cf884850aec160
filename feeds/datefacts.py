"""What a column's texts show of its dates: counted, so that parts of a file can be added up."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from typing import Iterable, Mapping, Optional

from .dateorder import Votes, add_votes, votes_of
from .dates import UnreadableDate, YearMissing, read_moment

MIDNIGHT_TEXT = re.compile(
    r"(?<![\d:.])(?:0{1,2}[:.]00(?:[:.]00(?:\.0+)?)?|0{3,4}|12:00(?::00)? ?am)\s*z?$", re.I
)
SECONDS = re.compile(
    r"\d{1,2}:\d{2}:(?!00(?!\d)(?:\.0+(?!\d))?)\d{2}|:00\.0*[1-9]|(?<!\d)\d{9,13}(?!\d)"
)
SAMPLE = 2000


@dataclasses.dataclass
class DateFacts:
    """``votes`` for day or month first by style (see dateorder), and counts of texts.

    ``timed`` texts have a time, ``midnight`` of them 00:00; ``seconds``: one has seconds other
    than 00. Of the first ``sampled`` texts ``lacking`` are dates without a year.
    """

    votes: Votes = dataclasses.field(default_factory=dict)
    timed: int = 0
    midnight: int = 0
    seconds: bool = False
    sampled: int = 0
    lacking: int = 0

    def add(self, texts: Mapping[str, int]) -> None:
        """Count more texts, each with how often it stands; the years are ``sample``'s matter."""
        add_votes(self.votes, votes_of(texts))
        for text, times in texts.items():
            if ":" in text or len(text) <= 4:
                self.timed += times
                if MIDNIGHT_TEXT.search(text):
                    self.midnight += times
        self.seconds = self.seconds or any(map(SECONDS.search, texts))

    def sample(self, texts: Iterable[str]) -> None:
        """See which of the first texts bear no year, up to 2,000 in all."""
        for text in texts:
            if self.sampled >= SAMPLE:
                return
            self.sampled += 1
            self.lacking += lacks_year(text)

    def merge(self, other: DateFacts) -> None:
        """Add what another column, or another part of the file, showed."""
        add_votes(self.votes, other.votes)
        self.timed += other.timed
        self.midnight += other.midnight
        self.seconds = self.seconds or other.seconds
        self.sampled += other.sampled
        self.lacking += other.lacking

    def as_json(self) -> dict:
        """What ``of_json`` reads again."""
        votes = [[sign, half, *counts] for (sign, half), counts in self.votes.items()]
        return {**dataclasses.asdict(self), "votes": votes}

    @classmethod
    def of_json(cls, told: Mapping) -> DateFacts:
        """The facts that ``as_json`` wrote."""
        votes = {(sign, half): [day, month] for sign, half, day, month in told["votes"]}
        return cls(**{**told, "votes": votes})


def facts_of(texts: Iterable[Optional[str]]) -> DateFacts:
    """The facts of one column's texts, empty cells aside."""
    facts = DateFacts()
    facts.add(Counter(text for text in texts if text))
    return facts


def lacks_year(text: str) -> bool:
    """Whether a text is a date without a year."""
    try:
        read_moment(text, True)
    except YearMissing:
        return True
    except (UnreadableDate, OverflowError):
        return False
    return False
