"""What the importer noticed: counted by kind while it runs, said in whole sentences at the end."""

from __future__ import annotations

from typing import Optional


class Notes:
    """Sentences, and counted observations about rows with the first few row numbers."""

    SHOWN = 8

    def __init__(self, sentences: Optional[list[str]] = None):
        self.sentences = list(sentences or [])
        self._rows: dict[str, list[int]] = {}
        self._counts: dict[str, int] = {}

    def say(self, sentence: str) -> None:
        """Add one sentence, once."""
        if sentence not in self.sentences:
            self.sentences.append(sentence)

    def row(self, what: str, row_number: int) -> None:
        """Count one row under ``what``, a clause such as ``the number could not be read``."""
        count = self._counts.get(what, 0) + 1
        self._counts[what] = count
        if count <= self.SHOWN:
            self._rows.setdefault(what, []).append(row_number)

    def all(self) -> list[str]:
        """Every sentence, the counted ones last."""
        counted = []
        for what, count in self._counts.items():
            shown = ", ".join(map(str, self._rows[what]))
            more = " …" if count > self.SHOWN else ""
            rows = "1 row" if count == 1 else f"{count:,} rows"
            label = "row" if count == 1 else "rows"
            counted.append(f"In {rows} {what} ({label} {shown}{more}).")
        return [*self.sentences, *counted]
