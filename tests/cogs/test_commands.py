"""Slash commands over the sandbox: what they answer, and to whom."""

import pytest

from patzta.sandbox.world import FRIEND
from tests.running import DIRECT

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def run(talk, person: str, name: str, **options) -> dict:
    return await talk.people.answer(await talk.people.command(person, DIRECT, name, options))


async def test_ping(talk) -> None:
    assert (await run(talk, "bara", "ping"))["content"] == "Pong."


@pytest.mark.parametrize(
    ("person", "command", "answer"),
    [
        ("cizinec", "ping", "This needs the level visible; yours is ignored."),
        ("bara", "shutdown", "This needs the level admin; yours is visible."),
        ("bara", "restart", "This needs the level admin; yours is visible."),
        ("bara", "asdf", "This needs the level admin; yours is visible."),
    ],
)
async def test_who_is_refused_reads_one_sentence_alone(talk, person, command, answer) -> None:
    direct = (await talk.people.open_dm(person, "patztabot22"))["id"]
    message = await talk.people.answer(await talk.people.command(person, direct, command))
    assert message["content"] == answer
    assert message["flags"] & 64, "ephemeral"


async def test_permissions_get(talk) -> None:
    mine = await run(talk, "bara", "permissions get", user="bara")
    assert mine["content"] == f"<@{FRIEND}> is **visible** (level in the config)."
    others = await run(talk, "bara", "permissions get", user="vilem")
    assert others["content"] == "Others' levels are shown from the level mod on; yours is visible."
    assert "**visible**" in (await run(talk, "vilem", "permissions get", user="bara"))["content"]
