"""HTTP for the feeds: one client with deadlines, limits, retries and no secret in its words."""
