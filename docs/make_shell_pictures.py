"""Makes the pictures of views: ``.venv/bin/python docs/make_shell_pictures.py``. Needs Chromium, htop, vim and tqdm."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys

from make_pictures import DATA, FLAGS, PICTURES, ROOT, address, enter, run
from playwright.sync_api import Page, sync_playwright

TABLE = "[print(' | '.join(f'column {c:02d} = {i * c:6.2f}' for c in range(13))) for i in range(8)]"
BAR = (
    "import time, tqdm; bar = tqdm.tqdm(range(400), desc='epoch 2/3', ncols=78);"
    " [(time.sleep(0.05), bar.set_postfix(loss=f'{3 / (i + 2):.3f}')) for i in bar]"
)
COMMANDS = {
    "htop": "htop",
    "vim": f"vim -u NONE -c 'syntax on' {ROOT / 'setup.cfg'}",
    "python": f"{sys.executable} -q",
    "tqdm": f"{sys.executable} -c {shlex.quote(BAR)}",
    "yes": "yes 'all work and no play'",
    "password": "sh -c 'stty -echo; printf \"Password: \"; read x; stty echo; echo; echo thanks'",
    "table": f"{sys.executable} -c {shlex.quote(TABLE)}",
}
TYPED = {"python": "import this", "password": ""}


def main() -> None:
    """Run shellbot on the sandbox, start each program, and look."""
    shutil.rmtree(DATA / "sandbox", ignore_errors=True)
    command = [ROOT / "bin" / "shellbot", "--sandbox", "--port", "0"]
    environment = {**os.environ, "PATZTA_DATA": str(DATA)}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as running:
        try:
            with sync_playwright() as playwright:
                chromium = shutil.which("chromium") or shutil.which("google-chrome")
                browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
                page = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme="dark")
                page.goto(address(running))
                page.wait_for_selector("body[data-ready]")
                take_pictures(page)
                browser.close()
        finally:
            running.send_signal(signal.SIGINT)
            running.communicate()


def take_pictures(page: Page) -> None:
    """One of each program in its view, and one of the list."""
    enter(page, "general")
    for number, (name, command) in enumerate(COMMANDS.items(), 1):
        run(page, "/job run", command=command, name=name, columns="300" if name == "table" else "80")
        view = page.locator(".message", has_text=f"Job {number} ").locator("pre").last
        view.wait_for()
        if TYPED.get(name):
            run(page, "/job input", job=str(number), text=TYPED[name])
        # The view is edited at Discord's pace: two edits later it has settled.
        page.wait_for_timeout(4_000)
        view.scroll_into_view_if_needed()
        page.screenshot(path=PICTURES / f"view-{name}.png")
    run(page, "/job kill", job="5")
    run(page, "/job list")
    page.screenshot(path=PICTURES / "jobs.png")
    for number in (1, 2, 3, 4, 6):
        run(page, "/job kill", job=str(number), now="True")


if __name__ == "__main__":
    main()
