"""Fixtures for the page alone: a sandbox, a bot that shows everything, and a Chromium, once for each file of tests."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, async_playwright

from patzta.sandbox.client import SandboxClient
from tests.browser.showcase import ShowcaseBot
from tests.sandbox.bot import running
from tests.sandbox.server import SandboxProcess

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
BOT = "patztabot22"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sandbox() -> AsyncIterator[SandboxProcess]:
    async with SandboxProcess() as process:
        yield process


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def people(sandbox) -> AsyncIterator[SandboxClient]:
    async with sandbox.client() as client:
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bot(sandbox, people) -> AsyncIterator[ShowcaseBot]:
    async with running(sandbox, ShowcaseBot(), sync=True) as client:
        await people.wait_for(lambda event: event["type"] == "COMMANDS_UPDATE")
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        await browser.close()


class Chat:
    """Opens tabs on the page and has people and the bot say things. `problems` are errors in the tabs."""

    def __init__(self, browser: Browser, url: str, people: SandboxClient) -> None:
        self.browser, self.url, self.people = browser, url, people
        self.problems: list[str] = []

    async def open(self, person: str = "vilem", channel: str = "general", **context: Any) -> Page:
        """A tab of its own browser window in which `person` looks at `channel` (a name or an id)."""
        window = await self.browser.new_context(**{"viewport": DESKTOP, "color_scheme": "dark", **context})
        page = await window.new_page()
        self.watch(page)
        await self.visit(page, person, channel)
        return page

    def watch(self, page: Page) -> None:
        """Take down every error in a tab, and every request that leaves the sandbox."""
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda line: self.problems.append(line.text) if line.type == "error" else None)
        page.on("request", lambda one: None if self._is_own(one.url) else self.problems.append(one.url))

    def _is_own(self, url: str) -> bool:
        return url.startswith((self.url, "data:", f"blob:{self.url}"))

    async def visit(self, page: Page, person: str, channel: str) -> None:
        """Load the page anew in a tab."""
        number = (await self.people.channel(channel))["id"]
        await page.goto(f"{self.url}/?as={person}#{number}")
        await page.wait_for_selector("body[data-ready]")

    async def show(self, page: Page, what: str, channel: str = "general") -> Locator:
        """Have the bot show something; returns its message on the page."""
        since = self.people.mark()
        await self.people.send("vilem", channel, f"show {what}")
        event = await self.people.wait_for(_by_a_bot, since=since)
        return message(page, event["message"]["id"])

    async def say(self, page: Page, person: str, text: str, channel: str = "general", **more: Any) -> Locator:
        """Have a person say something; returns the message on the page."""
        return message(page, (await self.people.send(person, channel, text, **more))["id"])


def _by_a_bot(event: dict[str, Any]) -> bool:
    return event["type"] == "MESSAGE_CREATE" and bool(event["message"]["author"].get("bot"))


def message(page: Page, number: str) -> Locator:
    """A message on the page."""
    return page.locator(f'[data-message-id="{number}"]')


def private(page: Page) -> Locator:
    """The newest message that only this person sees."""
    return page.locator(".message.private .content").last


async def run(page: Page, command: str) -> None:
    """Type a slash command and take the first suggestion."""
    await page.fill("#composer", f"/{command}")
    first = page.locator("#picker .option").first
    await first.filter(has_text=re.compile(rf"^/{command}")).wait_for()
    await page.press("#composer", "Enter")


@pytest_asyncio.fixture(loop_scope="module")
async def chat(sandbox, people, bot, browser) -> AsyncIterator[Chat]:
    chat = Chat(browser, sandbox.url, people)
    yield chat
    for window in browser.contexts:
        await window.close()
    assert chat.problems == [], "no error in any tab, nothing fetched from elsewhere"
