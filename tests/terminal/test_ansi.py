"""A screen in a Discord message: it fits, holds only what Discord knows, and nothing breaks out of it."""

import random
import re

import pytest

from patzta.terminal import ansi
from patzta.terminal.ghostty import GhosttyScreen
from patzta.terminal.styles import PLAIN, Run, Style, indexed, nearest, read_lines
from tests.terminal.test_screen import nonsense

ALLOWED = re.compile(r"\x1b\[(?:0|1|4|3[0-7]|4[0-7])(?:;(?:0|1|4|3[0-7]|4[0-7]))*m")


def test_an_empty_screen_is_a_block_too() -> None:
    assert ansi.block([], 100) == "```ansi\n\u200b\n```"


def test_styles_change_by_the_shortest_code() -> None:
    lines = read_lines("\x1b[31mred\x1b[0m \x1b[31mred\x1b[1mbold\x1b[0mplain")
    assert ansi.block(lines, 200) == "```ansi\n\x1b[31mred red\x1b[1mbold\x1b[0mplain\n```"


def test_the_newest_lines_stay() -> None:
    lines = [(Run(f"line {n}"),) for n in range(100)]
    text = ansi.block(lines, 100)
    assert len(text) <= 100
    assert text.endswith("line 98\nline 99\n```")


def test_colour_that_costs_lines_is_left_out() -> None:
    colourful = [tuple(Run(char, Style(ink=n % 7)) for n, char in enumerate("colourful words")) for _ in range(10)]
    assert "\x1b" not in ansi.block(colourful, 250)
    assert ansi.block(colourful, 250).count("colourful words") == 10
    assert "\x1b" in ansi.block(colourful, 4000)


def test_of_a_line_that_is_too_long_the_beginning_is_shown() -> None:
    text = ansi.block([(Run("🐎" * 5000),)], 1000)
    assert ansi.size(text) <= 1000
    assert text.count("🐎") > 400
    assert len(ansi.block([(Run("x" * 5000, Style(ink=1)),)], 1000)) == 1000


@pytest.mark.parametrize("text", ["```", "````````", "`", "``", "a```b``` c"])
def test_backticks_cannot_end_the_block(text) -> None:
    block = ansi.block([(Run(text),), (Run(text[:1]), Run(text, Style(bold=True)))], 500)
    assert block.count("```") == 2
    assert block.replace("\u200b", "").count("`") == 6 + text.count("`") * 2 + text[:1].count("`")


def test_what_turns_or_hides_text_is_left_out() -> None:
    assert ansi.clean("a\u202eb\u200bc\x07d\x9be\u2066f\ue0b0 g\u200d") == "abcdef\ue0b0 g\u200d"


def test_twenty_thousand_screens_of_nonsense() -> None:
    """Within the limit, allowed codes only, no way out of the block."""
    dice = random.Random(11)
    screen = GhosttyScreen(24, 80)
    for turn in range(20_000):
        screen.feed(nonsense(dice))
        if turn % 10 == 0:
            limit = dice.choice((60, 300, 2000, 4000))
            block = ansi.block(screen.lines(), limit)
            inside = block.removeprefix(ansi.OPEN).removesuffix(ansi.CLOSE)
            assert ansi.size(block) <= limit
            assert "```" not in inside
            assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", ALLOWED.sub("", inside))
        if turn % 100 == 0:
            screen = GhosttyScreen(24, 80)


def test_colours_of_all_kinds_become_one_of_eight() -> None:
    assert [indexed(n) for n in (1, 9, 46, 21, 196, 226, 201, 51, 231, 232, 250)] == [1, 1, 2, 4, 1, 3, 5, 6, 7, 0, 7]
    assert nearest(0, 0, 0) == 0
    assert {indexed(n) for n in range(256)} == set(range(8))
    assert read_lines("\x1b[38;2mx")[0] == (Run("x", PLAIN),)
