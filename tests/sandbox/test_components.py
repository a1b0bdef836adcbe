"""Components V2, every kind of select, and forms with everything that discord.py can put into them."""

import io

import discord
import pytest
import pytest_asyncio
from discord import ui

from patzta.sandbox.errors import ControlError
from tests.sandbox.bot import SmallBot, running

BARA = "1000000000000000002"
VISIBLE = "1000000000000000103"
RANDOM = "1000000000000000112"


class Gallery(ui.LayoutView):
    """One of each component of a layout."""

    def __init__(self, *, done: bool = False) -> None:
        super().__init__(timeout=None)
        box = ui.Container(accent_colour=discord.Colour.red())
        box.add_item(ui.Section(ui.TextDisplay("# Title"), accessory=ui.Thumbnail("attachment://a.png")))
        box.add_item(ui.Separator(spacing=discord.SeparatorSpacing.large))
        gallery = ui.MediaGallery()
        gallery.add_item(media="attachment://a.png", description="a picture")
        box.add_item(gallery)
        box.add_item(ui.File("attachment://b.txt"))
        self.add_item(box)
        self.add_item(ui.TextDisplay("done" if done else "waiting"))
        button = ui.Button(label="Go", custom_id="go")
        button.callback = self.go
        self.add_item(ui.ActionRow(button))

    async def go(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(view=Gallery(done=True))


class Choices(ui.View):
    """Every select that takes ids."""

    @ui.select(
        cls=ui.UserSelect, custom_id="user", max_values=2, default_values=[discord.Object(int(BARA), type=discord.User)]
    )
    async def user(self, interaction: discord.Interaction, select: ui.UserSelect) -> None:
        await tell(interaction, select.values)

    @ui.select(cls=ui.RoleSelect, custom_id="role")
    async def role(self, interaction: discord.Interaction, select: ui.RoleSelect) -> None:
        await tell(interaction, select.values)

    @ui.select(cls=ui.MentionableSelect, custom_id="mentionable", max_values=2)
    async def mentionable(self, interaction: discord.Interaction, select: ui.MentionableSelect) -> None:
        await tell(interaction, select.values)

    @ui.select(cls=ui.ChannelSelect, custom_id="channel")
    async def channel(self, interaction: discord.Interaction, select: ui.ChannelSelect) -> None:
        await tell(interaction, select.values)


async def tell(interaction: discord.Interaction, values) -> None:
    chosen = sorted(f"{type(value).__name__} {value.name}" for value in values)
    await interaction.response.send_message(", ".join(chosen))


class LongForm(ui.Modal, title="Everything"):
    hint = ui.TextDisplay("Fill this in.")
    word = ui.Label(text="Word", component=ui.TextInput(custom_id="word", required=False))
    fruit = ui.Label(
        text="Fruit", component=ui.Select(custom_id="fruit", options=[discord.SelectOption(label=f) for f in "ab"])
    )
    who = ui.Label(text="Who", component=ui.UserSelect(custom_id="who", required=False, min_values=0))
    file = ui.Label(text="File", component=ui.FileUpload(custom_id="file", max_values=2))
    one = ui.Label(
        text="One", component=ui.RadioGroup(custom_id="one", options=[discord.RadioGroupOption(label=f) for f in "xy"])
    )


class ShortForm(ui.Modal, title="Boxes"):
    some = ui.Label(
        text="Some",
        component=ui.CheckboxGroup(
            custom_id="some", max_values=2, options=[discord.CheckboxGroupOption(label=f) for f in "mno"]
        ),
    )
    sure = ui.Label(text="Sure", component=ui.Checkbox(custom_id="sure"))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"{self.some.component.values} {self.sure.component.value}")


class LongFormAnswered(LongForm, title="Everything"):
    async def on_submit(self, interaction: discord.Interaction) -> None:
        files = [(file.filename, await file.read()) for file in self.file.component.values]
        names = [member.name for member in self.who.component.values]
        values = self.word.component.value, self.fruit.component.values, names, self.one.component.value
        await interaction.response.send_message(f"{values} {files}")


