"""How the form of the answers differs from the person's: 0 is the same."""

# scipy and sacrebleu are typed in part only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import chain
from math import log10
from typing import Any

import numpy as np
from sacrebleu.metrics.chrf import CHRF
from scipy.spatial.distance import jensenshannon
from scipy.stats import wasserstein_distance

from patzta.dataset.statistics import EMOJI
from patzta.evaluation.bootstrap import Interval, interval, mean

Burst = tuple[str, ...]
_MARKS = ".,!?…:;-–()\"'*/"


def distances(written: Sequence[Burst], human: Sequence[Burst]) -> dict[str, Interval]:
    """Wasserstein distances in characters of a message, messages of a burst and emoji of a burst; Jensen-Shannon
    distance (base 2, 0 to 1) of the marks that messages hold and end with.
    """
    return {
        "length_distance": _far(written, human, _lengths),
        "burst_distance": _far(written, human, _size),
        "emoji_distance": _far(written, human, _emoji),
        "punctuation_distance": _punctuation(written, human),
    }


def pauses(seconds: Sequence[float], human: Sequence[float]) -> Interval | None:
    """Wasserstein distance of the decadic logarithms of the seconds until a reply."""
    if not seconds or not human:
        return None
    first, second = (np.array([log10(max(1.0, value)) for value in values]) for values in (seconds, human))

    def distance(one: Any, two: Any) -> float:
        return float(wasserstein_distance(first[one], second[two]))

    return interval([len(first), len(second)], distance, shifted=True)


def distinct(written: Sequence[Burst], size: int) -> Interval:
    """Different word n-grams of this size among all of them; Li et al. 2016, https://arxiv.org/abs/1510.03055."""
    grams = [_grams(" ".join(burst).lower().split(), size) for burst in written]

    def share(drawn: Any) -> float:
        found = list(chain.from_iterable(grams[place] for place in drawn))
        return len(set(found)) / max(1, len(found))

    return interval([len(grams)], share, shifted=True)


def chrf(written: Sequence[Burst], human: Sequence[Burst]) -> Interval:
    """Mean chrF (Popović 2015, https://aclanthology.org/W15-3049) of answers to what was really answered, 0 to 100.

    Far above what other replies of the person get, it is an alarm: the answers are known by heart.
    """
    metric = CHRF()
    return mean(
        [metric.sentence_score("\n".join(one), ["\n".join(two)]).score for one, two in zip(written, human, strict=True)]
    )


def _lengths(burst: Burst) -> list[int]:
    return [len(text) for text in burst]


def _size(burst: Burst) -> list[int]:
    return [len(burst)]


def _emoji(burst: Burst) -> list[int]:
    return [len(EMOJI.findall(" ".join(burst)))]


def _far(written: Sequence[Burst], human: Sequence[Burst], measure: Callable[[Burst], list[int]]) -> Interval:
    first, second = ([measure(burst) for burst in bursts] for bursts in (written, human))

    def distance(one: Any, two: Any) -> float:
        return float(wasserstein_distance(_all(first, one), _all(second, two)))

    return interval([len(first), len(second)], distance, shifted=True)


def _all(values: Sequence[Sequence[float]], drawn: Any) -> list[float]:
    return list(chain.from_iterable(values[place] for place in drawn)) or [0.0]


def _punctuation(written: Sequence[Burst], human: Sequence[Burst]) -> Interval:
    first, second = (np.array([_marks(burst) for burst in bursts]) for bursts in (written, human))

    def distance(one: Any, two: Any) -> float:
        return float(jensenshannon(first[one].sum(0) + 1e-9, second[two].sum(0) + 1e-9, 2))

    return interval([len(first), len(second)], distance, shifted=True)


def _marks(burst: Burst) -> list[int]:
    """How often each mark is used, and what the messages end with: a letter, a mark, anything else."""
    counts = Counter("".join(burst))
    ends = Counter(_ending(text) for text in burst)
    return [*(counts[mark] for mark in _MARKS), *(ends[kind] for kind in ("word", "mark", "other"))]


def _ending(text: str) -> str:
    if re.search(r"\w$", text):
        return "word"
    return "mark" if text.endswith(tuple(_MARKS)) else "other"


def _grams(words: Sequence[str], size: int) -> list[tuple[str, ...]]:
    return [tuple(words[start : start + size]) for start in range(len(words) - size + 1)]
