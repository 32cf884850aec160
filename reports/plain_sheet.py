"""A sheet of headings, sentences and tables as one HTML file, for the screen and for paper."""

from __future__ import annotations

import html
from typing import Iterable, Sequence

# Old-fashioned on purpose: Qt's rich text, browsers and word processors all read it. Qt takes the
# size of a heading as a word alone.
_STYLE = """
body { font-family: "Noto Sans", "DejaVu Sans", Arial, sans-serif; font-size: 10pt; color: #1a1a1a; }
h1 { font-size: x-large; margin-top: 0px; margin-bottom: 4px; }
h2 { font-size: medium; margin-top: 18px; margin-bottom: 4px; }
p { margin-top: 3px; margin-bottom: 3px; }
p.level { font-weight: bold; }
p.small { font-size: 8.5pt; color: #555555; }
table { border-collapse: collapse; margin: 4pt 0 6pt 0; }
th { background-color: #e8ecf0; text-align: left; font-size: 9pt; }
td { font-size: 9pt; vertical-align: top; }
"""  # noqa: E501 - one rule a line
_PAGE = """<!DOCTYPE html>
<html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>
<style>{style}</style></head>
<body>
{body}
</body></html>
"""


class PlainSheet:
    """Collects the parts of a sheet in order; every text is escaped.

    ``level`` is the line above the title that says who may read the sheet.
    """

    def __init__(self, title: str, level: str, language: str = "en"):
        self.title, self.language = title, language
        self._parts = [f'<p class="level">{_text(level)}</p>', f"<h1>{_text(title)}</h1>"]

    def heading(self, words: str) -> None:
        """A heading within the sheet."""
        self._parts.append(f"<h2>{_text(words)}</h2>")

    def say(self, words: str, small: bool = False) -> None:
        """A sentence; small print for how to read the sheet."""
        kind = ' class="small"' if small else ""
        self._parts.append(f"<p{kind}>{_text(words)}</p>")

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """A table with its head; None is an empty cell, a whole or broken number stands right."""
        head = "".join(f"<th>{_text(name)}</th>" for name in columns)
        lines = [f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows]
        self._parts.append(
            '<table border="1" cellspacing="0" cellpadding="3" width="100%">'
            f"<thead><tr>{head}</tr></thead>\n<tbody>{chr(10).join(lines)}</tbody></table>"
        )

    def html(self) -> str:
        """The whole sheet."""
        return _PAGE.format(
            language=html.escape(self.language),
            title=_text(self.title),
            style=_STYLE,
            body="\n".join(self._parts),
        )


def _cell(value: object) -> str:
    right = ' align="right"' if isinstance(value, (int, float)) else ""
    return f"<td{right}>{_text('' if value is None else str(value)) or '&nbsp;'}</td>"


def _text(words: str) -> str:
    return html.escape(words).replace("\n", "<br>")
