"""/permissions over the sandbox, roles on a trusted server, and strangers."""

import asyncio
from dataclasses import replace

import discord
import pytest
import pytest_asyncio

from cogs.permissions._strangers import Verdict
from patzta.chat.transcript import EndOfMessage, Text
from patzta.framework.gate import DATABASE
from patzta.permissions import Level, Rules, TrustedRole
from patzta.sandbox.world import FRIEND, OWNER, ROLE_VISIBLE, SANCTUARY, STRANGER
from patzta.store import StoreUnavailable, grants, refusals
from patzta.store.tables import GrantRow, PermissionEventRow, StrangerRow
from tests.cogs.test_commands import run
from tests.running import DIRECT

pytestmark = pytest.mark.asyncio(loop_scope="package")

ANSWER = [Text("čau"), EndOfMessage()]


@pytest_asyncio.fixture(loop_scope="package", autouse=True)
async def clean(talk):
    """Nobody has a grant, nobody was noticed."""
    async with talk.bot.services.get(DATABASE).write() as session:
        for table in (GrantRow, PermissionEventRow, StrangerRow):
            await session.execute(table.__table__.delete())


@pytest.fixture
def trusting(talk, monkeypatch):
    """Holders of the role "visible" on the seeded server are visible; nobody but the owner has a level of their own."""
    rules = Rules(Level.IGNORED, {int(OWNER): Level.OWNER}, (TrustedRole(int(SANCTUARY), "visible", Level.VISIBLE),))
    monkeypatch.setattr(talk.bot.gate, "rules", rules)
    monkeypatch.setattr(talk.bot.trusted, "_guilds", (int(SANCTUARY),))
    monkeypatch.setattr(talk.bot.trusted, "ttl", 0)


async def said(talk, person: str, command: str, /, **options) -> str:
    return (await run(talk, person, f"permissions {command}", **options))["content"]


async def in_private(talk, person: str, command: str, /, **options) -> str:
    """Where Discord offers everybody every command."""
    direct = (await talk.people.open_dm(person, "patztabot22"))["id"]
    return (await talk.people.answer(await talk.people.command(person, direct, f"permissions {command}", options)))[
        "content"
    ]


async def test_set_and_get(talk) -> None:
    assert await said(talk, "vilem", "set", user="bara", level="mod") == (
        f"<@{FRIEND}> is **mod** now (granted, was visible)."
    )
    assert await said(talk, "bara", "get", user="bara") == f"<@{FRIEND}> is **mod** (granted)."
    assert await said(talk, "vilem", "set", user="bara", level="default") == (
        f"<@{FRIEND}> is **visible** now (back to what the config says, was mod)."
    )
    assert await said(talk, "vilem", "set", user="bara", level="2") == (
        f"<@{FRIEND}> is **mod** now (granted, was visible)."
    )
    assert "'boss' is no level; there are 0 (ignored), 1 (visible)" in await said(
        talk, "vilem", "set", user="bara", level="boss"
    )


async def test_a_mod_changes_only_users_below(talk) -> None:
    await said(talk, "vilem", "set", user="bara", level="mod")
    assert "is **visible** now" in await said(talk, "bara", "set", user="cizinec", level="visible")
    assert await said(talk, "bara", "set", user="cizinec", level="mod") == (
        "You can give only levels below your own: you are mod, that would be mod."
    )
    assert await said(talk, "bara", "set", user="bara", level="admin") == (
        "You can change only users below you: you are mod, they are mod."
    )
    assert "Owners stand in the config only" in await said(talk, "bara", "set", user="vilem", level="ignored")
    async with talk.bot.services.get(DATABASE).read() as session:
        counted = await refusals.counted(session, int(FRIEND))
    assert sum(count for (_, action), count in counted.items() if action == "permissions set") >= 3


@pytest.mark.parametrize(
    ("level", "user", "typed", "offered"),
    [
        ("admin", "cizinec", "", ["ignored", "visible", "mod", "default"]),
        ("mod", "cizinec", "", ["ignored", "visible", "default"]),
        ("mod", "cizinec", "vi", ["visible"]),
        ("mod", "vilem", "", []),
        ("mod", "bara", "", []),
        ("visible", "cizinec", "", []),
    ],
)
async def test_only_what_this_actor_may_set_for_this_user_is_offered(talk, level, user, typed, offered) -> None:
    await said(talk, "vilem", "set", user="bara", level=level)
    direct = (await talk.people.open_dm("bara", "patztabot22"))["id"]
    choices = await talk.people.autocomplete("bara", direct, "permissions set", "level", {"user": user, "level": typed})
    assert [choice["value"] for choice in choices] == offered


