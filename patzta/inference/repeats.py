"""Whether an answer goes round in circles."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST = 48
"""Tokens of a circle; longer ones are found by nobody who has to wait for them."""
TIMES, LEAST = 4, 24
"""How often a circle is run through, and how many tokens that is at least: "hahahaha" is no fault."""


def repeats(ids: Sequence[int]) -> bool:
    """Whether the end of ``ids`` is a stretch that stands there over and over."""
    return any(_circles(ids, period) for period in range(1, LONGEST + 1))


def _circles(ids: Sequence[int], period: int) -> bool:
    span = max(LEAST, TIMES * period)
    return len(ids) >= span and all(ids[-place] == ids[-place - period] for place in range(1, span - period + 1))
