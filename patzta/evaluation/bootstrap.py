"""How sure a figure is: Efron & Tibshirani 1993, *An Introduction to the Bootstrap*, chapters 13 and 14."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

TIMES = 1000


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure and where it lies with 95 %."""

    value: float
    low: float
    high: float

    def as_json(self) -> dict[str, float]:
        """Rounded to five places."""
        return {name: round(number, 5) for name, number in asdict(self).items()}


def interval(sizes: Sequence[int], figure: Callable[..., float], *, shifted: bool = False, seed: int = 0) -> Interval:
    """``figure`` gets an array of indices for each of the samples, which have so many items.

    Percentiles of 1,000 draws. Distances and shares of distinct words grow or shrink by the drawing alone: ``shifted``
    moves the interval by how far the median of the draws is from the value, but not below zero.
    """
    rng = np.random.default_rng(seed)
    value = float(figure(*(np.arange(size) for size in sizes)))
    drawn = [float(figure(*(rng.integers(0, size, size) for size in sizes))) for _ in range(TIMES)]
    low, middle, high = np.percentile(drawn, [2.5, 50, 97.5])
    off = middle - value if shifted else 0.0
    least = 0.0 if shifted else -np.inf
    return Interval(value, float(min(value, max(least, low - off))), float(max(value, high - off)))


def mean(values: Sequence[float] | Any) -> Interval:
    """Of independent values."""
    array = np.asarray(values, dtype=float)

    def figure(drawn: Any) -> float:
        return float(array[drawn].mean())

    return interval([len(array)], figure)


def ratio(above: Sequence[float], below: Sequence[float]) -> Interval:
    """The sum of ``above`` over the sum of ``below``, drawn in pairs."""
    first, second = np.asarray(above, dtype=float), np.asarray(below, dtype=float)

    def figure(drawn: Any) -> float:
        return float(first[drawn].sum() / second[drawn].sum())

    return interval([len(first)], figure)


def auc(positive: Sequence[float] | Any, negative: Sequence[float] | Any) -> Interval:
    """How often one of ``positive`` is above one of ``negative``, a tie being half."""
    above, below = np.asarray(positive, dtype=float), np.asarray(negative, dtype=float)
    wins = (above[:, None] > below[None, :]) + 0.5 * (above[:, None] == below[None, :])

    def share(first: Any, second: Any) -> float:
        return float(wins[np.ix_(first, second)].mean())

    return interval([len(above), len(below)], share)
