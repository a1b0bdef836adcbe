"""Each message is answered exactly once: after an absence, over reconnects, and however often the bot is killed."""

import asyncio
import contextlib
import random
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from patzta.chat.patience import Patience
from patzta.chat.transcript import EndOfMessage, Text
from patzta.inference.contract import GENERATE
from patzta.sandbox.client import SandboxClient
from patzta.settings import ROOT
from tests.cogs.fake_model import FakeModel
from tests.running import DIRECT, eventually, talking
from tests.sandbox.server import SandboxProcess

MESSAGES = 200
KILLS = 10
QUICK = {"extensions": ("database",)}


@contextlib.asynccontextmanager
async def bot_on(sandbox: SandboxProcess, folder: Path, model: FakeModel, config: str = ""):
    async with talking(sandbox, folder, config, {GENERATE: model}, **QUICK) as talk:
        yield talk


async def said(people: SandboxClient, channel: str, after: str) -> list[str]:
    history = await people.messages("vilem" if channel != "dm" else "bara", channel, after=after, limit=100)
    return [message["content"] for message in history if message["author"].get("bot")]


async def test_what_came_while_it_was_away_is_answered_once(tmp_path) -> None:
    model = FakeModel()
    model.script = [Text("ok"), EndOfMessage()]
    async with SandboxProcess() as sandbox:
        async with bot_on(sandbox, tmp_path, model) as talk:
            dm = (await talk.people.open_dm("bara", "patztabot22"))["id"]
            await talk.ask("bara", dm, "první")
            me = talk.bot.user.id
        async with sandbox.client() as people:
            quiet = await people.send("bara", "random", "tohle není pro něj")
            away = {
                dm: [await people.send("bara", dm, text) for text in ("haló?", "jsi tam?")],
                DIRECT: [await people.send("vilem", DIRECT, "kde jsi?")],
                "general": [await people.send("bara", "general", f"<@{me}> co ty?")],
            }
        requests = len(model.requests)
        async with bot_on(sandbox, tmp_path, model) as talk:
            for messages in away.values():
                await talk.until_answered(messages[-1])
            for channel, messages in away.items():
                person = "bara" if channel == dm else "vilem"
                answers = await talk.said(person, channel, messages[0])
                assert [answer["content"] for answer in answers] == ["ok"], channel
            assert len(model.requests) - requests == 3, "a burst is one answer"
            assert not {int(quiet["id"])} & talk.answered
        requests = len(model.requests)
        async with bot_on(sandbox, tmp_path, model) as talk:
            await talk.ask("vilem", DIRECT, "a teď?")
            assert len(model.requests) - requests == 1


async def test_what_is_too_old_is_left_alone(tmp_path) -> None:
    model = FakeModel()
    model.script = [Text("ok"), EndOfMessage()]
    async with SandboxProcess() as sandbox:
        async with bot_on(sandbox, tmp_path, model) as talk:
            await talk.ask("vilem", DIRECT, "první")
        async with sandbox.client() as people:
            old = await people.send("vilem", DIRECT, "kde jsi?")
        config = "[permissions]\n[communication]\ncatch_up = 0\nquiet = 0\n"
        async with bot_on(sandbox, tmp_path, model, config) as talk:
            await talk.ask("bara", "direct", "ahoj")
            assert await talk.said("vilem", DIRECT, old) == []


async def test_after_the_hours_of_silence_it_answers_what_waits(tmp_path, monkeypatch) -> None:
    model = FakeModel()
    model.script = [Text("dobré ráno"), EndOfMessage()]
    async with SandboxProcess() as sandbox, bot_on(sandbox, tmp_path, model) as talk:
        cog = talk.bot.get_cog("Communication")
        monkeypatch.setattr(cog, "_is_silent", lambda: True)
        await cog._watch_silence.coro(cog)
        sent = await talk.people.send("vilem", DIRECT, "spíš?")
        marked = await talk.people.send("vilem", DIRECT, "! jen aby šel čas")
        await eventually(lambda: any(m.id == int(marked["id"]) for m in talk.bot.cached_messages))
        assert await talk.said("vilem", DIRECT, sent) == []
        monkeypatch.setattr(cog, "_is_silent", lambda: False)
        await cog._watch_silence.coro(cog)
        await talk.until_answered(sent)
        assert [message["content"] for message in await talk.said("vilem", DIRECT, sent)] == ["dobré ráno"]


