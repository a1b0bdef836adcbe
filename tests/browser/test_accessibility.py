"""axe-core finds nothing serious on the page, dark and light, wide and narrow, in whatever state it is."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.browser.conftest import DESKTOP, PHONE, run
from tests.browser.showcase import SHOWS

pytestmark = pytest.mark.asyncio(loop_scope="module")

LOOKS = pytest.mark.parametrize("theme", ["dark", "light"])
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


async def faults(page: Page) -> list[str]:
    """What axe calls serious or critical. Moving things are let come to rest first."""
    await page.evaluate("() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => null)))")
    found = (await Axe().run(page)).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@LOOKS
@SIZES
async def test_messages_of_every_kind(chat, theme, size):
    page = await chat.open("bara", color_scheme=theme, viewport=size, reduced_motion="reduce")
    for name in SHOWS:
        await (await chat.show(page, name)).wait_for()
    await run(page, "private")
    await page.locator(".message.private").last.wait_for()
    own = await chat.say(page, "bara", "<@1000000000000000002> <@&1000000000000000103> ||spoiler||")
    await own.hover()
    assert await faults(page) == []


@pytest.mark.slow
@LOOKS
@SIZES
async def test_what_opens_over_the_page(chat, theme, size):
    page = await chat.open("vilem", color_scheme=theme, viewport=size, reduced_motion="reduce")
    message = await chat.show(page, "choices")
    found: dict[str, list[str]] = {}

    async def look(name: str, *, leave: bool = True) -> None:
        found[name] = await faults(page)
        if leave:
            await page.keyboard.press("Escape")

    await page.fill("#composer", "/")
    await page.locator("#picker .option").first.wait_for()
    await look("commands")
    await run(page, "options")
    await page.locator("#command-form").wait_for()
    await look("options")
    await run(page, "fruit")
    await page.locator(".suggestions .option").first.wait_for()
    await look("suggestions")
    await page.keyboard.press("Escape")
    for form in ("form", "boxes"):
        await run(page, form)
        await page.locator("#modal").wait_for()
        await look(form)
    for select in ("string", "mentionable"):
        await message.locator(f"[data-custom-id={select}]").click()
        await message.get_by_role("listbox").wait_for()
        await look(select)
    await message.click(button="right", position={"x": 5, "y": 5})
    await page.get_by_role("menu").wait_for()
    await look("menu")
    await page.locator("#emoji-button").click()
    await page.locator(".emoji-picker").wait_for()
    await look("emoji")
    for name in ("pins", "threads"):
        await page.locator(f"#show-{name}").click()
        await page.locator(".list-popup").wait_for()
        await look(name)
    await message.locator(".author").click()
    await page.locator(".profile").wait_for()
    await look("profile")
    assert {name: problems for name, problems in found.items() if problems} == {}


@LOOKS
async def test_the_drawers_of_a_phone(chat, theme):
    page = await chat.open("cizinec", color_scheme=theme, viewport=PHONE, reduced_motion="reduce")
    await page.locator("#open-sidebar").click()
    await page.locator("#switcher").wait_for()
    left = await faults(page)
    await page.keyboard.press("Escape")
    await page.locator("#toggle-members").click()
    await page.locator("#members .member").first.wait_for()
    assert [*left, *await faults(page)] == []


@LOOKS
async def test_direct_messages(chat, theme):
    page = await chat.open("cizinec", color_scheme=theme, reduced_motion="reduce")
    await page.locator(".server:has(.home)").click()
    await page.locator("[data-dm]").first.wait_for()
    assert await faults(page) == []
