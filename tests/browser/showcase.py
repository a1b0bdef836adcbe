"""A discord.py bot that shows whatever a page must be able to draw: "show NAME" posts it, the rest are its commands."""

import io
from collections.abc import Awaitable, Callable
from datetime import timedelta

import discord
from discord import app_commands, ui

from patzta.sandbox.media import plain_png
from tests.sandbox.bot import SmallBot

PICTURE = plain_png("3a8fb7")
ANSI = "```ansi\n\u001b[1;32mgreen\u001b[0m plain \u001b[4;31mred\u001b[0m \u001b[40;33mon black\u001b[0m\n```"
MARKDOWN = """# Heading
**bold** *italic* __under__ ~~gone~~ `code` ||secret|| [a link](https://example.com) <t:1700000000:D>
> a quote
- first
  - inner
1. one
2. two
-# small print
```py
x = "<b>"
```"""


def png(name: str = "picture.png", *, spoiler: bool = False) -> discord.File:
    """A picture to send."""
    return discord.File(io.BytesIO(PICTURE), name, description="A blue square", spoiler=spoiler)


async def tell(interaction: discord.Interaction, *values: object) -> None:
    """Say what was chosen, to that person only."""
    names = ", ".join(str(getattr(value, "name", value)) for value in values)
    await interaction.response.send_message(f"got {names}", ephemeral=True)


class Panel(ui.View):
    """Buttons of every style, and one that is off."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        for style in ("primary", "secondary", "success", "danger"):
            button = ui.Button(label=style.title(), style=getattr(discord.ButtonStyle, style), custom_id=style)
            button.callback = self.pressed
            self.add_item(button)
        self.add_item(ui.Button(label="Docs", url="https://example.com/docs"))
        self.add_item(ui.Button(label="Off", disabled=True, custom_id="off", emoji="🔒", row=1))
        self.add_item(ui.Button(label="Form", custom_id="form", row=1))
        self.children[-1].callback = self.form  # pyright: ignore[reportAttributeAccessIssue]

    async def pressed(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content=f"pressed {interaction.data['custom_id']}")

    async def form(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Form())


class Choices(ui.View):
    """Every kind of select."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        fruit = [
            discord.SelectOption(label="Apple", emoji="🍎", description="A red one"),
            discord.SelectOption(label="Pear", emoji="🍐", description="A green one"),
            discord.SelectOption(label="Plum"),
        ]
        kinds = {
            "string": ui.Select(options=fruit, min_values=1, max_values=2, placeholder="Fruit"),
            "user": ui.UserSelect(placeholder="A person"),
            "role": ui.RoleSelect(placeholder="A role"),
            "mentionable": ui.MentionableSelect(placeholder="Anyone"),
            "channel": ui.ChannelSelect(placeholder="A channel", channel_types=[discord.ChannelType.text]),
        }
        for name, select in kinds.items():
            select.custom_id = name
            select.callback = self._callback(select)
            self.add_item(select)

    @staticmethod
    def _callback(select: ui.Select) -> Callable[[discord.Interaction], Awaitable[None]]:
        return lambda interaction: tell(interaction, *select.values)


class Form(ui.Modal, title="Everything"):
    """The fields that a form may have, part one."""

    hint = ui.TextDisplay("**Fill** this in.")
    word = ui.Label(text="Word", description="Short", component=ui.TextInput(custom_id="word", max_length=20))
    story = ui.Label(
        text="Story",
        component=ui.TextInput(
            custom_id="story", style=discord.TextStyle.paragraph, required=False, placeholder="Long"
        ),
    )
    who = ui.Label(text="Who", component=ui.UserSelect(custom_id="who", max_values=2, required=False))
    file = ui.Label(text="File", component=ui.FileUpload(custom_id="file", required=False))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        files = [file.filename for file in self.file.component.values]
        await tell(interaction, self.word.component.value, *self.who.component.values, *files)


