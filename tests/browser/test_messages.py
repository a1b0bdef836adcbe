"""What messages look like and what can be done with them."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import BOT, message, private, run
from tests.browser.showcase import PICTURE

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_reply_shows_and_leads_to_what_it_answers(chat):
    page = await chat.open()
    asked = await chat.say(page, "bara", "who is there?")
    await asked.hover()
    await asked.get_by_role("button", name="Reply").click()
    await expect(page.locator("#reply-bar")).to_contain_text("Replying to Bára Tichá")
    await page.fill("#composer", "me")
    await page.press("#composer", "Enter")
    reply = page.locator(".message[data-author=vilem]", has_text="who is there?").last
    await expect(reply.locator(".body .content")).to_have_text("me")
    await expect(page.locator("#reply-bar")).to_be_hidden()
    await reply.locator(".reply-line").click()
    await expect(asked).to_have_class(re.compile("flash"))


async def test_a_forwarded_message_shows_what_was_said(chat, people):
    page = await chat.open()
    said = await chat.say(page, "bara", "who is **there**?")
    number = await said.get_attribute("data-message-id")
    sent = await people.forward("vilem", "general", number, "general")
    forwarded = message(page, sent["id"]).locator(".forwarded")
    await expect(forwarded).to_contain_text("Forwarded")
    await expect(forwarded.locator(".content")).to_have_text("who is there?")
    await expect(forwarded.locator("strong, b")).to_have_text("there")


async def test_an_own_message_is_edited_and_deleted(chat, people):
    page = await chat.open()
    sent = await chat.say(page, "vilem", "hello <@1000000000000000002>")
    await page.press("#composer", "ArrowUp")
    editor = sent.get_by_label("Edit message")
    await expect(editor).to_have_value("hello @bara")
    await editor.fill("good day @bara")
    await editor.press("Enter")
    await expect(sent.locator(".content")).to_have_text("good day @Bára Tichá (edited)")
    await sent.hover()
    await sent.get_by_role("button", name="Delete").click()
    await page.get_by_role("dialog", name="Delete message").get_by_role("button", name="Delete").click()
    await expect(sent).to_have_count(0)
    kept = [one["content"] for one in await people.messages("vilem", "general")]
    assert not any("good day" in text for text in kept)


async def test_others_messages_are_only_for_moderators_to_delete(chat):
    page = await chat.open("cizinec")
    theirs = await chat.say(page, "bara", "mine")
    await theirs.hover()
    await expect(theirs.get_by_role("button", name="Reply")).to_be_visible()
    await theirs.click(button="right")
    await expect(page.get_by_role("menuitem", name="Copy text")).to_be_visible()
    for name in ("Edit", "Delete", "Pin"):
        await expect(page.get_by_role("menuitem", name=name, exact=True)).to_have_count(0)


async def test_reactions_are_added_and_taken_back(chat, people):
    page = await chat.open()
    sent = await chat.say(page, "bara", "nice?")
    await sent.hover()
    await sent.get_by_role("button", name="Add reaction").click()
    await page.get_by_label("Search emoji").fill("rocket")
    await page.get_by_label("Search emoji").press("Enter")
    reaction = sent.locator(".reaction")
    await expect(reaction).to_have_text("🚀1")
    await expect(reaction).to_have_attribute("aria-pressed", "true")
    await people.react("cizinec", "general", await sent.get_attribute("data-message-id"), "🚀")
    await expect(reaction).to_have_attribute("title", "Vilém Jestřáb, Cizinec")
    await reaction.click()
    await expect(reaction).to_have_text("🚀1")
    await expect(reaction).to_have_attribute("aria-pressed", "false")


async def test_files_are_chosen_looked_at_and_sent(chat):
    page = await chat.open()
    files = [
        {"name": "a.png", "mimeType": "image/png", "buffer": PICTURE},
        {"name": "b.csv", "mimeType": "text/csv", "buffer": b"1,2" * 1000},
        {"name": "c.txt", "mimeType": "text/plain", "buffer": b"x"},
    ]
    await page.set_input_files("#file-input", files)
    await expect(page.locator("#files li")).to_have_count(3)
    await page.get_by_role("button", name="Remove c.txt").click()
    await page.fill("#composer", "two files")
    await page.press("#composer", "Enter")
    sent = page.locator(".message[data-author=vilem]", has_text="two files").last
    await expect(sent.locator(".picture img")).to_have_js_property("naturalWidth", 64)
    await expect(sent.locator(".file")).to_have_text("b.csv3.0 kB")
    await expect(page.locator("#files")).to_be_hidden()


async def test_files_of_bots_and_their_spoilers(chat):
    page = await chat.open()
    sent = await chat.show(page, "files")
    await expect(sent.locator(".picture")).to_have_count(2)
    hidden = sent.locator(".covered")
    await expect(hidden.locator(".picture")).to_have_attribute("aria-label", "Open picture: A blue square")
    await hidden.get_by_role("button", name="Spoiler").click()
    await expect(hidden.get_by_role("button", name="Spoiler")).to_have_count(0)
    await hidden.locator(".picture").click()
    await expect(page.get_by_role("dialog", name="Picture").locator("img")).to_be_visible()


async def test_an_embed_with_everything(chat):
    page = await chat.open()
    card = (await chat.show(page, "embed")).locator(".embed")
    await expect(card.locator(".embed-author")).to_have_text("An author")
    await expect(card.get_by_role("link", name="A title")).to_have_attribute("href", "https://example.com")
    await expect(card.locator(".content strong")).to_have_text("Bold")
    await expect(card.locator(".fields .inline")).to_have_count(3)
    await expect(card.locator(".fields > div")).to_have_count(4)
    await expect(card.locator(".thumb img")).to_have_js_property("naturalWidth", 64)
    await expect(card.locator("> .picture img")).to_have_js_property("naturalWidth", 64)
    await expect(card.locator(".embed-foot")).to_have_text("The foot")
    assert await card.evaluate("(node) => getComputedStyle(node).borderLeftColor") == "rgb(58, 143, 183)"
    await expect(page.locator(f".message[data-author={BOT}]").last.locator(".picture")).to_have_count(2)


async def test_markdown(chat):
    page = await chat.open()
    text = (await chat.show(page, "markdown")).locator(".content")
    expected = {"h3": "Heading", "strong": "bold", "em": "italic", "u": "under", "s": "gone", "blockquote": "a quote"}
    for tag, words in expected.items():
        await expect(text.locator(tag)).to_have_text(words)
    await expect(text.locator("code").first).to_have_text("code")
    await expect(text.locator("pre[data-language=py]")).to_have_text('x = "<b>"')
    await expect(text.get_by_role("link", name="a link")).to_have_attribute("href", "https://example.com")
    await expect(text.locator(".item")).to_have_text(["• first", "◦ inner", "1. one", "2. two"])
    await expect(text.locator(".subtext")).to_have_text("small print")
    await expect(text.locator("time")).to_have_attribute("datetime", "2023-11-14T22:13:20.000Z")
    spoiler = text.locator(".spoiler")
    assert await spoiler.locator("span").evaluate("(node) => getComputedStyle(node).visibility") == "hidden"
    await spoiler.click()
    await expect(spoiler).to_have_class(re.compile("shown"))


async def test_ansi_blocks_have_their_colours(chat):
    page = await chat.open()
    block = (await chat.show(page, "ansi")).locator("pre[data-language=ansi]")
    await expect(block).to_have_text("green plain red on black")
    style = "(node) => [getComputedStyle(node).color, getComputedStyle(node).fontWeight]"
    green = await block.get_by_text("green").evaluate(style)
    plain = await block.get_by_text("plain").evaluate(style)
    assert green[0] != plain[0]
    assert int(green[1]) > int(plain[1])
    await expect(block.get_by_text("red")).to_have_css("text-decoration-line", "underline")
    dark = await block.get_by_text("on black").evaluate("(node) => getComputedStyle(node).backgroundColor")
    assert dark != "rgba(0, 0, 0, 0)"


async def test_typing_is_shown_until_the_message_comes(chat, people):
    page = await chat.open()
    await people.typing("bara", "general")
    await people.typing("cizinec", "general")
    await expect(page.locator("#typing")).to_have_text("Bára Tichá, Cizinec are typing…")
    await people.send("bara", "general", "done")
    await expect(page.locator("#typing")).to_have_text("Cizinec is typing…")


async def test_what_one_types_is_seen_by_others(chat):
    writer, reader = await chat.open("vilem"), await chat.open("bara")
    await writer.locator("#composer").press_sequentially("he")
    await expect(reader.locator("#typing")).to_contain_text("Vilém Jestřáb is typing…")
    await expect(writer.locator("#typing")).not_to_contain_text("Vilém")


async def test_an_ephemeral_answer_is_seen_by_one_only(chat):
    mine, theirs = await chat.open("vilem"), await chat.open("bara")
    await run(mine, "private")
    await expect(private(mine)).to_have_text("a secret")
    box = mine.locator(".message.private").last
    await expect(box).to_contain_text("Only you can see this")
    after = await chat.say(theirs, "cizinec", "anything?")
    await expect(after).to_be_visible()
    await expect(theirs.locator(".message.private")).to_have_count(0)
    await box.get_by_role("button", name="Dismiss").click()
    await expect(mine.locator(".message.private")).to_have_count(0)


async def test_a_pin_leaves_a_notice_and_is_in_the_list(chat):
    page = await chat.open()
    await chat.show(page, "pin", "random")
    await page.locator("[data-channel-name=random]").click()
    notice = page.locator(".notice", has_text="pinned a message to this channel").last
    await expect(notice).to_contain_text("patztabot22 pinned a message")
    await page.locator("#show-pins").click()
    pins = page.get_by_role("dialog", name="Pinned messages")
    await expect(pins.get_by_role("listitem")).to_contain_text(["worth keeping"])
    await pins.get_by_role("button", name="Jump").click()
    kept = page.locator(".message", has_text="worth keeping").first
    await expect(kept).to_have_class(re.compile("flash"))
    await kept.click(button="right")
    await page.get_by_role("menuitem", name="Unpin").click()
    await expect(kept.locator(".pinned")).to_have_count(0)


async def test_people_pin_too(chat):
    page = await chat.open()
    sent = await chat.say(page, "bara", "pin me")
    await sent.click(button="right")
    await page.get_by_role("menuitem", name="Pin", exact=True).click()
    await expect(page.locator(".notice").last).to_contain_text("Vilém Jestřáb pinned a message")
    await page.locator(".notice").last.get_by_role("button", name="a message").click()
    await expect(sent.locator(".pinned")).to_be_visible()


async def test_a_webhook_shows_the_name_that_it_took(chat):
    page = await chat.open()
    sent = await chat.show(page, "webhook")
    await expect(sent.locator(".author")).to_have_text("Karel Čapek")
    await expect(sent.locator(".bot-badge")).to_have_text("WEBHOOK")
    await expect(sent.locator(".avatar"), "there is a picture").not_to_have_js_property("naturalWidth", 0)
    await expect(sent.locator(".avatar")).to_have_attribute("src", re.compile("name=Karel"))


async def test_the_menu_of_a_message_offers_the_bots_commands(chat):
    page = await chat.open()
    sent = await chat.say(page, "bara", "louder")
    await sent.click(button="right")
    await page.get_by_role("menuitem", name="Shout").click()
    await expect(page.locator(f".message[data-author={BOT}] .content").last).to_have_text("LOUDER")


async def test_a_message_that_is_gone_from_under_a_reply(chat, people):
    page = await chat.open()
    first = await people.send("bara", "general", "short-lived")
    second = await people.send("cizinec", "general", "an answer", reply_to=first["id"])
    await people.delete("bara", "general", first["id"])
    await page.reload()
    await expect(message(page, second["id"]).locator(".reply-line")).to_have_text("The original message was deleted")
