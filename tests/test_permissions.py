"""Levels are pinned; the order of resolution and the rules for changes are the documented ones."""

import itertools

import pytest

from patzta.permissions import Level, Membership, Rules, Source, TrustedRole, authorize, why_not

RULES = Rules(
    Level.IGNORED,
    {1: Level.OWNER, 2: Level.MOD},
    (TrustedRole(9, "visible", Level.VISIBLE), TrustedRole(9, "77", Level.ADMIN), TrustedRole(8, "boss", Level.MOD)),
)
NONE, VISIBLE = frozenset[str](), frozenset({"visible"})


def test_the_numbers_of_levels_never_change() -> None:
    assert {level.title: int(level) for level in Level} == {
        "ignored": 0,
        "visible": 1,
        "mod": 2,
        "admin": 3,
        "owner": 4,
    }


@pytest.mark.parametrize(
    ("user", "grant", "roles", "level", "source"),
    [
        (1, None, NONE, Level.OWNER, Source.OWNER),
        (1, Level.IGNORED, VISIBLE, Level.OWNER, Source.OWNER),
        (2, None, NONE, Level.MOD, Source.SAVED),
        (2, Level.IGNORED, VISIBLE, Level.IGNORED, Source.GRANT),
        (2, None, frozenset({"77"}), Level.MOD, Source.SAVED),
        (3, None, NONE, Level.IGNORED, Source.DEFAULT),
        (3, Level.ADMIN, NONE, Level.ADMIN, Source.GRANT),
        (3, None, VISIBLE, Level.VISIBLE, Source.ROLE),
        (3, None, frozenset({"visible", "77"}), Level.ADMIN, Source.ROLE),
        (3, None, frozenset({"boss"}), Level.IGNORED, Source.DEFAULT),
        (3, Level.IGNORED, VISIBLE, Level.IGNORED, Source.GRANT),
        (3, None, None, Level.IGNORED, Source.DEFAULT),
    ],
)
def test_order_of_resolution(user, grant, roles, level, source) -> None:
    decision = authorize(user, Level.VISIBLE, RULES, grant, [Membership(9, roles)])
    assert (decision.level, decision.source) == (level, source)
    assert decision.allowed is (level >= Level.VISIBLE)
    assert decision.reason


def test_a_server_that_cannot_be_asked_counts_for_nothing_and_says_so() -> None:
    decision = authorize(3, Level.VISIBLE, RULES, None, [Membership(9, None, "Discord could not be asked")])
    assert decision.level is Level.IGNORED
    assert "Discord could not be asked on server 9" in decision.evidence


def test_the_evidence_names_every_rule() -> None:
    decision = authorize(3, Level.MOD, RULES, None, [Membership(9, VISIBLE), Membership(8, None)])
    assert decision.evidence == (
        "no owner in the config",
        "no grant",
        "no level in the config",
        "role visible on server 9: visible",
        "no role 77 on server 9",
        "no member on server 8",
        "default: ignored",
    )


@pytest.mark.parametrize(("actor", "before", "after"), [*itertools.product(Level, Level, Level)])
def test_only_users_below_change_and_only_to_levels_below(actor, before, after) -> None:
    allowed = before < actor and after < actor and Level.OWNER not in {before, after}
    assert (why_not(actor, before, after) is None) is allowed
