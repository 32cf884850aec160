"""A brief: its figures, words, charts, map layouts and data annex."""
