"""The text of a draft's file, or one sentence on why it cannot be read."""

from __future__ import annotations

from pathlib import Path

from ...model.errors import CeasefireError

LARGEST = 20_000_000


def text_of_draft(algorithm, path: Path) -> str:
    """The text of a file in UTF-8."""
    try:
        if path.stat().st_size > LARGEST:
            raise CeasefireError(
                algorithm.tr("“%1” is too large to be a draft.").replace("%1", path.name)
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CeasefireError(
            algorithm.tr(
                "“%1” is no UTF-8 text. Save the draft as plain text in UTF-8 (in a word "
                "processor: “Save as”, text)."
            ).replace("%1", path.name)
        ) from None
