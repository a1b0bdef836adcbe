"""The scripts that make the pictures of the docs still do."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from patzta.settings import ROOT
from tests.conftest import DATA

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

IMG = ROOT / "docs" / "img"
LARGEST = 1_500_000
"""Bytes of a film that a page may bring."""


def make(script: str, out: Path, *arguments: str) -> set[str]:
    """Run a script into a folder; the names of what it wrote."""
    before = {path: path.stat().st_mtime_ns for path in IMG.iterdir()}
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / script, "--out", out, *arguments],
        env={**os.environ, "PATZTA_DATA": str(DATA), "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert {path: path.stat().st_mtime_ns for path in IMG.iterdir()} == before, "the docs are not touched"
    return {path.name for path in out.iterdir() if shows_something(path)}


def shows_something(path: Path) -> bool:
    """Whether it is a picture with more than a few colours."""
    with Image.open(path) as picture:
        return len(picture.convert("RGB").getcolors(1 << 24)) > 50


def shown_by(*beginnings: str) -> set[str]:
    return {path.name for path in IMG.iterdir() if path.name.startswith(beginnings)}


def test_pictures_of_the_double(demo, chromium, tmp_path) -> None:
    others = shown_by("view-", "jobs", "tour", "likeness")
    assert make("make_pictures.py", tmp_path, "--replies", "10") == {path.name for path in IMG.glob("*.png")} - others


def test_pictures_of_the_shell_bot(demo, chromium, tmp_path) -> None:
    missing = {f"view-{program}.png" for program in ("htop", "vim") if not shutil.which(program)}
    assert make("make_shell_pictures.py", tmp_path) == shown_by("view-", "jobs") - missing


def test_the_tour(demo, chromium, tmp_path) -> None:
    assert make("make_tour.py", tmp_path) == {"tour.gif", "tour-chat.png", "tour-training.png"}
    film = tmp_path / "tour.gif"
    assert film.stat().st_size < LARGEST
    with Image.open(film) as picture:
        assert picture.width <= 960
        assert picture.n_frames > 20
