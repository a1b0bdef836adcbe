"""Servers, channels, threads, direct messages and members; what is unread; who one is; keys; narrow screens."""

import re

import pytest
from playwright.async_api import WebSocketRoute, expect

from tests.browser.conftest import BOT, PHONE, message, run

pytestmark = pytest.mark.asyncio(loop_scope="module")

SANCTUARY = "Sanctuary of the great patztabot22"


async def test_servers_categories_and_channels(chat):
    page = await chat.open()
    await page.get_by_role("button", name="Kafe u Řeky").click()
    await expect(page.locator("#place-name")).to_have_text("Kafe u Řeky")
    await expect(page.locator("#channel-topic")).to_have_text("A café by the river")
    await page.get_by_role("button", name=SANCTUARY).click()
    category = page.get_by_role("button", name="patztabot22-test", exact=True)
    inside = page.locator("[data-channel-name=patztabot22-test-small-talk]")
    await category.click()
    await expect(inside).to_have_count(0)
    await category.click()
    await inside.click()
    await expect(page.locator("#channel-title")).to_have_text("patztabot22-test-small-talk")
    await expect(page).to_have_title(re.compile("#patztabot22-test-small-talk"))


async def test_a_channel_is_seen_by_those_who_may(chat, people):
    page = await chat.open("cizinec")
    await expect(page.locator("[data-channel-name=staff]")).to_have_count(0)
    guild = (await people.channel("staff"))["guild_id"]
    await people.set_roles("vilem", guild, "cizinec", ["mod"])
    await expect(page.locator("[data-channel-name=staff]"), "told without a reload").to_be_visible()
    await expect(page.locator("[data-member=cizinec] .level")).to_have_text("mod")
    await people.set_roles("vilem", guild, "cizinec", [])
    await expect(page.locator("[data-channel-name=staff]")).to_have_count(0)


async def test_members_with_their_levels(chat):
    page = await chat.open()
    expected = {"vilem": "owner", "bara": "visible", "cizinec": "ignored"}
    for name, level in expected.items():
        await expect(page.locator(f"[data-member={name}] .level")).to_have_text(level)
    await expect(page.locator(f"[data-member={BOT}]")).to_contain_text("BOT")
    await expect(page.locator(f"[data-member={BOT}] .level")).to_have_count(0)
    colour = await page.locator("[data-member=bara] .name").evaluate("(node) => getComputedStyle(node).color")
    plain = await page.locator("[data-member=cizinec] .name").evaluate("(node) => getComputedStyle(node).color")
    assert colour != plain, "the colour of the role"


async def test_a_persons_card_and_menu(chat):
    page = await chat.open()
    sent = await chat.say(page, "bara", "look at me")
    await page.locator("[data-member=bara]").click()
    card = page.get_by_role("dialog", name="Bára Tichá")
    await expect(card).to_contain_text("Member since")
    await expect(card.get_by_role("list", name="Roles")).to_have_text("visible")
    await page.keyboard.press("Escape")
    await expect(card).to_have_count(0)
    await expect(page.locator("[data-member=bara]")).to_be_focused()
    await page.locator("[data-member=bara]").click(button="right")
    await page.get_by_role("menuitem", name="Mention").click()
    await expect(page.locator("#composer")).to_have_value("@bara ")
    await page.locator("[data-member=bara]").click(button="right")
    await page.get_by_role("menuitem", name="Greet").click()
    await expect(page.locator(f".message[data-author={BOT}] .content").last).to_have_text("hello @Bára Tichá")
    await expect(sent).to_be_visible()


async def test_a_thread_from_its_start_to_its_end(chat, people):
    page = await chat.open("bara", "random")
    sent = await chat.say(page, "bara", "let us plan", "random")
    await sent.click(button="right")
    await page.get_by_role("menuitem", name="Start a thread").click()
    dialog = page.get_by_role("dialog", name="Start a thread")
    await dialog.get_by_label("Name").fill("the plan")
    await dialog.get_by_role("button", name="Create").click()
    await expect(page.locator("#channel-title")).to_have_text("the plan")
    await expect(page.locator(".message").first).to_contain_text("let us plan")
    await page.fill("#composer", "step one")
    await page.press("#composer", "Enter")
    await expect(page.locator(".message .content").last).to_have_text("step one")
    await page.locator("[data-channel-name=random]").click()
    await expect(sent.locator(".thread-card")).to_contain_text("the plan1 message")
    await page.locator("[data-channel-name='the plan']").click(button="right")
    await page.get_by_role("menuitem", name="Archive").click()
    await expect(page.locator("[data-channel-name='the plan']")).to_have_count(0)
    await page.locator("#show-threads").click()
    threads = page.get_by_role("dialog", name="Threads")
    await expect(threads.get_by_role("listitem")).to_contain_text(["the planarchived"])
    await threads.get_by_role("button", name="the plan").click()
    await expect(page.locator("#channel-title")).to_have_text("the plan")


