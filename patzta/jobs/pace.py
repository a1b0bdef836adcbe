"""How often views of jobs are edited, and when people are told of a job."""

from __future__ import annotations

EDIT = 1.2
"""Seconds between edits in a channel; a little more than the one a second that Discord lets through for long."""
CALM, SLOW = 60.0, 5.0
"""A view that nobody has touched for the first is edited every so many seconds: the second."""
ASLEEP, SLOWEST = 600.0, 20.0
"""The same, for one that was left alone."""
TELL_AFTER = 60.0
"""Seconds that a job must have run for its end to be worth a ping."""
LOOK = 5.0
"""Seconds between looks for jobs that fell silent."""


def interval(quiet: float) -> float:
    """Seconds between two edits of a view that nobody has touched for ``quiet`` seconds."""
    return SLOWEST if quiet > ASLEEP else SLOW if quiet > CALM else EDIT
