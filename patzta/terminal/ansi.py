"""A screen as the ``ansi`` code block of a Discord message."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from patzta.terminal.styles import PLAIN, WHITE, Line, Run, Style

OPEN, CLOSE = "```ansi\n", "\n```"
EMPTY = "\u200b"
"""A block must hold something."""
APART = "\u200b"
"""Stands between backticks, so that no output can end the block."""
PAPER = {0: 40, 1: 41, 2: 43, 3: 41, 4: 45, 5: 45, 6: 42, 7: 47}
"""Discord's eight backgrounds are no colours of the rainbow; these come nearest."""
_TICKS = re.compile("`(?=`)")


def block(lines: Sequence[Line], limit: int) -> str:
    """The newest lines that fit into ``limit`` characters; in colours unless these would cost lines."""
    room = limit - len(OPEN) - len(CLOSE)
    bare = [_code(line, coloured=False) for line in lines]
    coloured = [_code(line, coloured=True) for line in lines]
    plain, colours = _fitting(bare, room), _fitting(coloured, room)
    shown = colours if len(colours) >= len(plain) else plain
    # Of a line that alone is too long, its beginning.
    text = "\n".join(shown or [_begin(bare[-1], room)] if bare else [])
    return OPEN + (text or EMPTY) + CLOSE


def _fitting(lines: list[str], room: int) -> list[str]:
    """As many as fit, from the last line upwards."""
    used, first = -1, len(lines)
    while first and used + size(lines[first - 1]) + 1 <= room:
        first -= 1
        used += size(lines[first]) + 1
    return lines[first:]


def _begin(line: str, room: int) -> str:
    while size(line) > room:
        line = line[: len(line) - max(1, (size(line) - room) // 2)]
    return line


def size(text: str) -> int:
    """Its length as Discord's clients count: in units of UTF-16."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def _code(line: Line, *, coloured: bool) -> str:
    runs = [Run(clean(run.text), run.style if coloured else PLAIN) for run in line]
    text, before = "", PLAIN
    for run in _merged(runs):
        text += _change(before, run.style) + run.text
        before = run.style
    ended = text + (_change(before, PLAIN) if before != PLAIN else "")
    return _TICKS.sub("`" + APART, ended) if "``" in ended else ended


def _merged(runs: list[Run]) -> list[Run]:
    """Neighbours of one style in one; blank ones take the style before, where that shows nothing."""
    merged: list[Run] = []
    for run in runs:
        before = merged[-1] if merged else None
        blank = not run.text.strip() and run.style.paper is None and not run.style.underline
        joins = before and before.style.paper is None and not before.style.underline and blank
        if before and (before.style == run.style or joins):
            merged[-1] = Run(before.text + run.text, before.style)
        elif run.text:
            merged.append(run)
    while merged and not merged[-1].text.strip() and merged[-1].style.paper is None:
        merged.pop()
    return merged


def _change(before: Style, after: Style) -> str:
    """The shortest code that leads from one style to another."""
    if before == after:
        return ""
    wanted = _codes(after)
    kept = _codes(before)
    added = [code for code in wanted if code not in kept]
    loses = (before.bold and not after.bold) or (before.underline and not after.underline)
    loses |= (before.ink is not None and after.ink is None) or (before.paper is not None and after.paper is None)
    codes = ["0", *wanted] if loses else added
    return f"\x1b[{';'.join(codes)}m"


def _codes(style: Style) -> list[str]:
    codes = ["1"] * style.bold + ["4"] * style.underline
    # Discord's black is a grey that cannot be read on most of its backgrounds.
    faint = style.ink == 0 and style.paper is not None and style.paper != WHITE
    if style.ink is not None and not faint:
        codes.append(str(30 + style.ink))
    if style.paper is not None:
        codes.append(str(PAPER[style.paper]))
    return codes


def inline(text: str, limit: int) -> str:
    """Text as it stands in the type of code, on one line of at most ``limit`` characters."""
    flat = " ".join(text.split())
    short = flat if len(flat) <= limit else flat[: limit - 1] + "…"
    return f"`` {short.replace('`', 'ˋ')} ``"


def clean(text: str) -> str:
    """Without what would not be seen, or would turn what stands around it: control and format characters."""
    return "".join(char for char in text if char >= " " and (char.isprintable() or _harmless(char)))


def _harmless(char: str) -> bool:
    """Blanks, joiners of emoji and private-use symbols, which fonts for terminals have."""
    return unicodedata.category(char) in {"Zs", "Co"} or char == "\u200d"
