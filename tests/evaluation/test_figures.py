"""Intervals, whose words they are, how they look: on texts of which the answer is known."""

import random

import numpy as np
import pytest

from patzta.evaluation import style
from patzta.evaluation.authorship import POOLS, Authorship, pooled, told_apart
from patzta.evaluation.bootstrap import auc, interval, mean, ratio

RNG = random.Random(0)
SHOUTS = [" ".join(RNG.choices(["NO WAY!!", "what??", "LOL", "stop!"], k=3)) for _ in range(60)]
WHISPERS = [" ".join(RNG.choices(["ok", "no tak jo", "hmm", "asi…"], k=3)) for _ in range(60)]
SHORT = [RNG.choice(["ano", "ne", "haha"]) for _ in range(200)]
SHORT_OTHERS = [RNG.choice(["ano", "ne", "hehe"]) for _ in range(200)]


def test_an_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    held = [mean(rng.random(60) < 0.3) for _ in range(100)]
    assert 85 <= sum(one.low <= 0.3 <= one.high for one in held) <= 100


def test_a_shifted_interval_lies_around_the_value_where_drawing_alone_makes_it_grow() -> None:
    def share(drawn: np.ndarray) -> float:
        return len(set(drawn.tolist())) / len(drawn)

    plain, shifted = (interval([50], share, shifted=shifted) for shifted in (False, True))
    assert plain.value == shifted.value == 1.0
    assert plain.low < 0.6
    assert shifted.low > 0.85


def test_a_ratio_is_of_the_sums() -> None:
    assert ratio([1, 3], [1, 1]).value == 2.0


def test_an_auc_counts_a_tie_as_half() -> None:
    assert auc([1, 2], [0, 0]).value == 1.0
    assert auc([1, 1], [1, 1]).value == 0.5
    assert auc([0, 2], [1, 1]).value == 0.5


def test_words_are_told_to_be_the_persons_or_not() -> None:
    author = Authorship(SHOUTS[:40], WHISPERS[:40])
    own, other = (author.measure(texts, WHISPERS[40:]) for texts in (SHOUTS[40:], WHISPERS[:20]))
    assert own and own.value == 1.0
    assert other and 0.3 < other.value < 0.7
    assert author.measure(SHOUTS[:3], WHISPERS) is None


def test_as_few_replies_are_pooled_as_tell_the_person_from_others() -> None:
    easy, hard = Authorship(SHOUTS, WHISPERS), Authorship(SHORT, SHORT_OTHERS)
    easy.choose_pool(SHOUTS, WHISPERS)
    hard.choose_pool(SHORT, SHORT_OTHERS)
    assert easy.pool == 1
    assert hard.pool in POOLS[1:]
    assert pooled(["a", "b", "c"], 2) == ["a\nb"]


def test_who_writes_like_the_person_is_not_told_apart() -> None:
    alike, other = told_apart(SHOUTS[:30], SHOUTS[30:]), told_apart(SHOUTS, WHISPERS)
    assert alike and alike.low < 0.5 < alike.high
    assert other and other.low > 0.95
    assert told_apart(SHOUTS[:5], WHISPERS) is None


def test_distances_are_none_from_oneself_and_grow_with_the_difference() -> None:
    one = [("ahoj", "jak je?"), ("ok 🙂",)] * 20
    two = [("To je dlouhá věta, která nekončí.",)] * 40
    same, other = style.distances(one, one), style.distances(two, one)
    assert all(found.value == pytest.approx(0, abs=1e-4) for found in same.values())
    assert all(found.low >= 0 for found in style.distances(two[:5] + one, one).values())
    assert other["length_distance"].value > 20
    assert other["burst_distance"].value == pytest.approx(0.5)
    assert other["emoji_distance"].value == pytest.approx(0.5)
    assert other["punctuation_distance"].low > 0.3


def test_pauses_are_compared_by_their_logarithms() -> None:
    found = style.pauses([10.0] * 30, [100.0] * 30)
    assert found and found.value == pytest.approx(1.0)
    assert style.pauses([], [1.0]) is None


def test_saying_always_the_same_is_seen() -> None:
    assert style.distinct([("ano",)] * 50, 1).value == pytest.approx(0.02)
    assert style.distinct([("a b",), ("c d",)], 2).value == 1.0


def test_chrf_is_an_alarm_for_what_is_known_by_heart() -> None:
    real = [("přijdu zítra v pět",), ("to je fakt dobrý",)]
    assert style.chrf(real, real).value == pytest.approx(100)
    assert style.chrf(real[::-1], real).value < 30
