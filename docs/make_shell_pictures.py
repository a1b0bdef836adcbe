"""Makes the pictures of views: ``.venv/bin/python docs/make_shell_pictures.py``. Needs Chromium, htop, vim and tqdm."""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from _pictures import SHELL, enter, messages, parser, picture, run, running, stage, window
from playwright.sync_api import Page

TABLE = "[print(' | '.join(f'column {c:02d} = {i * c:6.2f}' for c in range(13))) for i in range(8)]"
BAR = (
    "import time, tqdm; bar = tqdm.tqdm(range(400), desc='epoch 2/3', ncols=78);"
    " [(time.sleep(0.05), bar.set_postfix(loss=f'{3 / (i + 2):.3f}')) for i in bar]"
)


@dataclass(frozen=True)
class Shown:
    """A program, what it shows at last, what is typed into it before, and how wide its terminal is."""

    name: str
    command: str
    shows: str | re.Pattern[str]
    typed: str | None = None
    columns: int = 80


PROGRAMS = (
    Shown("htop", "htop", "F10Quit"),
    Shown("vim", "vim -n -u NONE -c 'syntax on' setup.cfg", "[metadata]"),
    Shown("python", f"{sys.executable} -q", "Beautiful is better", "import this"),
    Shown("tqdm", f"{sys.executable} -c {shlex.quote(BAR)}", re.compile("[4-8][0-9]%")),
    Shown("yes", "yes 'all work and no play'", "all work and no play"),
    Shown("password", "sh -c 'stty -echo; printf \"Password: \"; read x; stty echo; echo; echo thanks'", "thanks", ""),
    Shown("table", f"{sys.executable} -c {shlex.quote(TABLE)}", "column 12", columns=300),
)


def main() -> None:
    """Run shellbot on the sandbox, start each program, and look."""
    out = parser(__doc__).parse_args().out
    with stage() as data, running(data, SHELL) as url, window(url, height=860) as page:
        take_pictures(page, out)


def take_pictures(page: Page, out: Path) -> None:
    """One of each program in its view, and one of the list."""
    enter(page, "general")
    there = [one for one in PROGRAMS if shutil.which(shlex.split(one.command)[0])]
    for number, one in enumerate(there, 1):
        look_at(page, number, one)
        picture(page, out, f"view-{one.name}")
    run(page, "/job kill", job=str(1 + [one.name for one in there].index("yes")))
    run(page, "/job list")
    picture(page, out, "jobs")
    for number in range(1, 1 + len(there)):
        run(page, "/job kill", job=str(number), now="True")


def look_at(page: Page, number: int, one: Shown) -> None:
    """Run it, until its view shows what it is to show."""
    run(page, "/job run", command=one.command, name=one.name, columns=str(one.columns))
    view = messages(page, f"Job {number} ").filter(has=page.get_by_role("button", name="Log")).last
    view.wait_for()
    if one.typed is not None:
        run(page, "/job input", job=str(number), text=one.typed)
    view.filter(has_text=one.shows).wait_for()
    view.locator("pre").last.scroll_into_view_if_needed()


if __name__ == "__main__":
    main()
