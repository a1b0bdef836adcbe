"""The schemas of gateway events find what would end a bot, and the log shows what bots were sent."""

import copy

import pytest

from patzta.sandbox.errors import ControlError
from tests.sandbox.server import events


@pytest.fixture
def checked(bot, people):
    """A message event as it was really sent, with the checker for changed copies of it."""

    async def last(name: str) -> dict:
        return copy.deepcopy((await people.dispatches(name, "patztabot22"))[-1])

    return last


async def test_a_sent_event_keeps_the_rules(checked, people):
    await people.send("vilem", "general", "ahoj")
    assert events().check(await checked("MESSAGE_CREATE")) == []


@pytest.mark.parametrize(
    ("key", "value"), [("guild_id", None), ("member", None), ("thread", None), ("id", 5), ("timestamp", "today")]
)
async def test_a_null_or_a_number_in_a_message_is_found(checked, people, key, value):
    await people.send("vilem", "general", "ahoj")
    line = await checked("MESSAGE_CREATE")
    line["data"][key] = value
    (problem, *_) = events().check(line)
    assert problem.startswith(f"MESSAGE_CREATE {key}: ")


async def test_what_is_missing_is_found(checked):
    line = await checked("GUILD_CREATE")
    del line["data"]["roles"][0]["permissions"], line["data"]["member_count"]
    problems = " ".join(events().check(line))
    assert "'member_count' is a required property" in problems
    assert "roles.0: 'permissions' is a required property" in problems


def test_an_event_without_a_schema_is_a_problem():
    assert events().check({"event": "NEWS", "data": {}}) == ["NEWS: no schema"]


async def test_requests_can_be_looked_up(bot, people):
    await bot.fetch_user(int((await people.snapshot())["people"][0]))
    (asked,) = await people.requests("GET", "/users/1000000000000000001")
    assert (asked["status"], asked["response"]["username"]) == (200, "vilem")
    assert await people.requests("GET", "/users/2") == []


async def test_a_refused_request_is_marked(bot, people):
    await people.plan_fault("/users/", status=429, times=1)
    await bot.fetch_user(1000000000000000001)
    tries = await people.requests("GET", "/users/1000000000000000001")
    assert [(one["status"], one["refused"]) for one in tries] == [(429, True), (200, False)]


async def test_the_clock_only_goes_forward(people):
    with pytest.raises(ControlError) as refused:
        await people.move_clock(-1)
    assert refused.value.code == 50035
