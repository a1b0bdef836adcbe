"""Makes the pictures of the docs: ``.venv/bin/python docs/make_pictures.py``. Needs Chromium and what tests need."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "img"
DATA = ROOT / "data" / "pictures"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
CHAT = ("ahoj, co dnes děláš?", "a jak se má Žužu? 🙂", "jdeš večer na pivo?")


def main() -> None:
    """Run the sandbox as a user does, chat a little, and look."""
    command = [ROOT / "bin" / "patztabot", "--sandbox", "--port", "0"]
    # Nobody has met the double in the pictures.
    shutil.rmtree(DATA / "sandbox", ignore_errors=True)
    environment = {**os.environ, "PATZTA_DATA": str(DATA)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as running:
        try:
            take_pictures(address(running))
        finally:
            running.send_signal(signal.SIGINT)
            running.communicate()


def address(running: subprocess.Popen[str]) -> str:
    """Where the page is, once the bot says so."""
    assert running.stderr
    for line in running.stderr:
        sys.stderr.write(line)
        if found := re.search(r"Open (http://\S+)", line):
            return found[1]
    sys.exit("the bot did not start")


def take_pictures(url: str) -> None:
    """Write every picture into ``docs/img``."""
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 760}, color_scheme="dark")
        page.goto(url)
        page.wait_for_selector("body[data-ready]")
        page.locator('[data-channel-name="patztabot22-direct"]').first.click()
        for text in CHAT:
            ask(page, text)
        page.screenshot(path=PICTURES / "sandbox.png")
        run(page, "/restart")
        run(page, "/permissions explain", user="Cizinec", command="restart")
        page.screenshot(path=PICTURES / "commands.png")
        page.locator('[data-person="cizinec"]').click()
        say(page, "hi, who is this?")
        page.locator('[data-person="vilem"]').click()
        page.locator("button.server:has(.home)").click()
        page.locator('[data-dm="patztabot22"]').click()
        page.locator(".message button", has_text="Allow").last.wait_for()
        page.screenshot(path=PICTURES / "stranger.png")
        look_at_menu(page)
        look_at_test(page)
        look_at_evaluation(page)
        look_at_blind_vote(page)
        look_at_dataset(browser.new_page(viewport={"width": 1000, "height": 760}))
        browser.close()


def look_at_dataset(page: Page) -> None:
    """What the demo double was trained on."""
    show = [ROOT / "bin" / "dataset", "show", DATA / "datasets" / "demo", "--out", DATA / "dataset.html"]
    page.goto(subprocess.check_output(show, text=True).strip())
    page.screenshot(path=PICTURES / "dataset.png")


def look_at_menu(page: Page) -> None:
    """The commands of an answer's menu."""
    enter(page, "patztabot22-direct")
    answers = page.locator(".message[data-author=patztabot22]", has=page.get_by_label("Apps"))
    answer = answers.last
    answer.hover()
    answer.get_by_label("Apps").click()
    page.get_by_role("menuitem", name="Regenerate").wait_for()
    page.screenshot(path=PICTURES / "menu.png")
    page.keyboard.press("Escape")


def look_at_test(page: Page) -> None:
    """``/test`` to its end."""
    enter(page, "general")
    run(page, "/test")
    page.locator(".message .content", has_text="done, ").last.wait_for(timeout=120_000)
    page.screenshot(path=PICTURES / "test.png")


def look_at_evaluation(page: Page) -> None:
    """``/evaluate`` to its result."""
    enter(page, "random")
    run(page, "/evaluate", replies="60")
    page.locator(".message img[alt='likeness.png']").last.wait_for(timeout=1_800_000)
    page.screenshot(path=PICTURES / "evaluate.png")


def look_at_blind_vote(page: Page) -> None:
    """A vote about Bára's chats, in which Vilém and the stranger take part."""
    run(page, "/alias", user="Bára Tichá", name="Bára Tichá")
    run(page, "/permissions set", user="Cizinec", level="visible")
    page.locator('[data-person="bara"]').click()
    enter(page, "general")
    run(page, "/privacy")
    page.locator(".message button", has_text="Agree").last.click()
    page.locator(".message", has_text="Thank you: judged").last.wait_for()
    page.locator('[data-person="vilem"]').click()
    run(page, "/blind start", count="4")
    page.screenshot(path=PICTURES / "blind.png")
    for person in ("vilem", "cizinec"):
        page.locator(f'[data-person="{person}"]').click()
        for button in page.locator(".message button", has_text="The first is real").all():
            button.click()
            page.locator(".message .content", has_text="Counted.").last.wait_for()
    page.locator('[data-person="vilem"]').click()
    run(page, "/blind results")
    page.locator(".message img[alt='blind.png']").last.wait_for()
    page.screenshot(path=PICTURES / "results.png")


def enter(page: Page, channel: str) -> None:
    """Go to a channel of the first server."""
    page.locator("button.server:not(:has(.home))").first.click()
    page.locator(f'[data-channel-name="{channel}"]').first.click()


def ask(page: Page, text: str) -> None:
    """Write as the owner, and wait until the double has answered and is quiet."""
    number = say(page, text)
    page.locator(f'[data-message-id="{number}"] ~ .message .content').first.wait_for(timeout=60_000)
    page.locator("#typing:empty").wait_for(state="attached", timeout=60_000)


def say(page: Page, text: str) -> str | None:
    """Write a message, and return its id once it stands there."""
    page.locator("#composer").fill(text)
    page.locator("#composer").press("Enter")
    mine = page.locator(".message", has_text=text).last
    mine.wait_for()
    return mine.get_attribute("data-message-id")


def run(page: Page, path: str, **options: str) -> None:
    """Choose a slash command, fill in its fields, and wait for what it answers."""
    answers = page.locator(".message", has=page.locator(".reply-line.command", has_text=path))
    before = answers.count()
    page.locator("#composer").fill(path)
    page.locator("#picker", has_text=path).wait_for()
    page.locator("#composer").press("Enter")
    for name, value in options.items():
        field = page.locator(f'[data-option="{name}"]')
        if field.locator(".chooser").count():
            field.locator(".chooser").click()
            field.get_by_role("option", name=value).click()
        else:
            field.locator("input").fill(value)
    if page.locator("#run-command").count():
        page.locator("#run-command").click()
    answers.nth(before).locator(".content:not(.thinking), .embed").first.wait_for()


if __name__ == "__main__":
    main()
