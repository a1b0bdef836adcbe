"""Slash commands: the list, the fields, suggestions; mentions in the message box."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import BOT, private, run

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_list_shows_commands_with_their_options(chat):
    page = await chat.open()
    await page.fill("#composer", "/opt")
    option = page.locator("#picker .option")
    await expect(option).to_have_count(1)
    await expect(option).to_contain_text("Options of every kind")
    await expect(option.locator(".option-name.needed")).to_have_text("word")
    await expect(option.locator(".option-name")).to_have_count(9)
    await page.keyboard.press("Escape")
    await expect(page.locator("#picker")).to_be_hidden()
    await expect(page.locator("#composer")).to_have_value("/opt")


async def test_the_list_is_steered_with_arrows(chat):
    page = await chat.open()
    await page.fill("#composer", "/p")
    active = page.locator("#picker .option.active b")
    await expect(active).to_have_text("/ping")
    await page.keyboard.press("ArrowDown")
    await expect(active).to_have_text("/panel")
    number = await page.locator("#picker .option.active").get_attribute("id")
    await expect(page.locator("#composer")).to_have_attribute("aria-activedescendant", number)
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Tab")
    await expect(private(page)).to_have_text("Pong.")


async def test_options_of_every_kind(chat):
    page = await chat.open()
    await run(page, "options")
    form = page.get_by_role("form", name="/options")
    await form.get_by_label("word").fill("tree")
    for name, choice in {"size": "Big", "sure": "True", "who": "Cizinec", "where": "#random", "role": "@mod"}.items():
        await form.locator(f"[data-option={name}] .chooser").click()
        await form.get_by_role("option", name=choice).click()
    await form.get_by_label("whole").fill("7")
    await form.get_by_label("part").fill("1.5")
    file = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"x"}
    await form.locator("[data-option=file] input").set_input_files(file)
    await form.get_by_role("button", name="Run").click()
    await expect(private(page)).to_have_text("got tree, Big, 7, 1.5, True, cizinec, random, mod, a.txt")
    await expect(form).not_to_be_visible()
    await expect(page.locator("#composer")).to_be_focused()


async def test_the_button_stays_in_sight_where_the_window_is_low(chat):
    page = await chat.open()
    await page.set_viewport_size({"width": 500, "height": 480})
    await run(page, "options")
    fields = page.locator("#command-form")
    assert await fields.evaluate("(form) => form.scrollHeight > form.clientHeight"), "it scrolls"
    await expect(page.locator("#run-command")).to_be_in_viewport(ratio=1)


async def test_what_is_missing_or_out_of_bounds_is_not_sent(chat):
    page = await chat.open()
    await run(page, "number")
    box = page.get_by_role("form").get_by_label("value")
    await box.press("Enter")
    assert await box.evaluate("(box) => box.validity.valueMissing")
    await box.fill("11")
    await box.press("Enter")
    assert await box.evaluate("(box) => box.validity.rangeOverflow")
    await box.fill("9")
    await box.press("Enter")
    await expect(page.locator(f".message[data-author={BOT}] .content").last).to_have_text("10")


async def test_a_required_person_is_asked_for(chat):
    page = await chat.open()
    await run(page, "who")
    await page.locator("#run-command").click()
    await expect(page.get_by_role("alert")).to_have_text("This option is required: user")
    await page.keyboard.press("Escape")
    await expect(page.locator("#command-form")).to_be_hidden()


async def test_suggestions_of_the_bot(chat):
    page = await chat.open()
    await run(page, "fruit")
    box = page.get_by_role("combobox", name="name")
    options = page.locator(".suggestions .option")
    await expect(options).to_have_text(["apple", "apricot", "pear"])
    await box.fill("ap")
    await expect(options).to_have_text(["apple", "apricot"])
    await box.press("ArrowDown")
    await box.press("Enter")
    await expect(box).to_have_value("apricot")
    await expect(options.first).to_be_hidden()
    await box.press("Enter")
    await expect(page.locator(f".message[data-author={BOT}] .content").last).to_have_text("apricot")
    await expect(page.locator(".reply-line.command").last).to_contain_text("Vilém Jestřáb used /fruit")


async def test_commands_that_one_may_not_use_are_not_offered(chat):
    page = await chat.open("cizinec")
    await page.fill("#composer", "/s")
    await expect(page.locator("#picker b", has_text="/slow")).to_be_visible()
    await expect(page.locator("#picker b", has_text="/silent")).to_have_count(0)


async def test_a_bot_that_does_not_answer(chat, people):
    page = await chat.open()
    await run(page, "silent")
    await people.wait_for(lambda event: event["type"] == "INTERACTION_STARTED" and event["data"]["name"] == "silent")
    await people.move_clock(4)
    await expect(private(page)).to_have_text("The application did not respond.")


async def test_people_channels_and_roles_are_mentioned(chat, people):
    page = await chat.open()
    await page.locator("#composer").press_sequentially("@bar")
    await page.keyboard.press("Tab")
    await page.locator("#composer").press_sequentially("see #ran")
    await page.keyboard.press("Enter")
    await page.locator("#composer").press_sequentially("@mod")
    await page.keyboard.press("Enter")
    sent = await people.wait_for_message(author="vilem", contains="see")
    assert sent["content"] == "<@1000000000000000002> see <#1000000000000000112> <@&1000000000000000102>"
    shown = page.locator(".message[data-author=vilem] .content").last
    await expect(shown).to_have_text("@Bára Tichá see #random @mod")
    await shown.get_by_role("link", name="#random").click()
    await expect(page.locator("#channel-title")).to_have_text("random")
