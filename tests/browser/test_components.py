"""What bots attach to messages, used with the mouse as a visitor does: buttons, selects, forms, layouts, polls."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import private, run

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_buttons_of_every_style(chat):
    page = await chat.open()
    panel = await chat.show(page, "panel")
    for style in ("primary", "secondary", "success", "danger"):
        await panel.locator(f".button.{style}[data-custom-id={style}]").click()
        await expect(panel.locator(".content")).to_contain_text(f"pressed {style}")
    await expect(panel.get_by_role("button", name="🔒 Off")).to_be_disabled()
    await expect(panel.get_by_role("link", name="Docs")).to_have_attribute("href", "https://example.com/docs")


@pytest.mark.parametrize(
    ("select", "choice", "answer"),
    [
        ("user", "Bára Tichá", "got bara"),
        ("role", "@visible", "got visible"),
        ("mentionable", "@mod", "got mod"),
        ("channel", "#random", "got random"),
    ],
)
async def test_a_select_offers_what_there_is(chat, select, choice, answer):
    page = await chat.open()
    choices = await chat.show(page, "choices")
    await choices.locator(f"[data-custom-id={select}]").click()
    await choices.get_by_role("option", name=choice).click()
    await expect(private(page)).to_have_text(answer)
    await expect(choices.locator(f"[data-custom-id={select}]")).to_have_text(choice)


async def test_a_select_of_several_answers_when_it_is_left(chat):
    page = await chat.open()
    choices = await chat.show(page, "choices")
    await choices.locator("[data-custom-id=string]").click()
    await choices.get_by_role("option", name="Apple").click()
    await choices.get_by_role("option", name="Plum").click()
    await choices.get_by_role("option", name="Pear").click()
    await expect(choices.get_by_role("option", selected=True)).to_have_count(2)
    await choices.get_by_role("button", name="Done").click()
    await expect(private(page)).to_have_text("got Apple, Plum")


async def test_a_form_with_texts_a_select_and_a_file(chat):
    page = await chat.open()
    await run(page, "form")
    form = page.get_by_role("dialog", name="Everything")
    await expect(form.locator(".content strong")).to_have_text("Fill")
    await form.get_by_role("button", name="Submit").click()
    await expect(form, "a word is required").to_be_visible()
    await form.get_by_label("Word").fill("tree")
    await form.get_by_label("Story").fill("once\nupon")
    await form.locator("[data-custom-id=who]").click()
    await form.get_by_role("option", name="Cizinec").click()
    await form.get_by_role("button", name="Done").click()
    await form.get_by_label("File").set_input_files({"name": "a.txt", "mimeType": "text/plain", "buffer": b"x"})
    await form.get_by_role("button", name="Submit").click()
    await expect(form).not_to_be_visible()
    await expect(private(page)).to_have_text("got tree, cizinec, a.txt")


async def test_a_form_with_boxes(chat):
    page = await chat.open()
    await run(page, "boxes")
    form = page.get_by_role("dialog", name="Boxes")
    await form.locator("[data-custom-id=fruit]").click()
    await form.get_by_role("option", name="Pear").click()
    await form.get_by_role("group", name="Size").get_by_label("big").check()
    for extra in ("milk", "sugar"):
        await form.get_by_role("group", name="Extras").get_by_label(extra).check()
    await form.get_by_label("Sure").check()
    await form.get_by_role("button", name="Submit").click()
    await expect(private(page)).to_have_text("got Pear, big, milk, sugar, True")


async def test_a_form_can_be_left(chat):
    page = await chat.open()
    panel = await chat.show(page, "panel")
    await panel.locator("[data-custom-id=form]").click()
    form = page.get_by_role("dialog", name="Everything")
    await expect(form).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(form).not_to_be_visible()


async def test_a_layout_with_all_its_parts(chat):
    page = await chat.open()
    layout = await chat.show(page, "layout")
    box = layout.locator(".container")
    stripe = await box.evaluate("(node) => getComputedStyle(node).borderLeftColor")
    assert stripe == "rgb(26, 188, 156)", "the colour that the bot chose"
    await expect(box.locator(".section h4")).to_have_text("A section")
    await expect(box.locator(".section .thumb img")).to_have_js_property("complete", value=True)
    await expect(box.locator(".gallery img")).to_have_count(3)
    await expect(box.locator(".separator.wide")).to_have_count(1)
    await expect(layout.locator(".separator.plain")).to_have_count(1)
    await expect(box.locator(".file")).to_contain_text("notes.txt10 bytes")
    await expect(layout.locator(".picture"), "files of a layout are shown once").to_have_count(4)
    await box.get_by_role("button", name="Spoiler").click()
    await box.get_by_role("button", name="Open picture: Picture 2").click()
    await expect(page.locator("#viewer img")).to_be_visible()
    await page.keyboard.press("Escape")
    await layout.get_by_role("button", name="Inside").click()
    await expect(private(page)).to_contain_text("got")


async def test_a_poll_is_voted_in_and_the_vote_taken_back(chat, people):
    page = await chat.open()
    poll = await chat.show(page, "poll")
    await expect(poll.get_by_role("group", name="Where to?")).to_be_visible()
    await poll.get_by_label("Brno").check()
    await poll.get_by_role("button", name="Vote").click()
    await expect(poll.locator(".answer.voted")).to_contain_text("Brno")
    await people.vote("bara", "general", await poll.get_attribute("data-message-id"), [1])
    await expect(poll.locator("[data-answer='1']")).to_contain_text("50%")
    await expect(poll).to_contain_text("2 votes")
    await poll.get_by_role("button", name="Remove vote").click()
    await expect(poll.get_by_role("radio")).to_have_count(3)


async def test_a_poll_of_several_answers_and_its_result(chat):
    page = await chat.open()
    poll = await chat.show(page, "choosy poll")
    await poll.get_by_label("Brno").check()
    await poll.get_by_label("Olomouc").check()
    await poll.get_by_role("button", name="Vote").click()
    await expect(poll.locator(".answer.voted")).to_have_count(2)
    ended = await chat.show(page, "ended poll")
    await expect(ended).to_contain_text("The poll has ended")
    await expect(ended.get_by_role("checkbox")).to_have_count(0)
    await expect(page.locator(".notice", has_text="’s poll Where to? has ended").last).to_contain_text("Nobody voted")
