"""The buttons below a view. They work on messages of any age: everything that they need is in their ids."""

from __future__ import annotations

import re
from typing import Any, Self

import discord

from patzta.errors import PatztaError
from patzta.framework.bot import Bot
from patzta.framework.gate import requires
from patzta.framework.viewing import VIEWS, actor
from patzta.jobs.contract import JOBS
from patzta.permissions import Level
from patzta.terminal.keys import typed

FACES = {
    "close": ("\N{WASTEBASKET}\N{VARIATION SELECTOR-16}", "", discord.ButtonStyle.secondary),
    "kill": ("\N{SKULL}", "", discord.ButtonStyle.danger),
    "input": ("\N{KEYBOARD}\N{VARIATION SELECTOR-16}", "", discord.ButtonStyle.primary),
    "interrupt": ("", "^C", discord.ButtonStyle.secondary),
    "freeze": ("\N{SNOWFLAKE}\N{VARIATION SELECTOR-16}", "", discord.ButtonStyle.secondary),
    "up": ("\N{UPWARDS BLACK ARROW}\N{VARIATION SELECTOR-16}", "", discord.ButtonStyle.secondary),
    "down": ("\N{DOWNWARDS BLACK ARROW}\N{VARIATION SELECTOR-16}", "", discord.ButtonStyle.secondary),
    "below": ("\N{ANTICLOCKWISE DOWNWARDS AND UPWARDS OPEN CIRCLE ARROWS}", "Below", discord.ButtonStyle.secondary),
    "log": ("\N{PAGE FACING UP}", "Log", discord.ButtonStyle.secondary),
}
FOR_RUNNING = {"kill", "input", "interrupt"}
ROWS = (("close", "kill", "input", "interrupt", "freeze"), ("up", "down", "below", "log"))


def layout(text: str, number: int, *, ended: bool) -> discord.ui.LayoutView:
    """The whole message: the text, and the buttons below."""
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay(text))
    for names in ROWS:
        row: discord.ui.ActionRow[Any] = discord.ui.ActionRow()
        for name in names:
            button = Press(name, number)
            button.item.disabled = ended and name in FOR_RUNNING
            row.add_item(button)
        view.add_item(row)
    # Kept nowhere: its buttons are known by their ids alone.
    view.stop()
    return view


@requires(Level.OWNER)
class Press(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"view:(?P<action>\w+):(?P<job>\d+)"):
    """A button below a view."""

    def __init__(self, action: str, number: int) -> None:
        emoji, label, style = FACES[action]
        button = discord.ui.Button[Any](
            label=label or None, emoji=emoji or None, style=style, custom_id=f"view:{action}:{number}"
        )
        super().__init__(button)
        self._action = action
        self._number = number

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """See discord.py."""
        return cls(match["action"], int(match["job"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do it, or say why not."""
        bot = interaction.client
        assert isinstance(bot, Bot)
        try:
            await bot.services.get(VIEWS).press(interaction, self._action, self._number)
        except PatztaError as error:
            await say(interaction, f"\N{WARNING SIGN} {error}")


@requires(Level.OWNER)
class Confirm(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"view-kill:(?P<how>end|now):(?P<job>\d+)"):
    """A button that ends a job, after the skull was pressed."""

    LABELS = {"end": "End it", "now": "Kill at once"}  # noqa: RUF012  nobody changes it

    def __init__(self, how: str, number: int) -> None:
        custom_id = f"view-kill:{how}:{number}"
        super().__init__(
            discord.ui.Button(label=self.LABELS[how], style=discord.ButtonStyle.danger, custom_id=custom_id)
        )
        self._now = how == "now"
        self._number = number

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, _item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """See discord.py."""
        return cls(match["how"], int(match["job"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """End the job."""
        bot = interaction.client
        assert isinstance(bot, Bot)
        try:
            await bot.services.get(JOBS).kill(self._number, actor(interaction.user), now=self._now)
        except PatztaError as error:
            await say(interaction, f"\N{WARNING SIGN} {error}")
        else:
            await say(interaction, f"Job {self._number} {'is killed' if self._now else 'is told to end'}.")


def confirmation(number: int) -> discord.ui.View:
    """The buttons that ask again."""
    view = discord.ui.View(timeout=None)
    view.add_item(Confirm("end", number))
    view.add_item(Confirm("now", number))
    view.stop()
    return view


@requires(Level.OWNER)
class Typing(discord.ui.Modal):
    """A form for input. What is typed goes to the job and nowhere else."""

    text: discord.ui.Label[Any] = discord.ui.Label(
        text="Input",
        description="Enter is added. Keys: [UP] [TAB] [ESC] [^C] … at the end, without Enter.",
        component=discord.ui.TextInput(style=discord.TextStyle.paragraph, required=False, max_length=3900),
    )

    def __init__(self, number: int) -> None:
        super().__init__(title=f"Type into job {number}", custom_id=f"view-input:{number}", timeout=3600)
        self._number = number

    async def on_submit(self, interaction: discord.Interaction) -> None:
        """Type it."""
        bot = interaction.client
        assert isinstance(bot, Bot)
        field = self.text.component
        assert isinstance(field, discord.ui.TextInput)
        try:
            await bot.services.get(JOBS).write(self._number, typed(field.value), actor(interaction.user))
        except PatztaError as error:
            await say(interaction, f"\N{WARNING SIGN} {error}")
        else:
            await interaction.response.defer()
            bot.dispatch("job_touched", self._number)


async def say(interaction: discord.Interaction, text: str) -> None:
    """A sentence that only who pressed sees."""
    if interaction.response.is_done():
        await interaction.followup.send(text[:2000], ephemeral=True)
    else:
        await interaction.response.send_message(text[:2000], ephemeral=True)
