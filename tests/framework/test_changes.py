"""Changing levels on a real database: no sequence of changes escalates, and the log tells exactly what happened."""

import asyncio
import random

import pytest

from patzta.framework import ChangeRefused
from patzta.framework.changes import Origin, change_level
from patzta.framework.gate import DATABASE, Gate
from patzta.permissions import Level, Membership, Rules, TrustedRole
from patzta.services import Services
from patzta.store import grants

OWNER, USERS = 1, range(1, 8)
RULES = Rules(Level.IGNORED, {OWNER: Level.OWNER, 2: Level.MOD}, (TrustedRole(9, "boss", Level.ADMIN),))
COMMAND = Origin("command")


class Roles:
    """Who has which roles on server 9."""

    def __init__(self, **held: str) -> None:
        self.held = {int(user.strip("u")): role for user, role in held.items()}

    async def __call__(self, user_id: int) -> list[Membership]:
        return [Membership(9, frozenset({self.held[user_id]} if user_id in self.held else ()))]


@pytest.fixture
def gate(database) -> Gate:
    services = Services()
    services.provide(DATABASE, database)
    return Gate(RULES, services, Roles(u3="boss"))


async def level(gate: Gate, user: int) -> Level:
    return (await gate.decide(user, Level.VISIBLE)).level


async def test_a_grant_wins_over_the_config_and_its_removal_brings_the_config_back(gate, database) -> None:
    assert await level(gate, 2) is Level.MOD
    assert await change_level(database, gate, OWNER, 2, Level.IGNORED, COMMAND) is Level.IGNORED
    assert await level(gate, 2) is Level.IGNORED
    assert await change_level(database, gate, OWNER, 2, None, COMMAND) is Level.MOD
    assert await level(gate, 2) is Level.MOD


async def test_a_role_counts_for_actor_and_subject(gate, database) -> None:
    assert await level(gate, 3) is Level.ADMIN
    await change_level(database, gate, 3, 5, Level.MOD, COMMAND)
    with pytest.raises(ChangeRefused, match="you are mod, they are admin"):
        await change_level(database, gate, 2, 3, Level.IGNORED, COMMAND)
    await change_level(database, gate, OWNER, 3, Level.IGNORED, COMMAND)
    assert await level(gate, 3) is Level.IGNORED, "a ban beats a role"


async def test_taking_a_grant_away_must_not_lift_somebody_to_the_actors_level(gate, database) -> None:
    await change_level(database, gate, OWNER, 3, Level.IGNORED, COMMAND)
    await change_level(database, gate, OWNER, 4, Level.ADMIN, COMMAND)
    with pytest.raises(ChangeRefused, match="that would be admin"):
        await change_level(database, gate, 4, 3, None, COMMAND)


@pytest.mark.parametrize("after", [Level.OWNER, Level.IGNORED, None])
async def test_owners_are_made_and_changed_by_nobody(gate, database, after) -> None:
    with pytest.raises(ChangeRefused, match="Owners stand in the config only"):
        await change_level(database, gate, OWNER, OWNER, after, COMMAND)
    with pytest.raises(ChangeRefused, match="Owners stand in the config only"):
        await change_level(database, gate, OWNER, 5, Level.OWNER, COMMAND)


async def test_where_and_through_what_is_logged_in_the_same_transaction(gate, database) -> None:
    await change_level(database, gate, OWNER, 5, Level.MOD, Origin("notice", 11, 12, 13))
    async with database.read() as session:
        (change,) = await grants.history(session, None, 10)
    assert (change.actor_id, change.actor_level, change.subject_id) == (OWNER, Level.OWNER, 5)
    assert (change.before, change.after, change.source) == (None, Level.MOD, "notice")
    assert (change.guild_id, change.channel_id, change.request_id) == (11, 12, 13)


@pytest.mark.parametrize("seed", range(8))
async def test_no_sequence_of_changes_escalates(gate, database, seed) -> None:
    """Whatever is tried by whom: nobody rises except by somebody above both ends of the step; the log replays."""
    dice = random.Random(seed)
    for _ in range(40):
        actor, subject = dice.choice(USERS), dice.choice(USERS)
        after = dice.choice([*Level, None])
        before = {user: await level(gate, user) for user in USERS}
        try:
            await change_level(database, gate, actor, subject, after, COMMAND)
        except ChangeRefused:
            assert before == {user: await level(gate, user) for user in USERS}
            continue
        now = {user: await level(gate, user) for user in USERS}
        assert {user for user in USERS if now[user] != before[user]} <= {subject}
        assert before[subject] < before[actor] > now[subject]
        assert actor != subject
    assert await level(gate, OWNER) is Level.OWNER
    async with database.read() as session:
        replayed: dict[int, Level] = {}
        for change in reversed(await grants.history(session, None, 1000)):
            assert replayed.get(change.subject_id) == change.before
            replayed.pop(change.subject_id, None)
            if change.after is not None:
                replayed[change.subject_id] = change.after
        assert replayed == await grants.everyone(session)


@pytest.mark.parametrize("_round", range(10))
async def test_two_admins_at_once_cannot_both_depose_the_other(gate, database, _round) -> None:
    """Each demotes the other to nothing: only one of them can still have been an admin."""
    await change_level(database, gate, OWNER, 5, Level.ADMIN, COMMAND)
    await change_level(database, gate, OWNER, 6, Level.MOD, COMMAND)
    attempts = [
        change_level(database, gate, OWNER, 5, Level.IGNORED, COMMAND),
        change_level(database, gate, 5, 6, Level.VISIBLE, COMMAND),
        change_level(database, gate, 5, 7, Level.MOD, COMMAND),
    ]
    await asyncio.gather(*attempts, return_exceptions=True)
    async with database.read() as session:
        changes = (await grants.history(session, None, 100))[::-1]
    deposed = next(number for number, change in enumerate(changes) if change.after is Level.IGNORED)
    assert all(change.actor_id != 5 for change in changes[deposed:]), "nothing by who is no admin any more"
