"""Write the table of sources in docs/feeds.md from the sources themselves."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "feeds.md"
BEGIN, END = "<!-- sources: written by `make docs` -->", "<!-- end of sources -->"
CREDENTIALS = {
    "none": "none",
    "token": "a token (header)",
    "basic": "user name and password (HTTP Basic)",
    "login": "user name and password (log-in)",
    "key": "a key",
}


def page(text: str, sources) -> str:
    """The page's text with its part on sources written anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{part(sources)}\n{END}{after}"


def part(sources) -> str:
    """The table of sources, and the options of each."""
    lines = ["| source | what | credentials | preset | every | may be handed on |"]
    lines.append("|---|---|---|---|---|---|")
    for name in sources:
        one = sources[name]
        known = ", or ".join(CREDENTIALS[kind] for kind in one.credentials)
        lines.append(
            f"| [`{name}`](#{name}) | {one.title} | {known} | `{one.preset}` | "
            f"{interval(one.interval_minutes)} | {one.redistribution} |"
        )
    for name in sources:
        lines += section(name, sources[name])
    return "\n".join(lines)


def section(name: str, source) -> list[str]:
    """One source: help, address, how it wants to be named, and its options."""
    lines = ["", f'<a id="{name}"></a>', f"### {name}: {source.title}", "", source.help.strip(), ""]
    if source.address:
        lines += [f"Address, where none is given: `{source.address}`", ""]
    if source.attribution:
        lines += [f"Name it as: {source.attribution}", ""]
    if not source.options:
        return [*lines, "It has no options."]
    lines += ["| option | what it is |", "|---|---|"]
    for option in source.options:
        lines.append(f"| `{option.name}` | {words_of(option)} |")
    return lines


def words_of(option) -> str:
    """An option in one cell: title, kind, choices, help and default."""
    kind = "" if option.kind == "text" else f" ({option.kind})"
    words = f"{option.title}{kind}."
    if option.required:
        words += " Needed."
    if option.choices:
        words += f" One of {', '.join(f'`{one}`' for one in option.choices)}."
    words += f" {option.help}" if option.help else ""
    if option.default not in (None, ""):
        words += f" Default: `{option.default}`."
    return " ".join(words.split()).replace("|", "\\|")


def interval(minutes: int) -> str:
    """An interval in the largest unit that is whole."""
    for size, one, many in ((1440, "day", "days"), (60, "hour", "hours")):
        if minutes % size == 0:
            number = minutes // size
            return one if number == 1 else f"{number} {many}"
    return f"{minutes} min"


def main() -> None:
    """Write the page."""
    spec = importlib.util.spec_from_file_location(
        "ceasefire_monitor", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    package = importlib.util.module_from_spec(spec)
    sys.modules["ceasefire_monitor"] = package
    spec.loader.exec_module(package)
    from ceasefire_monitor.feeds.sources import SOURCES

    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), SOURCES), encoding="utf-8")


if __name__ == "__main__":
    main()
