"""The help of a function as QGIS's expression dialog shows it."""

from __future__ import annotations

import dataclasses
from html import escape
from typing import Sequence

from qgis.PyQt.QtCore import QCoreApplication


@dataclasses.dataclass(frozen=True)
class FunctionHelp:
    """The words of one function. ``arguments`` are (name, help, optional), ``examples``
    (expression, what it gives)."""

    name: str
    about: str
    arguments: Sequence[tuple[str, str, bool]]
    examples: Sequence[tuple[str, str]]
    notes: str = ""

    def html(self) -> str:
        """The page, made of the classes that QGIS's own help pages have."""
        parts = [
            f"<h3>{_tr('function %1').replace('%1', self.name)}</h3>",
            f'<div class="description"><p>{escape(self.about)}</p></div>',
            f"<h4>{_tr('Syntax')}</h4>",
            f'<div class="syntax">{self._syntax()}</div>',
            f"<h4>{_tr('Arguments')}</h4>",
            f'<div class="arguments"><table>{self._rows()}</table></div>',
            f"<h4>{_tr('Examples')}</h4>",
            f'<div class="examples"><ul>{self._examples()}</ul></div>',
        ]
        if self.notes:
            parts += [
                f"<h4>{_tr('Notes')}</h4>",
                f'<div class="notes"><p>{escape(self.notes)}</p></div>',
            ]
        return "\n".join(parts)

    def _syntax(self) -> str:
        needed, optional = [], []
        for name, _, may_be_left_out in self.arguments:
            (optional if may_be_left_out else needed).append(
                f'<span class="argument">{escape(name)}</span>'
            )
        inside = ", ".join(needed) + "".join(f"[, {name}" for name in optional)
        inside += "]" * len(optional)
        return f'<code><span class="functionname">{self.name}</span>({inside})</code>'

    def _rows(self) -> str:
        return "".join(
            f'<tr><td class="argument">{escape(name)}</td><td>{escape(about)}</td></tr>'
            for name, about, _ in self.arguments
        )

    def _examples(self) -> str:
        return "".join(
            f"<li><code>{escape(expression)}</code> &rarr; <code>{escape(gives)}</code></li>"
            for expression, gives in self.examples
        )


def _tr(text: str) -> str:
    return QCoreApplication.translate("Expressions", text)
