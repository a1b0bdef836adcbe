"""shellbot on a real sandbox, with real jobs."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from patzta.framework.bot import Bot
from patzta.jobs.contract import JOBS, Job, JobService
from patzta.sandbox.client import SandboxClient
from patzta.sandbox.world import OWNER
from patzta.settings import Settings, read_shell_settings
from tests.jobs.conftest import end_marked
from tests.running import connected
from tests.sandbox.server import SandboxProcess

PLACE = "general"
BOT = ("--bot", "shellbot:a-token-of-the-sandbox")


@dataclass
class Shell:
    """The running bot, and the people around it."""

    bot: Bot
    people: SandboxClient
    place: str = PLACE

    @property
    def jobs(self) -> JobService:
        return self.bot.services.get(JOBS)

    async def command(self, path: str, person: str = "vilem", /, **options: Any) -> dict[str, Any]:
        """What a command answers at last."""
        interaction = await self.people.command(person, self.place, path, options)
        return await self.people.answer(interaction, 60)

    async def run(self, command: str, **options: Any) -> int:
        """Start a job by its command; its number."""
        answer = await self.command("job run", command=command, **options)
        assert "**" in answer["content"], answer["content"]
        return int(answer["content"].split("**")[1])

    async def view(self, number: int, within: float = 30) -> dict[str, Any]:
        """The message that shows a job."""

        async def found() -> list[dict[str, Any]]:
            messages = await self.people.messages("vilem", self.place)
            return [message for message in messages if f"**Job {number}**" in text(message)]

        return (await until_async(found, within))[-1]

    async def until_shown(self, number: int, what: str, within: float = 30) -> dict[str, Any]:
        """The view, once it says that."""

        async def shown() -> dict[str, Any] | None:
            message = await self.view(number)
            return message if what in text(message) else None

        return await until_async(shown, within)

    async def press(self, message: dict[str, Any], action: str, person: str = "vilem") -> str:
        """Press a button of a message; the interaction."""
        custom_id = next(one for one in custom_ids(message) if f":{action}:" in one)
        return await self.people.click(person, self.place, message["id"], custom_id)

    async def ended(self, number: int) -> Job:
        async def found() -> Job | None:
            job = await self.jobs.get(number)
            return job if job.status.final else None

        return await until_async(found, 60)


async def until_async(condition, within: float = 30):
    """Wait for what no event tells of; what it was at last."""
    found: list[Any] = []

    async def look() -> bool:
        found[:] = [await condition()]
        return bool(found[0])

    async with asyncio.timeout(within):
        while not await look():
            await asyncio.sleep(0.03)
    return found[0]


def parts(message: dict[str, Any]):
    """Every component of a message."""
    for part in message["components"]:
        yield part
        yield from parts(part) if "components" in part else ()


def text(message: dict[str, Any]) -> str:
    """All that a message says."""
    return message["content"] + "".join(part.get("content", "") for part in parts(message))


def custom_ids(message: dict[str, Any]) -> list[str]:
    """Of its buttons that can be pressed."""
    return [part["custom_id"] for part in parts(message) if part.get("custom_id") and not part.get("disabled")]


@pytest.fixture
def settings(tmp_path) -> Settings:
    file = tmp_path / "shellbot_config.ini"
    file.write_text(f"[permissions]\nadmins:\n    {OWNER}\n[jobs]\ngrace = 0.5\ncwd = {tmp_path}\n", encoding="utf-8")
    return read_shell_settings(file, tmp_path)


@pytest_asyncio.fixture
async def shell(tmp_path, settings, monkeypatch):
    monkeypatch.setattr("patzta.jobs.pace.EDIT", 0.05)
    async with (
        SandboxProcess("--bot", "shellbot:a-token-of-the-sandbox") as sandbox,
        connected(sandbox, settings) as talk,
    ):
        shell = Shell(talk.bot, talk.people)
        yield shell
        for job in await shell.jobs.page(None, 1000):
            if not job.status.final:
                await shell.jobs.kill(job.id, "test", now=True)
                await shell.ended(job.id)
    end_marked(tmp_path)
