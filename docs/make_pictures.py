"""Makes the pictures of the docs: ``.venv/bin/python docs/make_pictures.py``. Needs Chromium and what tests need."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "img"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
CHAT = ("ahoj, co dnes děláš?", "a jak se má Žužu? 🙂", "jdeš večer na pivo?")


def main() -> None:
    """Run the sandbox as a user does, chat a little, and look."""
    command = [ROOT / "bin" / "patztabot", "--sandbox", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
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
        browser.close()


def ask(page: Page, text: str) -> None:
    """Write as the owner, and wait until the double has answered and is quiet."""
    page.locator("#composer").fill(text)
    page.locator("#composer").press("Enter")
    mine = page.locator(".message", has_text=text).last
    mine.wait_for()
    number = mine.get_attribute("data-message-id")
    page.locator(f'[data-message-id="{number}"] ~ .message .content').first.wait_for(timeout=60_000)
    page.locator("#typing:empty").wait_for(state="attached", timeout=60_000)


if __name__ == "__main__":
    main()
