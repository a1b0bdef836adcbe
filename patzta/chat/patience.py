"""How people are let finish before they are answered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: a burst is over ``quiet`` after its last message or sign of typing.

    ``longest`` after its first message it is answered all the same, and the answer is no longer interrupted.
    """

    quiet: float = 2.0
    longest: float = 15.0
