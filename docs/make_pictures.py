"""Makes the pictures of the docs: ``.venv/bin/python docs/make_pictures.py``. Needs Chromium and what tests need."""

from __future__ import annotations

import subprocess
from pathlib import Path

from _pictures import DOUBLE, ask, enter, messages, parser, picture, run, running, say, stage, window
from playwright.sync_api import Page

from patzta.settings import ROOT

CHAT = ("ahoj, co dnes děláš?", "a jak se má Žužu? 🙂", "jdeš večer na pivo?")


def main() -> None:
    """Run the sandbox as a user does, chat a little, and look."""
    wanted = parser(__doc__)
    wanted.add_argument("--replies", default="60", help="that /evaluate judges (default: %(default)s)")
    chosen = wanted.parse_args()
    with stage() as data, running(data, DOUBLE) as url:
        with window(url) as page:
            take_pictures(page, chosen.out, chosen.replies)
        show = [ROOT / "bin" / "dataset", "show", data / "datasets" / "demo", "--out", data / "dataset.html"]
        with window(subprocess.check_output(show, text=True).strip(), 1000) as page:
            picture(page, chosen.out, "dataset")


def take_pictures(page: Page, out: Path, replies: str) -> None:
    """All that are of the sandbox's page."""
    enter(page, "patztabot22-direct")
    for text in CHAT:
        ask(page, text)
    picture(page, out, "sandbox")
    run(page, "/restart")
    run(page, "/permissions explain", user="Cizinec", command="restart")
    picture(page, out, "commands")
    look_at_stranger(page)
    picture(page, out, "stranger")
    look_at_menu(page)
    picture(page, out, "menu")
    page.keyboard.press("Escape")
    look_at_test(page)
    picture(page, out, "test")
    look_at_evaluation(page, replies)
    picture(page, out, "evaluate")
    look_at_blind_vote(page)
    picture(page, out, "blind")
    look_at_results(page)
    picture(page, out, "results")


def become(page: Page, person: str) -> None:
    """Write as somebody else."""
    page.locator(f'[data-person="{person}"]').click()


def look_at_stranger(page: Page) -> None:
    """What the owner is told when one writes."""
    become(page, "cizinec")
    say(page, "hi, who is this?")
    become(page, "vilem")
    page.get_by_role("button", name="Direct messages").click()
    page.locator('[data-dm="patztabot22"]').click()
    page.get_by_role("button", name="Allow").last.wait_for()


def look_at_menu(page: Page) -> None:
    """The commands of an answer's menu."""
    enter(page, "patztabot22-direct")
    answer = page.locator("[data-author=patztabot22]", has=page.get_by_label("Apps")).last
    answer.hover()
    answer.get_by_label("Apps").click()
    page.get_by_role("menuitem", name="Regenerate").wait_for()


def look_at_test(page: Page) -> None:
    """``/test`` to its end."""
    enter(page, "general")
    run(page, "/test")
    messages(page, "done, ").last.wait_for(timeout=120_000)


def look_at_evaluation(page: Page, replies: str) -> None:
    """``/evaluate`` to its result."""
    enter(page, "random")
    run(page, "/evaluate", replies=replies)
    page.get_by_role("img", name="likeness.png").last.wait_for(timeout=1_800_000)


def look_at_blind_vote(page: Page) -> None:
    """A vote about Bára's chats."""
    run(page, "/alias", user="Bára Tichá", name="Bára Tichá")
    run(page, "/permissions set", user="Cizinec", level="visible")
    become(page, "bara")
    enter(page, "general")
    run(page, "/privacy")
    page.get_by_role("button", name="Agree").last.click()
    messages(page, "Thank you: judged").last.wait_for()
    become(page, "vilem")
    run(page, "/blind start", count="4")


def look_at_results(page: Page) -> None:
    """Vilém and the stranger take part, and it is counted."""
    for person in ("vilem", "cizinec"):
        become(page, person)
        for button in page.get_by_role("button", name="The first is real").all():
            button.click()
            messages(page, "Counted.").last.wait_for()
    become(page, "vilem")
    run(page, "/blind results")
    page.get_by_role("img", name="blind.png").last.wait_for()


if __name__ == "__main__":
    main()