async def test_explain(talk) -> None:
    text = await said(talk, "vilem", "explain", user="bara", command="restart")
    assert f"<@{FRIEND}> is **visible** (level in the config)." in text
    assert "They may not use `/restart`, which needs admin." in text
    assert "- no owner in the config\n- no grant\n- level in the config: visible\n" in text
    assert "There is no command /xyz" in await said(talk, "vilem", "explain", user="bara", command="xyz")
    assert "Others' levels are shown from the level mod on" in await said(talk, "bara", "explain", user="vilem")
    offered = await talk.people.autocomplete(
        "vilem", DIRECT, "permissions explain", "command", {"command": "permissions s"}
    )
    assert [choice["value"] for choice in offered] == ["permissions set"]


async def test_history(talk) -> None:
    assert await said(talk, "vilem", "history") == "No level has been changed yet."
    await said(talk, "vilem", "set", user="bara", level="mod")
    await said(talk, "bara", "set", user="cizinec", level="visible")
    newest, first = (await said(talk, "vilem", "history")).splitlines()
    assert newest.endswith(f"<@{FRIEND}> (mod) changed <@{STRANGER}>: no grant → **visible**")
    assert first.endswith(f"<@{OWNER}> (owner) changed <@{FRIEND}>: no grant → **mod**")
    assert first.startswith("<t:")
    assert (await said(talk, "vilem", "history", user="cizinec")).splitlines() == [newest]
    assert "needs the level admin; yours is mod" in await in_private(talk, "bara", "history")


async def test_list_fits_into_a_message(talk) -> None:
    text = await said(talk, "vilem", "list")
    assert f"**owner**: <@{OWNER}> (config)" in text
    assert f"**visible**: <@{FRIEND}> (config)" in text
    async with talk.bot.services.get(DATABASE).write() as session:
        for user in range(200):
            await grants.save(session, 10**17 + user, Level.MOD, by=1)
    text = await said(talk, "vilem", "list")
    assert len(text) <= 2000
    shown = text.count("<@")
    assert text.endswith(f"… and {202 - shown} more.")


async def test_a_role_on_a_trusted_server_makes_visible_until_it_is_taken_away(talk, model, trusting) -> None:
    model.script = ANSWER
    assert await talk.ask("bara", DIRECT, "ahoj")
    direct = (await talk.people.open_dm("bara", "patztabot22"))["id"]
    assert await talk.ask("bara", direct, "ahoj i tady"), "also where there is no server"
    assert f"(role visible on server {SANCTUARY})" in await in_private(talk, "bara", "get", user="bara")
    await talk.people.set_roles("vilem", SANCTUARY, "bara", [])
    try:
        assert "yours is ignored" in await in_private(talk, "bara", "get", user="bara")
    finally:
        await talk.people.set_roles("vilem", SANCTUARY, "bara", [ROLE_VISIBLE])
    assert "is **visible**" in await in_private(talk, "bara", "get", user="bara")


async def test_roles_are_asked_for_once_within_the_ttl(talk, trusting, monkeypatch) -> None:
    monkeypatch.setattr(talk.bot.trusted, "ttl", 60)
    talk.bot.trusted._known.clear()
    await in_private(talk, "bara", "get", user="bara")
    await talk.people.set_roles("vilem", SANCTUARY, "bara", [])
    try:
        assert "is **visible**" in await in_private(talk, "bara", "get", user="bara")
        monkeypatch.setattr(talk.bot.trusted, "ttl", 0)
        assert "yours is ignored" in await in_private(talk, "bara", "get", user="bara")
    finally:
        await talk.people.set_roles("vilem", SANCTUARY, "bara", [ROLE_VISIBLE])


async def test_a_ban_beats_a_role(talk, model, trusting) -> None:
    await said(talk, "vilem", "set", user="bara", level="ignored")
    assert "yours is ignored" in await in_private(talk, "bara", "get", user="bara")


async def test_a_server_that_is_unknown_gives_nothing_and_is_named(talk, trusting, monkeypatch) -> None:
    rules = Rules(Level.IGNORED, {int(OWNER): Level.OWNER}, (TrustedRole(404, "visible", Level.VISIBLE),))
    monkeypatch.setattr(talk.bot.gate, "rules", rules)
    monkeypatch.setattr(talk.bot.trusted, "_guilds", (404,))
    text = await said(talk, "vilem", "explain", user="bara")
    assert "is **ignored** (default)" in text
    assert "the bot is not, or not yet, there: on server 404" in text


async def test_being_an_administrator_of_a_server_gives_nothing(talk, trusting) -> None:
    await talk.people.set_roles("vilem", SANCTUARY, "cizinec", ["admin"])
    try:
        message = await run(talk, "cizinec", "restart")
        assert message["content"] == "This needs the level admin; yours is ignored."
    finally:
        await talk.people.set_roles("vilem", SANCTUARY, "cizinec", [])


