"""What was measured, held against its targets: as Markdown to read and JSON to compare."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from statistics import median
from typing import Optional, Sequence

MEGA = 1e6


@dataclasses.dataclass
class Turns:
    """The seconds that one runner took, turn by turn, for so many incidents.

    ``missing`` says why there are none.
    """

    name: str
    count: int
    seconds: list[float] = dataclasses.field(default_factory=list)
    missing: Optional[str] = None

    @property
    def a_million(self) -> float:
        """Seconds for a million incidents, at the median."""
        return median(self.seconds) / self.count * MEGA


@dataclasses.dataclass
class Race:
    """Ours against a peer: ``ours / peer`` a million is to be at most ``at_most``, or
    ``peer / ours`` at least ``at_least``."""

    title: str
    ours: Turns
    peer: Turns
    at_most: Optional[float] = None
    at_least: Optional[float] = None

    @property
    def ratio(self) -> Optional[float]:
        """None where one of the two could not run."""
        if not (self.ours.seconds and self.peer.seconds):
            return None
        share = self.ours.a_million / self.peer.a_million
        return share if self.at_least is None else 1.0 / share

    @property
    def target(self) -> str:
        return f"≤ {self.at_most:g}" if self.at_least is None else f"≥ {self.at_least:g}"

    @property
    def verdict(self) -> str:
        """ "met", "missed", or "not measured"."""
        if self.ratio is None:
            return "not measured"
        held = self.ratio <= self.at_most if self.at_least is None else self.ratio >= self.at_least
        return "met" if held else "missed"


@dataclasses.dataclass
class Step:
    """The kernel at one size, in a process of its own."""

    count: int
    seconds: Optional[float] = None
    peak_bytes: Optional[int] = None
    steps: Optional[dict] = None
    missing: Optional[str] = None


@dataclasses.dataclass
class Report:
    """All of one run. ``facts``: what ran where, by name; ``limits``: level within, and memory."""

    facts: dict[str, str]
    races: list[Race]
    scaling: list[Step]
    plain: list[Turns]
    level: float = 1.25
    most_bytes: float = 3e9

    def growth(self) -> Optional[float]:
        """At most so many times as much an incident costs among more than among fewer.

        Below 1 where it only gets cheaper, as what is made once is shared; None below two sizes.
        """
        done = [step for step in self.scaling if step.seconds is not None]
        each = [step.seconds / step.count for step in sorted(done, key=lambda step: step.count)]
        if len(each) < 2:
            return None
        return max(cost / min(each[:number]) for number, cost in enumerate(each) if number)

    def markdown(self) -> str:
        """The report to read."""
        lines = ["# Speed", "", *(f"- {name}: {value}" for name, value in self.facts.items()), ""]
        lines += ["## Against others", "", *_table(RACE_HEAD, map(_race_row, self.races)), ""]
        lines += ["## Growth of the kernel", "", *_table(STEP_HEAD, map(_step_row, self.scaling))]
        lines += ["", self._growth_words(), ""]
        if self.plain:
            lines += ["## By themselves", "", *_table(PLAIN_HEAD, map(_plain_row, self.plain)), ""]
        lines += ["## Every turn, in seconds", "", *self._turn_lines()]
        return "\n".join(lines) + "\n"

    def write(self, folder: Path) -> None:
        """``report.md`` and ``report.json`` in the folder."""
        (folder / "report.md").write_text(self.markdown(), encoding="utf-8")
        content = dataclasses.asdict(self)
        for race, asked in zip(content["races"], self.races):
            race.update(ratio=asked.ratio, verdict=asked.verdict)
        content["growth"] = self.growth()
        text = json.dumps(content, indent=1, ensure_ascii=False)
        (folder / "report.json").write_text(text + "\n", encoding="utf-8")

    def _growth_words(self) -> str:
        growth = self.growth()
        peaks = [step.peak_bytes for step in self.scaling if step.peak_bytes is not None]
        if growth is None:
            return "Growth: not measured."
        level = "met" if growth <= self.level else "missed"
        memory = "met" if max(peaks) < self.most_bytes else "missed"
        return (
            f"An incident among more costs at most {growth:.2f} times as much as among fewer "
            f"(level: ≤ {self.level:g}, {level}). Peak memory: {max(peaks) / 1e9:.2f} GB "
            f"(target: < {self.most_bytes / 1e9:g}, {memory})."
        )

    def _turn_lines(self) -> list[str]:
        turns = {id(t): t for race in self.races for t in (race.ours, race.peer)}
        lines = []
        for each in [*turns.values(), *self.plain]:
            told = ", ".join(f"{seconds:.2f}" for seconds in each.seconds)
            lines.append(f"- {each.name}, {each.count:,}: {told or each.missing}")
        return lines


RACE_HEAD = ("measured", "ours, s a million", "theirs, s a million", "ratio", "target", "")
STEP_HEAD = ("incidents", "seconds", "µs each", "peak memory, GB", "of which, s")
PLAIN_HEAD = ("measured", "count", "seconds", "a second")


def _race_row(race: Race) -> list[str]:
    ratio = "" if race.ratio is None else f"{race.ratio:.3g}"
    return [race.title, _pace(race.ours), _pace(race.peer), ratio, race.target, race.verdict]


def _pace(turns: Turns) -> str:
    if not turns.seconds:
        return f"missing: {turns.missing}"
    scaled = "" if turns.count == MEGA else f" (from {turns.count:,})"
    return f"{turns.a_million:.2f}{scaled}"


def _step_row(step: Step) -> list[str]:
    if step.seconds is None:
        return [f"{step.count:,}", f"missing: {step.missing}", "", "", ""]
    parts = ", ".join(f"{name} {seconds:.2f}" for name, seconds in (step.steps or {}).items())
    each = step.seconds / step.count * MEGA
    memory = f"{step.peak_bytes / 1e9:.2f}"
    return [f"{step.count:,}", f"{step.seconds:.2f}", f"{each:.2f}", memory, parts]


def _plain_row(turns: Turns) -> list[str]:
    if not turns.seconds:
        return [turns.name, f"{turns.count:,}", f"missing: {turns.missing}", ""]
    seconds = median(turns.seconds)
    return [turns.name, f"{turns.count:,}", f"{seconds:.2f}", f"{turns.count / seconds:,.0f}"]


def _table(head: Sequence[str], rows) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]
