"""What the scripts that make pictures share: bots on the sandbox, a window on its page, what a visitor does there."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator
from pathlib import Path

from playwright.sync_api import Locator, Page, ViewportSize, sync_playwright

from patzta.settings import DATA, ROOT
from patzta.training.demo.prepare import BASE

PICTURES = ROOT / "docs" / "img"
DOUBLE, SHELL = "patzta.framework", "patzta.framework.shellbot"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
ANSWER_MS = 60_000


def parser(about: str | None) -> argparse.ArgumentParser:
    """With the folder that the pictures go to."""
    made = argparse.ArgumentParser(description=about)
    made.add_argument("--out", type=Path, metavar="FOLDER", default=PICTURES, help="default: docs/img")
    return made


@contextlib.contextmanager
def stage() -> Generator[Path]:
    """A folder of data with the demo double, where nothing has happened yet, with what jobs are given to work on."""
    subprocess.run([sys.executable, "-m", "patzta.training.demo", "--data", DATA], cwd=ROOT, check=True, stdout=2)
    with tempfile.TemporaryDirectory(prefix="pictures-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        for part in ("demo", "datasets/demo", "models/demo"):
            (folder / part).parent.mkdir(exist_ok=True)
            (folder / part).symlink_to(DATA / part)
        for part in ("bin", "setup.cfg"):
            (folder / part).symlink_to(ROOT / part)
        (folder / "base").symlink_to(BASE)
        yield folder


@contextlib.contextmanager
def running(data: Path, *bots: str) -> Generator[str]:
    """Run the bots on one sandbox as a user does; the address of its page."""
    environment = {**os.environ, "PATZTA_DATA": str(data), "PATZTA_JOBS_CWD": str(data)}
    with contextlib.ExitStack() as stack:
        addresses = [stack.enter_context(_running(bot, environment)) for bot in bots]
        yield addresses[-1]


@contextlib.contextmanager
def _running(bot: str, environment: dict[str, str]) -> Generator[str]:
    command = [sys.executable, "-m", bot, "--sandbox", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield _address(process)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


def _address(process: subprocess.Popen[str]) -> str:
    """Where the page is, once the bot says so; what it says afterwards is passed on."""
    assert process.stderr
    for line in process.stderr:
        sys.stderr.write(line)
        if found := re.search(r"Open (http://\S+)", line):
            threading.Thread(target=sys.stderr.writelines, args=[process.stderr], daemon=True).start()
            return found[1]
    sys.exit("the bot did not start")


@contextlib.contextmanager
def window(url: str, width: int = 1280, height: int = 760) -> Generator[Page]:
    """A page in Chromium."""
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        size = ViewportSize(width=width, height=height)
        page = browser.new_page(viewport=size, color_scheme="dark", reduced_motion="reduce")
        page.goto(url)
        yield page
        browser.close()


def enter(page: Page, channel: str) -> None:
    """Go to a channel of the first server."""
    page.get_by_role("navigation", name="Servers").get_by_role("button", name="Sanctuary").click()
    page.locator(f'[data-channel-name="{channel}"]').first.click()


def composer(page: Page) -> Locator:
    """The field that messages are written into."""
    return page.get_by_role("textbox", name="Message", exact=True)


def messages(page: Page, text: str) -> Locator:
    """Those with a text in them."""
    return page.locator("[data-message-id]", has_text=text)


def say(page: Page, text: str) -> str | None:
    """Write a message, and return its id once it stands there."""
    composer(page).fill(text)
    composer(page).press("Enter")
    mine = messages(page, text).last
    mine.wait_for()
    return mine.get_attribute("data-message-id")


def answers(page: Page, number: str | None) -> Locator:
    """What stands below a message."""
    return page.locator(f'[data-message-id="{number}"] ~ [data-message-id]')


def quiet(page: Page) -> Locator:
    """Is there while nobody types."""
    return page.locator("#typing:empty")


def ask(page: Page, text: str) -> None:
    """Write as the owner, and wait until the double has answered and is quiet."""
    answers(page, say(page, text)).first.wait_for(timeout=ANSWER_MS)
    quiet(page).wait_for(state="attached", timeout=ANSWER_MS)


def fill(page: Page, path: str, **options: str) -> None:
    """Choose a slash command and fill in its fields; one that has none runs."""
    composer(page).fill(path)
    page.get_by_role("option", name=path).first.wait_for()
    composer(page).press("Enter")
    for name, value in options.items():
        field = page.locator(f'[data-option="{name}"]')
        if field.locator("input").count():
            field.locator("input").fill(value)
        else:
            choose(field, value)


def choose(field: Locator, value: str) -> None:
    """Take a value from the list that a field opens; one of an optional field stays open."""
    field.get_by_role("button").click()
    field.get_by_role("option", name=value).click()
    done = field.get_by_role("button", name="Done")
    if done.count():
        done.click()


def run(page: Page, path: str, **options: str) -> None:
    """Run a slash command, and wait for what it answers."""
    used = messages(page, f"used {path}")
    before = used.count()
    fill(page, path, **options)
    button = page.get_by_role("button", name="Run", exact=True)
    if button.count():
        button.click()
    used.nth(before).filter(has_not_text="is thinking…").wait_for()


def picture(page: Page, out: Path, name: str) -> None:
    """Write what the window shows."""
    out.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=out / f"{name}.png")
