"""Both emulators: the same bytes, the same picture; nothing that a job prints ends a view."""

import random

import pytest

from patzta.terminal.fallback import PyteScreen
from patzta.terminal.ghostty import GhosttyScreen
from patzta.terminal.styles import Style, plain

SCREENS = [GhosttyScreen, PyteScreen]
BOTH = pytest.mark.parametrize("screen", SCREENS)


def shown(screen, data: bytes, rows: int = 6, columns: int = 40) -> list[str]:
    one = screen(rows, columns)
    one.feed(data)
    return [plain(line).rstrip() for line in one.lines()]


@BOTH
@pytest.mark.parametrize(
    ("data", "picture"),
    [
        (b"a\r\nb", ["a", "b"]),
        (b" 10%\r 50%\r100%", ["100%"]),
        (b"abc\x1b[2Dx", ["axc"]),
        (b"\x1b[2J\x1b[3;5Hhere", ["", "", "    here"]),
        ("žluťoučký kůň 🐎 你好".encode(), ["žluťoučký kůň 🐎 你好"]),
        (b"1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7", ["2", "3", "4", "5", "6", "7"]),
        (b"x" * 45, ["x" * 40, "x" * 5]),
        (b"\xff\xfe", None),
    ],
)
def test_what_is_shown(screen, data, picture) -> None:
    found = shown(screen, data)
    assert picture is None or found == picture


@BOTH
def test_a_cut_character_is_put_together(screen) -> None:
    one = screen(3, 20)
    for byte in "🐎\x1b[31mč\x1b[0m".encode():
        one.feed(bytes([byte]))
    (line,) = one.lines()
    assert plain(line) == "🐎č"
    assert line[-1].style == Style(ink=1)


@BOTH
def test_colours(screen) -> None:
    one = screen(3, 60)
    one.feed(b"\x1b[1;31mred\x1b[0;4;42mon green\x1b[0m\x1b[38;5;46mgreen\x1b[38;2;10;20;250mblue\x1b[0;7minverse")
    (line,) = one.lines()
    assert [(run.text, run.style) for run in line] == [
        ("red", Style(bold=True, ink=1)),
        ("on green", Style(underline=True, paper=2)),
        ("green", Style(ink=2)),
        ("blue", Style(ink=4)),
        ("inverse", Style(ink=0, paper=7)),
    ]


@BOTH
def test_history_is_scrolled_to_and_a_size_is_changed(screen) -> None:
    one = screen(5, 20)
    one.feed(b"".join(f"line {n}\r\n".encode() for n in range(100)))
    assert [plain(line).strip() for line in one.lines()] == ["line 96", "line 97", "line 98", "line 99"]
    assert one.history >= 90
    assert plain(one.lines(50)[0]).strip() == "line 46"
    assert plain(one.lines(10**6)[0]).strip() == f"line {96 - one.history}"
    one.resize(3, 10)
    one.feed(b"more")
    assert plain(one.lines()[-1]).strip() == "more"


def test_the_screen_before_a_full_screen_program_comes_back() -> None:
    one = GhosttyScreen(4, 20)
    one.feed(b"$ vim\r\n\x1b[?1049h\x1b[2J\x1b[Hfile\x1b[?4m\x1b[>4;2m")
    assert [plain(line) for line in one.lines()] == ["file"]
    one.feed(b"\x1b[?1049l")
    assert [plain(line) for line in one.lines()] == ["$ vim"]


PIECES = [
    b"\x1b[", b"\x1b]0;", b"\x1b]4;1;rgb:", b"\x1bP", b"\x1b_G", b"\x1b\\", b"\x07", b"m", b"H", b"J", b"K",
    b"?", b">", b"<", b";", b":", b"38:2::1:2:3m", b"48;5;300m", b"?1049h", b"?1049l", b"?4m", b"999999999999",
    b"-1", b"\x9b", b"\r", b"\n", b"\x08", b"\t", b"\x00", b"\xff", b"```", b"`", "🐎".encode(),
    "\u202e\u200d\u0301".encode(), b"text ", b"\x1b(0", b"\x0e", b"\x1b[2;3r", b"\x1bM", b"\x1bD", b"\x1bc",
    b"\x1b[!p", b"\x1b[5S", b"\x1b[b", b"\x1b[10000X", b"\x1b[200@", b"\x1b[3g",
]  # fmt: skip


def nonsense(dice: random.Random) -> bytes:
    """Bytes that look like what terminals get, half of the time; else any."""
    if dice.random() < 0.3:
        return dice.randbytes(dice.randrange(200))
    return b"".join(dice.choice(PIECES) for _ in range(dice.randrange(60)))


@pytest.mark.parametrize(("screen", "times"), [(GhosttyScreen, 20_000), (PyteScreen, 2_000)])
def test_no_output_breaks_it(screen, times) -> None:
    dice = random.Random(7)
    one = screen(24, 80)
    for turn in range(times):
        one.feed(nonsense(dice))
        if turn % 20 == 0:
            lines = one.lines(dice.choice((0, 0, 5, 10_000)))
            assert len(lines) <= 24
        if turn % 97 == 0:
            one.resize(dice.randrange(1, 60), dice.randrange(1, 200))
            one.resize(24, 80)
        if turn % 500 == 0:
            one = screen(24, 80)
