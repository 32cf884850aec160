"""What the parties allege, with its answer, and where observers were not let through."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import Optional

from .field import instant, text


@dataclasses.dataclass
class Claim:
    """What a party alleges: who, received when and how, what it says happened, and the answer.

    ``finding`` is what holding the claim against the observations gave; ``coverage`` is the
    observation of that place and hour in words, as it was when the finding was set. The point is
    the alleged place in degrees, None: not told. Times are aware datetimes in UTC, half-open.
    """

    claim_id: str = text("Claim", default="")
    party: Optional[str] = text("Party")
    received_at: Optional[datetime] = instant("Received at (UTC)")
    received_how: Optional[str] = text("Received how")
    original_text: Optional[str] = text("Original text")
    alleged_from: Optional[datetime] = instant("Alleged from (UTC)")
    alleged_to: Optional[datetime] = instant("Alleged to (UTC)")
    category: Optional[str] = text("Alleged category")
    weapon: Optional[str] = text("Alleged weapon")
    place: Optional[str] = text("Alleged place")
    incident_id: Optional[str] = text("Incident")
    due_at: Optional[datetime] = instant("Answer due at (UTC)")
    answered_at: Optional[datetime] = instant("Answered at (UTC)")
    response: Optional[str] = text("Response")
    finding: Optional[str] = text("Finding", default="under_review")
    coverage: Optional[str] = text("Observation of that hour")
    disputed_by: Optional[str] = text("Disputed by")
    sensitivity: Optional[str] = text("Sensitivity", default="restricted")
    longitude: Optional[float] = None
    latitude: Optional[float] = None


@dataclasses.dataclass
class Restriction:
    """A restriction of observers' access; the point is in degrees, None: not known.

    ``asset`` is what was restricted: a patrol, a UAV, a camera. Times are aware datetimes in UTC,
    half-open; what they leave open lasts.
    """

    restriction_id: str = text("Restriction", default="")
    restricted_from: Optional[datetime] = instant("From (UTC)")
    restricted_to: Optional[datetime] = instant("To (UTC)")
    kind: Optional[str] = text("Kind")
    post_id: Optional[str] = text("Post")
    asset: Optional[str] = text("Asset")
    place: Optional[str] = text("Place")
    cause: Optional[str] = text("Cause")
    stated_reason: Optional[str] = text("Stated reason")
    party: Optional[str] = text("Party in control of the place")
    description: Optional[str] = text("Description")
    sensitivity: Optional[str] = text("Sensitivity", default="restricted")
    longitude: Optional[float] = None
    latitude: Optional[float] = None
