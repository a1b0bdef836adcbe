"""Records the tour of both bots on one page: ``.venv/bin/python docs/make_tour.py``. Needs Chromium.

The double is talked to, another is trained as a job of the Shell bot, and its terminal is watched: pictures and a film.
"""

from __future__ import annotations

import io
from pathlib import Path

from _pictures import (
    ANSWER_MS,
    DOUBLE,
    SHELL,
    answers,
    composer,
    enter,
    fill,
    messages,
    parser,
    picture,
    quiet,
    running,
    say,
    stage,
    window,
)
from PIL import Image
from playwright.sync_api import Locator, Page, expect

WIDTH = 960
"""Pixels of the film."""
COLOURS = 256
CHAT = ("ahoj, co dnes děláš?", "jdeš večer na pivo?")
MEANWHILE = "a teď, když se učíš?"
TRAINING = (
    "bin/train --dataset datasets/demo --base base --out models/new --method lora --epochs 1"
    " --batch-tokens 1024 --max-tokens 512 --learning-rate 1e-3 --replay 0 --evaluated 20 --samples 2"
)
TRAINED_MS = 300_000


class Film:
    """What the page showed, one frame after the other."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._frames: list[Image.Image] = []
        self._seconds: list[float] = []

    def shoot(self, seconds: float) -> None:
        """Take a frame that is shown so long; one like the last only prolongs that."""
        taken = Image.open(io.BytesIO(self._page.screenshot())).convert("RGB")
        frame = taken.resize((WIDTH, taken.height * WIDTH // taken.width), Image.Resampling.LANCZOS)
        if self._frames and frame.tobytes() == self._frames[-1].tobytes():
            self._seconds[-1] += seconds
            return
        self._frames.append(frame)
        self._seconds.append(seconds)

    def write(self, path: Path) -> None:
        """As a GIF that begins anew at its end. One palette for all keeps what did not change out of the file."""
        palette = self._palette()
        first, *others = [frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in self._frames]
        durations = [round(1000 * seconds) for seconds in self._seconds]
        first.save(path, save_all=True, append_images=others, duration=durations, loop=0, optimize=True)

    def _palette(self) -> Image.Image:
        """Of three frames that show different things."""
        chosen = [self._frames[0], self._frames[len(self._frames) // 2], self._frames[-1]]
        sheet = Image.new("RGB", (WIDTH, sum(frame.height for frame in chosen)))
        for number, frame in enumerate(chosen):
            sheet.paste(frame, (0, number * frame.height))
        return sheet.quantize(COLOURS)


def main() -> None:
    """Run both bots, and go through the tour."""
    out = parser(__doc__).parse_args().out
    with stage() as data, running(data, DOUBLE, SHELL) as url, window(url) as page:
        film = Film(page)
        enter(page, "patztabot22-direct")
        for text in CHAT:
            talk(film, page, text)
        picture(page, out, "tour-chat")
        enter(page, "general")
        watch(film, page, start_training(film, page))
        picture(page, out, "tour-training")
        film.write(out / "tour.gif")


def talk(film: Film, page: Page, text: str) -> None:
    """Write to the double; each part of its answer is a frame."""
    composer(page).fill(text)
    film.shoot(1)
    below = answers(page, say(page, text))
    film.shoot(0.5)
    page.get_by_text("is typing…").or_(below.first).first.wait_for(timeout=ANSWER_MS)
    film.shoot(0.7)
    below.first.wait_for(timeout=ANSWER_MS)
    seen = 0
    while below.count() > seen:
        seen = below.count()
        film.shoot(0.7)
        quiet(page).or_(below.nth(seen)).first.wait_for(state="attached", timeout=ANSWER_MS)
    film.shoot(1.3)


def start_training(film: Film, page: Page) -> Locator:
    """Run it as a job; its view."""
    fill(page, "/job run", command=TRAINING, name="training")
    film.shoot(2)
    page.get_by_role("button", name="Run", exact=True).click()
    view = messages(page, "Job 1 ").filter(has=page.get_by_role("button", name="Log")).last
    view.wait_for()
    return view


def watch(film: Film, page: Page, view: Locator) -> None:
    """Each edit of the view is a frame, until the training is over; in between the double is talked to."""
    said = False
    while "success" not in (shown := view.inner_text()):
        film.shoot(0.6)
        expect(view).not_to_have_text(shown, use_inner_text=True, timeout=TRAINED_MS)
        if not said and "held out" in shown:
            said = True
            enter(page, "patztabot22-direct")
            talk(film, page, MEANWHILE)
            enter(page, "general")
    film.shoot(4)


if __name__ == "__main__":
    main()
