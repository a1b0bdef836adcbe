"""Whether an answer goes round in circles."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST = 48
"""Tokens of a circle; longer ones are found by nobody who has to wait for them."""
TIMES, LEAST = 4, 24
"""How often a circle is run through, and how many tokens that is at least: "hahahaha" is no fault."""
CHARACTERS = 4
"""About so many make a token, where only the text is known."""
READ_BACK = TIMES * LONGEST * CHARACTERS
"""Characters at the end of a text that ``text_repeats`` looks at."""


def repeats(ids: Sequence[int]) -> bool:
    """Whether the end of ``ids`` is a stretch that stands there over and over."""
    return any(_circles(ids, period, LEAST) for period in range(1, LONGEST + 1))


def text_repeats(text: str) -> bool:
    """The same for characters."""
    return any(_circles(text, period, LEAST * CHARACTERS) for period in range(1, LONGEST * CHARACTERS + 1))


def _circles(written: Sequence[object], period: int, least: int) -> bool:
    span = max(least, TIMES * period)
    there = range(1, span - period + 1)
    return len(written) >= span and all(written[-place] == written[-place - period] for place in there)