async def notices(talk) -> list[dict]:
    direct = (await talk.people.open_dm("vilem", "patztabot22"))["id"]
    history = await talk.people.messages("vilem", direct)
    return [
        message
        for message in history
        if "wrote to me" in message["content"] or "chat with me now" in message["content"]
    ]


async def noticed(talk, count: int) -> list[dict]:
    async with asyncio.timeout(10):
        while len(found := await notices(talk)) < count:
            await asyncio.sleep(0.02)
    return found


async def test_the_owner_is_told_once_of_a_stranger_and_lets_them_in(talk, model) -> None:
    model.script = ANSWER
    before = len(await notices(talk))
    await asyncio.gather(*(talk.people.send("cizinec", DIRECT, f"pusťte mě {number}") for number in range(3)))
    (notice,) = (await noticed(talk, before + 1))[before:]
    assert f"<@{STRANGER}> (cizinec) wrote to me in Sanctuary" in notice["content"]
    assert "pusťte" not in notice["content"]
    await talk.people.click("vilem", notice["channel_id"], notice["id"], f"stranger:allow:{STRANGER}")
    async with asyncio.timeout(10):
        while "may chat with me now" not in (await notices(talk))[before]["content"]:
            await asyncio.sleep(0.02)
    (notice,) = (await notices(talk))[before:]
    assert not notice["components"]
    assert await talk.ask("cizinec", DIRECT, "díky")
    async with talk.bot.services.get(DATABASE).read() as session:
        (change,) = await grants.history(session, None, 10)
    assert (change.source, change.after) == ("notice", Level.VISIBLE)


async def test_no_notice_of_who_is_ignored_by_hand_or_when_it_is_switched_off(talk, monkeypatch) -> None:
    before = len(await notices(talk))
    await said(talk, "vilem", "set", user="cizinec", level="ignored")
    await talk.people.send("cizinec", DIRECT, "a teď?")
    await said(talk, "vilem", "set", user="cizinec", level="default")
    monkeypatch.setattr(talk.bot, "settings", replace(talk.bot.settings, notice=False))
    await talk.people.send("cizinec", DIRECT, "a teď?")
    await talk.ask("vilem", DIRECT, "kdo to byl?")
    assert len(await notices(talk)) == before
    async with talk.bot.services.get(DATABASE).read() as session:
        assert await session.get(StrangerRow, int(STRANGER)) is None


async def test_a_denied_button_is_one_ephemeral_sentence(talk) -> None:
    """The friend finds the owner's buttons copied into a channel: she may not press them."""
    view = discord.ui.View(timeout=None)
    view.add_item(Verdict("allow", int(STRANGER)))
    channel = discord.utils.get(talk.bot.get_all_channels(), name=DIRECT, type=discord.ChannelType.text)
    message = await channel.send("buttons", view=view)
    clicked = await talk.people.click("bara", str(channel.id), str(message.id), f"stranger:allow:{STRANGER}")
    answer = await talk.people.answer(clicked)
    assert answer["content"] == "This needs the level admin; yours is visible."
    assert answer["flags"] & 64


async def test_whatever_an_ignored_user_does_gets_silence(talk, model, monkeypatch) -> None:
    model.script = ANSWER
    monkeypatch.setattr(talk.bot, "settings", replace(talk.bot.settings, notice=False))
    direct = (await talk.people.open_dm("cizinec", "patztabot22"))["id"]
    mine = await talk.ask("vilem", DIRECT, "ahoj")
    mark = talk.people.mark()
    for channel in (DIRECT, direct, "direct"):
        sent = await talk.people.send("cizinec", channel, "haló?")
        await talk.people.edit("cizinec", channel, sent["id"], "haló!")
        await talk.people.react("cizinec", channel, sent["id"], "👋")
    await talk.people.send("cizinec", "random", f"<@{talk.bot.user.id}> jsi tam?")
    await talk.people.send("cizinec", DIRECT, f"<@{talk.bot.user.id}> ping")
    await talk.people.react("cizinec", DIRECT, mine[0]["id"], "👍")
    await talk.ask("vilem", "patztabot22-direct-english", "kdo to byl?")
    by_bot = [
        event["message"]["channel_id"]
        for event in talk.people.seen[mark:]
        if event["type"] == "MESSAGE_CREATE" and event["message"]["author"]["username"] == "patztabot22"
    ]
    english = await talk.people.channel("patztabot22-direct-english")
    assert by_bot == [english["id"]], "only the owner was answered"


async def test_a_store_that_fails_lets_nobody_in(talk, monkeypatch) -> None:
    async def broken(user_id, needed):
        raise StoreUnavailable("the disk is gone")

    monkeypatch.setattr(talk.bot.gate, "decide", broken)
    answer = await run(talk, "vilem", "ping")
    assert answer["content"].startswith("Sorry, this went wrong")