@pytest.mark.parametrize("how", ["close", "reconnect", "invalid"])
async def test_a_reconnect_in_the_middle_of_an_answer_changes_nothing(tmp_path, how) -> None:
    model = FakeModel()
    model.script = [Text("jedna"), EndOfMessage(), Text("dvě"), EndOfMessage()]
    model.pause_after_first.clear()
    async with SandboxProcess() as sandbox, bot_on(sandbox, tmp_path, model) as talk:
        sent = await talk.people.send("vilem", DIRECT, "ahoj")
        await talk.people.wait_for_message(channel=DIRECT, contains="jedna")
        back = asyncio.Event()
        for event in ("on_resumed", "on_ready"):
            talk.bot.add_listener(_setting(back), event)
        await talk.people.drop("patztabot22", how)
        meanwhile = await talk.people.send("bara", "direct", "slyšíš?")
        model.pause_after_first.set()
        await talk.until_answered(sent)
        await asyncio.wait_for(back.wait(), 30)
        await talk.until_answered(meanwhile)
        assert [message["content"] for message in await talk.said("vilem", DIRECT, sent)] == ["jedna", "dvě"]
        assert len(await talk.said("bara", "direct", meanwhile)) == 2


def _setting(event: asyncio.Event):
    async def listener() -> None:
        event.set()

    return listener


async def test_two_people_in_one_channel_get_one_answer_each_burst(tmp_path) -> None:
    model = FakeModel()
    model.script = [Text("oběma"), EndOfMessage()]
    async with SandboxProcess() as sandbox, bot_on(sandbox, tmp_path, model) as talk:
        slow = replace(talk.bot.settings.communication, patience=Patience(0.5, 10))
        talk.bot.places._patience = slow.patience
        first = await talk.people.send("bara", DIRECT, "jdeš?")
        await talk.people.typing("bara", DIRECT)
        second = await talk.people.send("vilem", DIRECT, "já jdu")
        await talk.until_answered(first)
        await talk.until_answered(second)
        assert [message["content"] for message in await talk.said("bara", DIRECT, first)] == ["oběma"]
        (request,) = model.requests
        assert [(message.author, message.text) for message in request.conversation.messages[-2:]] == [
            ("Bára Tichá", "jdeš?"),
            ("Vilém Jestřáb", "já jdu"),
        ]


class Mortal:
    """A bot in a process that is killed again and again."""

    def __init__(self, sandbox: SandboxProcess, folder: Path) -> None:
        self._command = [sys.executable, "-m", "tests.e2e.echo_bot", sandbox.url, sandbox.gateway, sandbox.token()]
        self._folder = folder
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        with (self._folder / "log.txt").open("ab") as log:
            self._process = subprocess.Popen([*self._command, str(self._folder)], cwd=ROOT, stderr=log)

    def kill(self) -> None:
        assert self._process
        self._process.kill()
        self._process.wait()


async def write(people: SandboxClient, places: list[tuple[str, str, str]], dice: random.Random) -> None:
    for number in range(MESSAGES):
        person, channel, prefix = dice.choice(places)
        await people.send(person, channel, f"{prefix}m{number}")
        await asyncio.sleep(dice.random() * 0.15)


async def answered(people: SandboxClient, channels: list[tuple[str, str]]) -> Counter[str]:
    """How often each message was answered."""
    count: Counter[str] = Counter()
    for person, channel in channels:
        for message in await people.messages(person, channel, limit=500):
            if message["author"].get("bot"):
                count.update(re.findall(r"m\d+", message["content"]))
    return count


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_killed_at_any_moment_it_loses_and_doubles_nothing(tmp_path) -> None:
    dice = random.Random(22)
    async with SandboxProcess() as sandbox, sandbox.client() as people:
        me = sandbox.bots["patztabot22"]["id"]
        dms = {person: (await people.open_dm(person, "patztabot22"))["id"] for person in ("vilem", "bara")}
        places = [(person, dm, "") for person, dm in dms.items()]
        places += [(person, channel, "") for person in ("vilem", "bara") for channel in (DIRECT, "direct")]
        places += [("vilem", "general", f"<@{me}> "), ("bara", "random", f"<@{me}> ")]
        mortal = Mortal(sandbox, tmp_path)
        mortal.start()
        await people.wait_for(lambda event: event["type"] == "BOT_STATUS" and event["data"]["online"], 30)
        for person, dm in dms.items():
            # Bots do not learn of direct chats that they have never seen.
            await people.send(person, dm, "m9999")
            await people.wait_for_message(channel=dm, author="patztabot22", timeout=30)
        writing = asyncio.create_task(write(people, places, dice))
        for _ in range(KILLS):
            await asyncio.sleep(0.5 + dice.random() * 2)
            mortal.kill()
            mortal.start()
        await writing
        channels = [("vilem", dms["vilem"]), ("bara", dms["bara"])]
        channels += [("vilem", name) for name in (DIRECT, "direct", "general", "random")]
        wanted = {f"m{number}" for number in range(MESSAGES)}
        try:
            async with asyncio.timeout(60):
                while not wanted <= (await answered(people, channels)).keys():
                    await asyncio.sleep(0.2)
        except TimeoutError:
            pytest.fail(f"lost: {sorted(wanted - (await answered(people, channels)).keys())}")
        finally:
            mortal.kill()
        count = await answered(people, channels)
        assert {mark: number for mark, number in count.items() if number > 1 and mark in wanted} == {}
