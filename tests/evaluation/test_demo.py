"""The demo double beats what it is compared with, clear of chance."""

from pathlib import Path

import pytest

from patzta.evaluation.bootstrap import Interval
from patzta.evaluation.measure import Measured, measure

pytestmark = pytest.mark.timeout(1200)


@pytest.fixture(scope="module")
def measured(demo: Path) -> Measured:
    return measure(demo, demo.parents[1] / "datasets" / "demo")


def off_chance(found: Interval) -> tuple[float, float]:
    """The least and the largest distance from 0.5."""
    ends = abs(found.low - 0.5), abs(found.high - 0.5)
    return (0.0 if found.low < 0.5 < found.high else min(ends)), max(ends)


@pytest.mark.slow
@pytest.mark.parametrize("other", ["base", "prompted", "retrieval"])
def test_it_finds_the_real_reply_more_often(measured: Measured, other: str) -> None:
    assert measured.systems["double"]["hits_at_1"].low > measured.systems[other]["hits_at_1"].high


@pytest.mark.slow
@pytest.mark.parametrize("other", ["base", "prompted"])
def test_it_is_taken_for_the_person_and_hard_to_tell_apart(measured: Measured, other: str) -> None:
    double, beaten = measured.systems["double"], measured.systems[other]
    assert double["authorship_auc"].low > beaten["authorship_auc"].high
    assert off_chance(double["human_or_generated_auc"])[1] < off_chance(beaten["human_or_generated_auc"])[0]
    assert double["bits_per_character"].high < beaten["bits_per_character"].low


@pytest.mark.slow
def test_it_gives_away_nothing_that_only_others_told(measured: Measured) -> None:
    assert measured.privacy["copies"]["double"]["copied_others"]["value"] == 0
    assert measured.privacy["canaries"]["told_by_other"]["recovered"] == 0
    assert measured.privacy["placeholders"]["filled"] == 0
