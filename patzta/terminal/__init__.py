"""What a job's output looks like on a terminal, and how Discord can show that."""

HISTORY = 1000
"""Lines above a screen that can be scrolled to."""
