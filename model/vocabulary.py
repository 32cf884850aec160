"""The code lists of ``resources/vocabularies``: codes, and their labels for people."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "vocabularies"


@functools.cache
def vocabulary(name: str) -> dict[str, dict[str, Any]]:
    """The codes of one list, in order: ``{code: {"label": {"en": …}, …}}``.

    Raises FileNotFoundError where no list has that name.
    """
    with (FOLDER / f"{name}.json").open(encoding="utf-8") as file:
        return json.load(file)["codes"]


def label(name: str, code: str | None, language: str = "en") -> str:
    """The label of a code in a language; the code itself where the list does not have it."""
    if code is None:
        return ""
    labels = vocabulary(name).get(code, {}).get("label", {})
    return labels.get(language) or labels.get("en") or code