class RichBot(SmallBot):
    def __init__(self) -> None:
        super().__init__()
        tree = self.tree

        @tree.command(description="A layout")
        async def gallery(interaction: discord.Interaction) -> None:
            files = [discord.File(io.BytesIO(b"x"), "a.png"), discord.File(io.BytesIO(b"text"), "b.txt")]
            await interaction.response.send_message(view=Gallery(), files=files)

        @tree.command(description="Selects")
        async def choices(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("choose", view=Choices())

        @tree.command(description="A form")
        async def form(interaction: discord.Interaction, short: bool) -> None:
            await interaction.response.send_modal(ShortForm() if short else LongFormAnswered())

        @tree.command(description="A file and a mentionable")
        async def take(
            interaction: discord.Interaction, file: discord.Attachment, whom: discord.Role | discord.Member
        ) -> None:
            await interaction.response.send_message(f"{file.filename} {len(await file.read())} {whom.name}")

        @tree.context_menu(name="Greet")
        async def greet(interaction: discord.Interaction, member: discord.Member) -> None:
            await interaction.response.send_message(f"Hello, {member.name} of {member.guild.name}!")


@pytest_asyncio.fixture
async def bot(sandbox):
    async with running(sandbox, RichBot(), sync=True) as client:
        yield client


async def test_a_layout_is_shown_and_edited(bot, people):
    shown = await people.answer(await people.command("vilem", "general", "gallery"))
    assert shown["flags"] & 32768
    section, separator, pictures, file = shown["components"][0]["components"]
    urls = {one["filename"]: one["url"] for one in shown["attachments"]}
    assert section["accessory"]["media"]["url"] == pictures["items"][0]["media"]["url"] == urls["a.png"]
    assert (file["name"], file["size"], file["file"]["url"]) == ("b.txt", 4, urls["b.txt"])
    assert separator["spacing"] == 2
    await people.click("vilem", "general", shown["id"], "go")
    changed = await people.wait_for(lambda event: event["type"] == "MESSAGE_UPDATE")
    assert changed["message"]["components"][1]["content"] == "done"
    fetched = await bot.get_channel(int(shown["channel_id"])).fetch_message(int(shown["id"]))
    assert isinstance(fetched.components[0], discord.Container)
    with pytest.raises(discord.HTTPException) as refused:
        await fetched.edit(content="words beside a layout")
    assert refused.value.code == 50035


@pytest.mark.parametrize(
    ("view", "error"),
    [
        (lambda: Gallery(), "UNFURLED_MEDIA_ITEM"),
        (lambda: ui.LayoutView().add_item(ui.TextDisplay("x" * 4001)), "DISPLAYABLE_TEXT"),
    ],
)
async def test_a_layout_that_discord_refuses(bot, people, view, error):
    with pytest.raises(discord.HTTPException) as refused:
        await discord.utils.get(bot.get_all_channels(), name="general").send(view=view())
    assert refused.value.code == 50035
    assert error in str((await people.requests("POST"))[-1]["response"])


@pytest.mark.parametrize(
    ("custom_id", "values", "answer"),
    [
        ("user", [BARA, "1000000000000000003"], "Member bara, Member cizinec"),
        ("role", [VISIBLE], "Role visible"),
        ("mentionable", [BARA, VISIBLE], "Member bara, Role visible"),
        ("channel", [RANDOM], "AppCommandChannel random"),
    ],
)
async def test_selects_resolve_what_was_chosen(bot, people, custom_id, values, answer):
    shown = await people.answer(await people.command("vilem", "general", "choices"))
    chosen = await people.choose("vilem", "general", shown["id"], custom_id, values)
    assert (await people.answer(chosen))["content"] == answer
    with pytest.raises(ControlError):
        await people.choose("vilem", "general", shown["id"], custom_id, ["5"])
    with pytest.raises(ControlError):
        await people.choose("vilem", "general", shown["id"], custom_id, [])


async def test_a_form_of_all_kinds(bot, people):
    opened = await people.command("bara", "general", "form", {"short": False})
    assert [part["type"] for part in (await people.wait_for_modal(opened))["components"]] == [10, 18, 18, 18, 18, 18]
    fields = {"word": "tree", "fruit": ["b"], "who": [BARA], "one": ["y"]}
    for wrong in ({}, fields | {"fruit": ["c"]}, fields | {"one": []}, fields | {"who": ["5"]}):
        with pytest.raises(ControlError):
            await people.submit("bara", opened, wrong, {"file": [("n.txt", b"1")]})
    with pytest.raises(ControlError):
        await people.submit("bara", opened, fields)
    answer = await people.answer(
        await people.submit("bara", opened, fields, {"file": [("n.txt", b"1"), ("m.txt", b"2")]})
    )
    assert answer["content"] == "('tree', ['b'], ['bara'], 'y') [('n.txt', b'1'), ('m.txt', b'2')]"


async def test_a_form_of_boxes(bot, people):
    opened = await people.command("bara", "general", "form", {"short": True})
    await people.wait_for_modal(opened)
    answer = await people.answer(await people.submit("bara", opened, {"some": ["m", "o"], "sure": True}))
    assert answer["content"] == "['m', 'o'] True"


async def test_options_that_are_files_and_mentionables(bot, people):
    options, files = {"whom": VISIBLE}, {"file": ("data.bin", b"\0\1\2")}
    answer = await people.answer(await people.command("vilem", "general", "take", options, files=files))
    assert answer["content"] == "data.bin 3 visible"


async def test_a_person_has_a_menu(bot, people):
    answer = await people.answer(await people.use_user_menu("vilem", "general", "bara", "Greet"))
    assert answer["content"] == "Hello, bara of Sanctuary of the great patztabot22!"
    with pytest.raises(ControlError) as refused:
        await people.use_user_menu("vilem", "general", "bara", "Shout")
    assert refused.value.code == 10063


async def test_pictures_of_embeds_are_files_of_the_message(bot, people):
    embed = discord.Embed(title="A picture").set_image(url="attachment://a.png")
    channel = discord.utils.get(bot.get_all_channels(), name="general")
    sent = await channel.send(embed=embed, file=discord.File(io.BytesIO(b"x"), "a.png"))
    assert sent.embeds[0].image.url == sent.attachments[0].url
    with pytest.raises(discord.HTTPException):
        await channel.send(embed=embed)
