"""``bin/patztabot --sandbox`` as a user starts it, and its page in a window."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator

from playwright.sync_api import Page, expect, sync_playwright

from patzta.settings import ROOT
from tests.browser.conftest import DESKTOP, FLAGS


@contextlib.contextmanager
def started(**environment: str) -> Generator[str]:
    """The address that it prints; it is ended as by Ctrl-C."""
    with subprocess.Popen(
        [sys.executable, "-m", "patzta.framework", "--sandbox", "--port", "0"],
        cwd=ROOT,
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        said = ""
        for line in running.stderr:
            said += line
            if found := re.search(r"Open (http://\S+)", line):
                break
        assert found, said
        yield found[1]
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=30)


@contextlib.contextmanager
def window(chromium: str) -> Generator[Page]:
    """A page without an address yet; errors in it and requests that leave the machine fail the test at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(viewport=DESKTOP)
        problems = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
        page.on("request", lambda request: problems.append(request.url) if "127.0.0.1" not in request.url else None)
        yield page
        browser.close()
        assert problems == [], "no error in the page, nothing fetched from elsewhere"


def go_to(page: Page, address: str, channel: str) -> None:
    page.goto(address)
    page.wait_for_selector("body[data-ready]")
    page.locator(f'[data-channel-name="{channel}"]').first.click()
    expect(page.locator("#composer")).to_be_enabled()


def write(page: Page, text: str) -> None:
    page.locator("#composer").fill(text)
    page.locator("#composer").press("Enter")
