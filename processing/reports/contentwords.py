"""The sentence of each line of what a brief will hold and lack."""

from __future__ import annotations

from qgis.PyQt.QtCore import QCoreApplication

# %1: how many, %2: out of how many, %3: whose.
SENTENCES = {
    "incidents": "Incidents in the brief: %1.",
    "own_observation": "%1 of %2 incidents are own observation.",
    "other_sources": "%1 of %2 incidents come from other sources; they are told apart.",
    "late": "Incidents from before the period that were recorded in it: %1.",
    "unreviewed": "%1 of %2 incidents are not reviewed yet.",
    "not_flagged": "%1 of %2 incidents were not held against the contact line yet.",
    "stale": "%1 of %2 incidents were changed after they were held against the line; flag again.",
    "not_located": "%1 of %2 incidents have no place.",
    "number_not_known": "Of %1 of %2 incidents it is not known how many events they were.",
    "uncertainty_not_known": "Of %1 of %2 incidents it is not known how exact the place is.",
    "origin_not_known": "Of %1 of %2 incidents it is not known whose word they are.",
    "refuted": "%1 of %2 incidents are refuted, and still in the brief.",
    "undated": "Incidents without a date, which no brief can count: %1.",
    "effort_not_known": "No observation effort is recorded: the brief cannot say nothing happened.",
    "days_not_observed": "On %1 of %2 days nobody could observe: %3.",
    "claims_nobody_could_observe": "Claims of a time when nobody could observe: %1.",
    "withdrawn": "%1 of %2 incidents of the period are withdrawn and left out.",
    "kept_out_by_source": "%1 of %2 incidents are kept out by the terms of their sources: %3.",
    "kept_out_by_level": "%1 of %2 incidents are kept out by the release level.",
    "not_in_annex": "The rows of %1 incidents may not be in the data annex, by their sources: %3.",
    "observers_points": "Incidents whose place is left out, as it is an observer's: %1.",
    "reasons_held_back": "Changes whose reasons are held back: %1.",
    "rules_not_checked": "%1 incidents were not held against the rules of “%3” as they stand now.",
    "feeds_not_in_step": "Feeds that are not in step: %3.",
    "revised_since_report": "Incidents changed or recorded late since the earlier report: %1.",
    "revised_since_start": "Incidents corrected, reviewed or withdrawn since the period began: %1.",
}
MOST_NAMES = 5


def sentence_of(content) -> str:
    """One line in a sentence, in the user's language; what is not known is said so."""
    return (
        _tr(SENTENCES[content.kind])
        .replace("%1", _number(content.count))
        .replace("%2", _number(content.of))
        .replace("%3", _names(content.names))
    )


def _number(count) -> str:
    return _tr("an unknown number") if count is None else f"{count:,}"


def _names(names: tuple) -> str:
    told = ", ".join(name or _tr("source not known") for name in names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return told if more <= 0 else told + _tr(" and %1 more").replace("%1", str(more))


def _tr(text: str) -> str:
    return QCoreApplication.translate("ContentWords", text)