async def test_direct_messages_with_a_bot(chat):
    page = await chat.open()
    await page.get_by_role("button", name="Direct messages").click()
    await page.locator(f"[data-dm={BOT}]").click()
    await expect(page.locator("#channel-title")).to_have_text(BOT)
    await page.fill("#composer", "ping")
    await page.press("#composer", "Enter")
    answer = page.locator(f".message[data-author={BOT}] .content").last
    await expect(answer).to_have_text("pong")
    await page.get_by_role("button", name=SANCTUARY).click()
    await page.locator(f"[data-member={BOT}]").click()
    await page.get_by_role("dialog", name=BOT).get_by_role("button", name="Message").click()
    await expect(answer).to_have_text("pong")


async def test_what_is_unread_is_marked_until_it_is_looked_at(chat):
    page = await chat.open("bara")
    row = page.locator("[data-channel-name=random]")
    await expect(row).to_have_attribute("data-unread", "false")
    first = await chat.say(page, "vilem", "hello @everyone", "random")
    await chat.say(page, "vilem", "hello <@1000000000000000002>", "random")
    await expect(row).to_have_attribute("data-unread", "true")
    await expect(row.locator(".badge")).to_contain_text("2")
    await expect(page).to_have_title(re.compile(r"^\(2\)"))
    await page.reload()
    await expect(row, "known after a reload").to_have_attribute("data-unread", "true")
    await row.click()
    await expect(row).to_have_attribute("data-unread", "false")
    line = page.get_by_role("separator", name="New")
    below = line.locator("xpath=following-sibling::article[1]")
    await expect(below).to_have_attribute("data-message-id", await first.get_attribute("data-message-id"))
    await expect(first).to_have_class(re.compile("pinged"))
    await page.locator("[data-channel-name=general]").click()
    await page.locator("[data-channel-name=random]").click()
    await expect(line).to_have_count(0)


async def test_a_message_is_marked_unread(chat):
    page = await chat.open("bara")
    sent = await chat.say(page, "vilem", "for later")
    await sent.click(button="right")
    await page.get_by_role("menuitem", name="Mark unread").click()
    await page.locator("[data-channel-name=random]").click()
    await expect(page.locator("[data-channel-name=general]")).to_have_attribute("data-unread", "true")


async def test_each_tab_is_a_person_of_its_own(chat):
    one = await chat.open("vilem")
    other = await one.context.new_page()
    chat.watch(other)
    await chat.visit(other, "bara", "general")
    for page, person, text in ((one, "vilem", "from the first tab"), (other, "bara", "from the second tab")):
        await expect(page.locator(f"[data-person={person}]")).to_have_attribute("aria-checked", "true")
        await page.fill("#composer", text)
        await page.press("#composer", "Enter")
    for page in (one, other):
        await expect(page.locator(".message[data-author=vilem]", has_text="from the first tab")).to_be_visible()
        await expect(page.locator(".message[data-author=bara]", has_text="from the second tab")).to_be_visible()
    await other.reload()
    await expect(other.locator("[data-person=bara]"), "kept by a reload").to_have_attribute("aria-checked", "true")
    async with other.context.expect_page() as opened:
        await other.locator("[data-person=cizinec]").click(modifiers=["Control"])
    third = await opened.value
    await expect(third.locator("[data-person=cizinec]")).to_have_attribute("aria-checked", "true")
    await expect(other.locator("[data-person=bara]")).to_have_attribute("aria-checked", "true")


async def test_what_one_tab_reads_the_persons_other_tab_knows(chat):
    one = await chat.open("bara", "general")
    other = await one.context.new_page()
    chat.watch(other)
    await chat.visit(other, "bara", "direct")
    await chat.say(one, "vilem", "news", "random")
    row = "[data-channel-name=random]"
    await expect(other.locator(row)).to_have_attribute("data-unread", "true")
    await one.locator(row).click()
    await expect(other.locator(row)).to_have_attribute("data-unread", "false")


async def test_an_unsent_text_waits_in_its_channel(chat):
    page = await chat.open()
    await page.fill("#composer", "half a th")
    await page.locator("[data-channel-name=random]").click()
    await expect(page.locator("#composer")).to_have_value("")
    await page.locator("[data-channel-name=general]").click()
    await expect(page.locator("#composer")).to_have_value("half a th")


async def test_alt_and_arrows_go_from_channel_to_channel(chat):
    page = await chat.open("vilem", "patztabot22-test-introduction")
    title = page.locator("#channel-title")
    await page.locator("#composer").focus()
    await page.keyboard.press("Alt+ArrowDown")
    await expect(title).to_have_text("patztabot22-test-small-talk")
    await page.keyboard.press("Alt+ArrowDown")
    await expect(title).to_have_text("patztabot22-test-discussion")
    await page.keyboard.press("Alt+ArrowUp")
    await expect(title).to_have_text("patztabot22-test-small-talk")
    far = "patztabot22-direct-english"
    await chat.say(page, "bara", "unread", far)
    await expect(page.locator(f"[data-channel-name={far}]")).to_have_attribute("data-unread", "true")
    await page.keyboard.press("Alt+Shift+ArrowUp")
    await expect(title).to_have_text(far)


