"""The view ``current_findings``: of all findings, those that hold now."""

from __future__ import annotations

from string import Template

from ..model.tables import FINDINGS

# Whatever one assessment of a rule is about; see rulefindings.RuleSubject.
_OF_SITE = "incident_id IS NULL AND sighting_id IS NULL AND site_id IS NOT NULL"
_OF_ZONE = "incident_id IS NULL AND sighting_id IS NULL AND site_id IS NULL"
SUBJECT = (
    "agreement_id",
    "rule",
    "incident_id",
    "CASE WHEN incident_id IS NULL THEN sighting_id END",
    "CASE WHEN incident_id IS NULL AND sighting_id IS NULL THEN site_id END",
    f"CASE WHEN {_OF_ZONE} THEN zones END",
    f"CASE WHEN {_OF_ZONE} THEN party END",
    f"CASE WHEN ({_OF_SITE}) OR ({_OF_ZONE}) THEN period_from END",
)

_VIEW = Template(
    """CREATE VIEW current_findings AS
        SELECT fid AS OGC_FID, $columns FROM findings WHERE fid IN
            (SELECT max(fid) FROM findings WHERE flag IS NOT NULL GROUP BY incident_id)
        UNION ALL
        SELECT fid, $columns FROM (
            SELECT *, max(verdict IS NOT NULL) OVER (PARTITION BY $subject) AS holds FROM (
                SELECT *, first_value(assessed_at)
                    OVER (PARTITION BY $subject ORDER BY fid DESC) AS latest
                FROM findings WHERE rule IS NOT NULL)
            WHERE assessed_at IS latest)
        WHERE holds"""
)


def current_findings_sql() -> str:
    """The statement that makes the view.

    The latest flag of each incident, and of each rule and subject the findings of the latest
    assessment (they bear one moment), but for a rule that concerns the subject no more.
    """
    columns = ", ".join(f'"{name}"' for name in FINDINGS.names())
    return _VIEW.substitute(columns=columns, subject=", ".join(SUBJECT))
