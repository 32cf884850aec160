"""Write docs/algorithms.md from the provider: every algorithm, parameter and output."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def page(algorithms) -> str:
    """The page, as Markdown."""
    lines = [
        "# All algorithms",
        "",
        "Written by `make docs` from the algorithms themselves. Ids are those of `qgis_process`.",
    ]
    for algorithm in sorted(algorithms, key=lambda item: (item.group(), item.name())):
        lines += ["", f'<a id="{algorithm.name()}"></a>', f"## {algorithm.id()}", ""]
        lines += [f"*{algorithm.displayName()}* ({algorithm.group()})", ""]
        lines += [
            algorithm.shortHelpString().strip(),
            "",
            "| parameter | what it is |",
            "|---|---|",
        ]
        for parameter in algorithm.parameterDefinitions():
            words = parameter.help() or parameter.description()
            lines.append(f"| `{parameter.name()}` | {one_line(words)}{default(parameter)} |")
        lines += ["", "| output | what it is |", "|---|---|"]
        for output in algorithm.outputDefinitions():
            lines.append(f"| `{output.name()}` | {one_line(output.description())} |")
    return "\n".join(lines) + "\n"


def one_line(words: str) -> str:
    """Words fit for a table's cell."""
    return " ".join(words.split()).replace("|", "\\|")


def default(parameter) -> str:
    """What stands if nothing is given."""
    value = parameter.defaultValue()
    if value in (None, "") or isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return f" Default: `{value}`."


def main() -> None:
    """Write the page."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from qgis.core import QgsApplication

    application = QgsApplication([], False)
    application.initQgis()
    spec = importlib.util.spec_from_file_location(
        "ceasefire_monitor", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    package = importlib.util.module_from_spec(spec)
    sys.modules["ceasefire_monitor"] = package
    spec.loader.exec_module(package)
    from ceasefire_monitor.processing.provider import CeasefireProvider

    provider = CeasefireProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    text = page(provider.algorithms())
    (ROOT / "docs" / "algorithms.md").write_text(text, encoding="utf-8")
    application.exitQgis()


if __name__ == "__main__":
    main()
