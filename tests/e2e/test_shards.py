"""A bot in two shards: each hears of its own servers, they share a PostgreSQL database and a worker."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from patzta.framework.gate import DATABASE
from patzta.inference.contract import GENERATE
from patzta.permissions import Level
from patzta.sandbox.world import CAFE, OWNER, SANCTUARY, STRANGER
from patzta.settings import Settings, read_settings
from patzta.store import grants
from tests.running import DIRECT, Talk, connected
from tests.sandbox.server import SandboxProcess

pytestmark = pytest.mark.timeout(300)
CONFIG = """
[permissions]
saved =
    {owner} 4
[communication]
quiet = 0
[discord]
shard = {shard}
shards = 2
[database]
url = {url}
"""


def settings(folder: Path, shard: int, url: str, demo: Path) -> Settings:
    file = folder / f"{shard}.ini"
    file.write_text(CONFIG.format(owner=OWNER, shard=shard, url=url), encoding="utf-8")
    return read_settings(file, folder, demo)


async def started(stack: AsyncExitStack, folder: Path, url: str, demo: Path) -> tuple[Talk, Talk]:
    """The shard that hears of the sanctuary, then the other one."""
    sandbox = await stack.enter_async_context(SandboxProcess())
    both = [
        await stack.enter_async_context(connected(sandbox, settings(folder, shard, url, demo))) for shard in range(2)
    ]
    home = (int(SANCTUARY) >> 22) % 2
    return both[home], both[1 - home]


@pytest.mark.slow
async def test_two_shards_share_a_database_and_a_worker(postgres, demo, tmp_path) -> None:
    async with AsyncExitStack() as stack:
        home, cafe = await started(stack, tmp_path, postgres.new_database(), demo)
        assert [[str(guild.id) for guild in one.bot.guilds] for one in (home, cafe)] == [[SANCTUARY], [CAFE]]
        for one in (home, cafe):
            await one.bot.services.get(GENERATE).ready()
        assert len({one.bot.services.get(GENERATE).pid for one in (home, cafe)}) == 1

        at_home = await home.people.send("vilem", DIRECT, "ahoj")
        dm = (await home.people.open_dm("vilem", "patztabot22"))["id"]
        direct = await home.people.send("vilem", dm, "a tady?")
        first = home if home.bot.settings.shard == 0 else cafe
        await asyncio.gather(home.until_answered(at_home, 120), first.until_answered(direct, 120))
        other = cafe if first is home else home
        assert int(at_home["id"]) not in cafe.answered
        assert int(direct["id"]) not in other.answered

        async with home.bot.services.get(DATABASE).write() as session:
            await grants.save(session, int(STRANGER), Level.VISIBLE, int(OWNER))
        assert (await cafe.bot.gate.decide(int(STRANGER), Level.VISIBLE)).allowed


async def test_a_trusted_role_counts_on_the_other_shard_too(postgres, tmp_path, demo) -> None:
    async with AsyncExitStack() as stack:
        _, cafe = await started(stack, tmp_path, postgres.new_database(), demo)
        trusted = cafe.bot.trusted
        assert cafe.bot.get_guild(int(SANCTUARY)) is None
        membership = await trusted._ask(int(SANCTUARY), int(OWNER))
        assert membership.roles
        assert "admin" in membership.roles
        assert (await trusted._ask(1, int(OWNER))).roles is None
