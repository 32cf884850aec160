"""The documents say what the code does."""

from __future__ import annotations

import importlib.util
import re

from ceasefire_monitor.processing.base import ROOT


def test_the_page_of_algorithms_is_that_of_the_code(provider):
    spec = importlib.util.spec_from_file_location("pages", ROOT / "docs" / "make_algorithms.py")
    pages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pages)
    written = (ROOT / "docs" / "algorithms.md").read_text(encoding="utf-8")
    assert written == pages.page(provider.algorithms()), "run `make docs`"


def test_the_page_of_feeds_tells_of_every_source_as_it_is():
    from ceasefire_monitor.feeds.sources import SOURCES

    spec = importlib.util.spec_from_file_location("feed_pages", ROOT / "docs" / "make_feeds.py")
    pages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pages)
    written = (ROOT / "docs" / "feeds.md").read_text(encoding="utf-8")
    assert written == pages.page(written, SOURCES), "run `make docs`"
    assert all(f'<a id="{name}"></a>' in written for name in SOURCES)


def test_every_parameter_has_a_help_text(provider):
    without = [
        f"{algorithm.id()} {parameter.name()}"
        for algorithm in provider.algorithms()
        if not algorithm.id().endswith(("incidents_to_brief", "feeds_to_brief"))
        for parameter in algorithm.parameterDefinitions()
        if not parameter.help()
    ]
    assert without == []
    assert all(algorithm.shortHelpString().strip() for algorithm in provider.algorithms())


def test_every_link_between_the_documents_leads_somewhere():
    broken = []
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []
