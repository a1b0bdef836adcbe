"""Levels are pinned; the order of resolution is the documented one."""

import pytest

from patzta.permissions import Level, Rules, authorize

RULES = Rules(Level.IGNORED, {1: Level.OWNER, 2: Level.MOD})


def test_the_numbers_of_levels_never_change() -> None:
    assert {level.title: int(level) for level in Level} == {
        "ignored": 0,
        "visible": 1,
        "mod": 2,
        "admin": 3,
        "owner": 4,
    }


@pytest.mark.parametrize(
    ("user", "grant", "level"),
    [
        (1, None, Level.OWNER),
        (1, Level.IGNORED, Level.OWNER),
        (2, None, Level.MOD),
        (2, Level.IGNORED, Level.IGNORED),
        (3, None, Level.IGNORED),
        (3, Level.ADMIN, Level.ADMIN),
    ],
)
def test_order_of_resolution(user: int, grant: Level | None, level: Level) -> None:
    decision = authorize(user, Level.VISIBLE, RULES, grant)
    assert decision.level is level
    assert decision.allowed is (level >= Level.VISIBLE)
    assert decision.reason