async def test_the_focus_goes_through_the_page_in_order(chat):
    page = await chat.open()
    await page.locator("body").focus()
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#composer")).to_be_focused()
    places: list[str] = []
    where = """() => [...document.querySelectorAll(
        "#rail, #channels, #switcher, #topbar, #messages, #composer-box, #members")].find(
        (box) => box.contains(document.activeElement))?.id"""
    await page.reload()
    await page.wait_for_selector("body[data-ready]")
    stops = await page.locator("button:visible, a:visible, textarea:visible, [tabindex='0']:visible").count()
    for _ in range(stops):
        await page.keyboard.press("Tab")
        place = await page.evaluate(where)
        if place and place not in places:
            places.append(place)
    assert places == ["rail", "channels", "switcher", "topbar", "messages", "composer-box", "members"]


async def test_messages_are_reached_with_arrows(chat):
    page = await chat.open()
    first = await chat.say(page, "bara", "number one")
    second = await chat.say(page, "cizinec", "number two")
    await page.locator("#messages").focus()
    await page.keyboard.press("ArrowUp")
    await expect(second).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem", name="Add reaction")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(page.get_by_role("menuitem", name="Reply")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#composer")).to_be_focused()
    await expect(page.locator("#reply-bar")).to_contain_text("Bára Tichá")
    await page.keyboard.press("Escape")
    await expect(page.locator("#reply-bar")).to_be_hidden()


async def test_people_are_switched_with_arrows(chat):
    page = await chat.open()
    await page.locator("[data-person=vilem]").focus()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("[data-person=bara]")).to_be_focused()
    await expect(page.locator("#composer")).to_have_attribute("placeholder", re.compile("as Bára Tichá"))


async def test_the_theme_is_the_computers_or_the_readers(chat):
    page = await chat.open(color_scheme="light")
    light = await page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    await page.emulate_media(color_scheme="dark")
    await expect(page.locator("body")).not_to_have_css("background-color", light)
    await page.get_by_role("button", name="Use the light theme").click()
    await expect(page.locator("body")).to_have_css("background-color", light)
    await page.reload()
    await expect(page.locator("body"), "kept by a reload").to_have_css("background-color", light)


async def test_on_a_phone_the_sides_are_drawers(chat):
    page = await chat.open(viewport=PHONE)
    await expect(page.locator("#sidebar")).not_to_be_visible()
    await expect(page.locator("#members")).not_to_be_visible()
    await page.get_by_role("button", name="Show channels").click()
    await expect(page.locator("#channels [aria-current]")).to_be_focused()
    await page.locator("[data-channel-name=random]").click()
    await expect(page.locator("#sidebar")).not_to_be_visible()
    await expect(page.locator("#channel-title")).to_have_text("random")
    await page.get_by_role("button", name="Members").click()
    await expect(page.locator("[data-member=bara]")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#members")).not_to_be_visible()
    await expect(page.get_by_role("button", name="Members")).to_be_focused()


@pytest.mark.parametrize("what", ["layout", "embed", "choices", "panel", "poll", "markdown"])
async def test_nothing_is_wider_than_a_phone(chat, what):
    page = await chat.open(viewport=PHONE)
    shown = await chat.show(page, what)
    await shown.scroll_into_view_if_needed()
    assert await page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    wide = """(node) => [...node.querySelectorAll("*")].filter((one) => !one.closest("pre, .toolbar, .hidden")
        && one.getBoundingClientRect().right > innerWidth).map((one) => one.outerHTML.slice(0, 100))"""
    assert await shown.evaluate(wide) == []


async def test_the_page_comes_back_when_the_connection_was_lost(chat, people):
    page = await chat.open()
    sockets: list[WebSocketRoute] = []

    def connect(socket: WebSocketRoute) -> None:
        sockets.append(socket)
        socket.connect_to_server()

    await page.route_web_socket("**/sandbox/events", connect)
    await page.reload()
    await page.wait_for_selector("body[data-ready]")
    await sockets[0].close()
    await expect(page.get_by_role("status")).to_contain_text("The connection to the sandbox is lost")
    missed = await people.send("bara", "general", "while you were away")
    await expect(message(page, missed["id"])).to_be_visible()
    await expect(page.locator("#banner")).to_be_hidden()
    assert len(sockets) == 2


async def test_scrolling_up_offers_the_way_back(chat):
    page = await chat.open()
    for number in range(20):
        await chat.say(page, "bara", f"line {number}\n" * 3)
    await page.locator(".message", has_text="line 2").first.scroll_into_view_if_needed()
    await page.locator("#messages").evaluate("(box) => box.scrollTo(0, 0)")
    await page.get_by_role("button", name="Jump to the newest").click()
    await expect(page.locator(".message", has_text="line 19")).to_be_in_viewport()
    await expect(page.locator("#jump")).to_be_hidden()


async def test_a_command_in_a_thread(chat, people):
    thread = await people.create_thread("vilem", "random", "with a bot")
    page = await chat.open("vilem", thread["id"])
    await run(page, "private")
    await expect(page.locator(".message.private .content")).to_have_text("a secret")
