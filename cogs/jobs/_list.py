"""Pages of the list of jobs."""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from cogs.jobs import _texts
from patzta.framework.bot import Bot
from patzta.framework.gate import requires
from patzta.jobs.contract import JOBS, JobService, Status
from patzta.permissions import Level

LENGTH = 12
TEMPLATE = r"jobs:(?P<label>newest|older):(?P<before>\d*):(?P<status>\w*)"


@requires(Level.OWNER)
class Page(discord.ui.DynamicItem[discord.ui.Button[Any]], template=TEMPLATE):
    """A button that turns to another page."""

    def __init__(self, label: str, before: int | None, wanted: Status | None) -> None:
        custom_id = f"jobs:{label}:{before or ''}:{wanted or ''}"
        super().__init__(discord.ui.Button(label=label.title(), custom_id=custom_id))
        self._before = before
        self._wanted = wanted

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """See discord.py."""
        before, wanted = match["before"], match["status"]
        return cls(match["label"], int(before) if before else None, Status(wanted) if wanted else None)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show that page in place of this one."""
        bot = interaction.client
        assert isinstance(bot, Bot)
        text, view = await page(bot.services.get(JOBS), self._before, self._wanted)
        await interaction.response.edit_message(content=text, view=view)


async def page(jobs: JobService, before: int | None, wanted: Status | None) -> tuple[str, discord.ui.View]:
    """The text of a page and its buttons."""
    found = await jobs.page(before, LENGTH + 1, wanted)
    view = discord.ui.View(timeout=None)
    if before is not None:
        view.add_item(Page("newest", None, wanted))
    if len(found) > LENGTH:
        view.add_item(Page("older", found[LENGTH - 1].id, wanted))
    # Known by their custom ids alone, also after a restart.
    view.stop()
    return _texts.listed(found[:LENGTH], wanted), view
