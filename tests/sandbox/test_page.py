"""The page in a real browser."""

import pytest_asyncio
from playwright.async_api import async_playwright, expect

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script> [x](javascript:alert(3)) <t:9999999999999:R>'


@pytest_asyncio.fixture
async def page(sandbox, chromium):
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = await browser.new_page()
        trouble = []
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda line: trouble.append(line.text) if line.type == "error" else None)
        await page.goto(sandbox.url)
        await page.wait_for_selector("body[data-ready]")
        yield page
        await browser.close()
        assert not trouble


async def test_a_conversation_with_the_bot(page, bot):
    await page.fill("#composer", "ping")
    await page.press("#composer", "Enter")
    answer = page.locator(".message[data-author=patztabot22] .content")
    await expect(answer).to_have_text("pong")
    await expect(page.locator(".message.pinged")).to_have_count(1)
    await expect(page.locator("#composer")).to_have_value("")


async def test_hostile_text_stays_text(page, people):
    await people.send("cizinec", "general", HOSTILE)
    shown = page.locator(".message[data-author=cizinec] .content")
    await expect(shown).to_contain_text("<script>")
    assert await shown.locator("img, script, a").count() == 0


async def test_writing_as_somebody_else(page, people):
    await page.click("[data-person=bara]")
    await page.click("[data-channel-name=random]")
    await page.fill("#composer", "@vilem já jsem Bára")
    await page.press("#composer", "Enter")
    sent = await people.wait_for_message(channel="random", author="bara")
    assert sent["content"] == "<@1000000000000000001> já jsem Bára"
    await page.click("[data-person=cizinec]")
    await expect(page.locator("[data-channel-name=staff]")).to_have_count(0)


async def test_a_slash_command_with_an_answer_for_one(page, bot):
    await page.fill("#composer", "/perm")
    await expect(page.locator("#picker .option")).to_have_count(1)
    await page.press("#composer", "Enter")
    await page.click("[data-option=user] .chooser")
    await page.get_by_role("option", name="Bára Tichá").click()
    await page.press("#run-command", "Enter")
    private = page.locator(".message.private")
    await expect(private).to_contain_text("level of @Bára Tichá")
    await expect(private).to_contain_text("Only you can see this")
    await private.get_by_text("Dismiss").click()
    await expect(private).to_have_count(0)


async def test_typing_reactions_and_forms(page, bot, people):
    await people.typing("bara", "general")
    await expect(page.locator("#typing")).to_contain_text("Bára Tichá is typing")
    await people.command("bara", "general", "panel")
    panel = page.locator(".message", has_text="a panel")
    await panel.hover()
    await panel.get_by_label("Add reaction").click()
    await page.get_by_label("🔥").click()
    await expect(panel.locator(".reaction[aria-pressed=true]")).to_have_text("🔥1")
    await panel.locator("[data-custom-id=form]").click()
    await page.fill("#modal input", "tree")
    await page.press("#modal input", "Enter")
    await expect(page.locator(".message.private .content")).to_have_text("you wrote tree")