class Boxes(ui.Modal, title="Boxes"):
    """The fields that a form may have, part two."""

    fruit = ui.Label(
        text="Fruit",
        component=ui.Select(custom_id="fruit", options=[discord.SelectOption(label=f) for f in ("Apple", "Pear")]),
    )
    one = ui.Label(
        text="Size",
        component=ui.RadioGroup(
            custom_id="one", options=[discord.RadioGroupOption(label=f, description="a size") for f in ("small", "big")]
        ),
    )
    some = ui.Label(
        text="Extras",
        component=ui.CheckboxGroup(
            custom_id="some", max_values=2, options=[discord.CheckboxGroupOption(label=f) for f in ("milk", "sugar")]
        ),
    )
    sure = ui.Label(text="Sure", component=ui.Checkbox(custom_id="sure"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await tell(
            interaction,
            *self.fruit.component.values,
            self.one.component.value,
            *self.some.component.values,
            self.sure.component.value,
        )


class Layout(ui.LayoutView):
    """One of each part of Components V2."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        box = ui.Container(accent_colour=discord.Colour.teal())
        box.add_item(
            ui.Section(ui.TextDisplay("## A section"), "With text", accessory=ui.Thumbnail("attachment://a.png"))
        )
        box.add_item(ui.Separator(spacing=discord.SeparatorSpacing.large))
        gallery = ui.MediaGallery()
        for number in range(3):
            gallery.add_item(media="attachment://a.png", description=f"Picture {number}", spoiler=number == 2)
        box.add_item(gallery)
        box.add_item(ui.File("attachment://notes.txt"))
        box.add_item(ui.ActionRow(ui.Button(label="Off", disabled=True, custom_id="off")))
        self.add_item(box)
        button = ui.Button(label="Inside", custom_id="inside")
        button.callback = tell
        self.add_item(ui.Section("A button beside a text", accessory=button))
        self.add_item(ui.Separator(visible=False))
        self.add_item(ui.TextDisplay("The end"))


def embed() -> discord.Embed:
    """One with everything."""
    card = discord.Embed(title="A title", url="https://example.com", description="**Bold** words", color=0x3A8FB7)
    card.set_author(name="An author")
    for number, inline in enumerate((True, True, True, False)):
        card.add_field(name=f"Field {number}", value=f"`value {number}`", inline=inline)
    card.set_image(url="attachment://picture.png")
    card.set_thumbnail(url="attachment://picture.png")
    return card.set_footer(text="The foot")


def poll(*, multiple: bool = False) -> discord.Poll:
    """A question with three answers."""
    question = discord.Poll("Where to?", timedelta(hours=1), multiple=multiple)
    return question.add_answer(text="Prague", emoji="🏰").add_answer(text="Brno").add_answer(text="Olomouc")


async def webhook(channel: discord.TextChannel) -> None:
    """A message of nobody who is a member."""
    hook = await channel.create_webhook(name="Relay")
    await hook.send("from afar", username="Karel Čapek")


async def pin(channel: discord.TextChannel) -> None:
    """Pin a message of one's own."""
    await (await channel.send("worth keeping")).pin()


async def ended_poll(channel: discord.TextChannel) -> None:
    """A poll whose result is in."""
    await (await channel.send(poll=poll())).end_poll()


SHOWS: dict[str, Callable[[discord.TextChannel], Awaitable[object]]] = {
    "markdown": lambda channel: channel.send(MARKDOWN),
    "ansi": lambda channel: channel.send(ANSI),
    "panel": lambda channel: channel.send("a panel", view=Panel()),
    "choices": lambda channel: channel.send("choose", view=Choices()),
    "layout": lambda channel: channel.send(
        view=Layout(), files=[png("a.png"), discord.File(io.BytesIO(b"some notes"), "notes.txt")]
    ),
    "embed": lambda channel: channel.send(embed=embed(), file=png()),
    "files": lambda channel: channel.send(
        "files", files=[png(), png("hidden.png", spoiler=True), discord.File(io.BytesIO(b"x" * 5000), "data.csv")]
    ),
    "poll": lambda channel: channel.send(poll=poll()),
    "choosy poll": lambda channel: channel.send(poll=poll(multiple=True)),
    "ended poll": ended_poll,
    "webhook": webhook,
    "pin": pin,
}


class ShowcaseBot(SmallBot):
    """Adds commands with every kind of option, both menus, and forms."""

    def __init__(self) -> None:
        super().__init__()
        add_commands(self.tree)

    async def on_message(self, message: discord.Message) -> None:
        await super().on_message(message)
        show = SHOWS.get(message.content.removeprefix("show ")) if message.author != self.user else None
        if show:
            await show(message.channel)


def add_commands(tree: app_commands.CommandTree) -> None:
    """/form, /boxes, /private, /options, and "Greet" in the menu of people."""

    @tree.context_menu(name="Greet")
    async def greet(interaction: discord.Interaction, member: discord.Member) -> None:
        await interaction.response.send_message(f"hello {member.mention}")

    @tree.command(description="A form")
    async def form(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Form())

    @tree.command(description="A form with boxes")
    async def boxes(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Boxes())

    @tree.command(description="Only for you")
    async def private(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("a secret", ephemeral=True)

    @tree.command(description="Options of every kind")
    @app_commands.choices(
        size=[app_commands.Choice(name="Small one", value="s"), app_commands.Choice(name="Big", value="b")]
    )
    async def options(
        interaction: discord.Interaction,
        word: str,
        size: app_commands.Choice[str] | None = None,
        whole: app_commands.Range[int, 1, 9] | None = None,
        part: float | None = None,
        sure: bool | None = None,
        who: discord.Member | None = None,
        where: discord.TextChannel | None = None,
        role: discord.Role | None = None,
        file: discord.Attachment | None = None,
    ) -> None:
        given = (word, size, whole, part, sure, who, where, role, file and file.filename)
        await tell(interaction, *(value for value in given if value is not None))
