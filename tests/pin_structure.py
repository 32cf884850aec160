"""Write the digests of the ledger's triggers and view into ``ledger/verify.py``.

The checker must run alone, so it cannot ask the code that makes them. After a trigger was changed::

    python tests/pin_structure.py
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN = "# PINNED: tests/pin_structure.py writes what follows.\n"
END = "# END OF PINNED.\n"


def pinned() -> str:
    """The constants of ``ledger/verify.py`` as the code says them now."""
    from ceasefire_monitor.ledger.findings_view import current_findings_sql
    from ceasefire_monitor.ledger.triggers import name_of, trigger_statements
    from ceasefire_monitor.ledger.verify import digest_of_triggers

    tables: dict = defaultdict(dict)
    for statement in trigger_statements():
        tables[_table_of(statement)][name_of(statement)] = statement
    lines = ["TRIGGERS: Dict[str, Tuple[str, str]] = {\n"]
    for table, statements in tables.items():
        short = [
            name[len(table) :] if name.startswith(table + "_") else name
            for name in sorted(statements)
        ]
        lines.append(f'    "{table}": (\n')
        rows = textwrap.wrap(" ".join(short), 86)
        lines += [f'        "{row} "\n' for row in rows[:-1]]
        lines.append(f'        "{rows[-1]}",\n')
        lines.append(f'        "{digest_of_triggers(statements)}",\n    ),\n')
    digest = digest_of_triggers({"current_findings": current_findings_sql()})
    return "".join([*lines, "}\n", f'CURRENT_FINDINGS = "{digest}"\n'])


def pinned_there() -> str:
    """The constants as they stand in ``ledger/verify.py``."""
    text = (ROOT / "ledger" / "verify.py").read_text(encoding="utf-8")
    return text[text.index(BEGIN) + len(BEGIN) : text.index(END)]


def _table_of(statement: str) -> str:
    """The table that a trigger is on: the first ON behind its event."""
    head = re.search(
        r"(?:INSERT|DELETE|UPDATE(?: OF [^()]*?)?) ON \"?(\w+)\"?", statement, re.DOTALL
    )
    return head[1]


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))
    import conftest  # noqa: F401 - loads the package as the tests do

    path = ROOT / "ledger" / "verify.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(pinned_there(), pinned()), encoding="utf-8")
