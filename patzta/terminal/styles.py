"""Text in the few styles that Discord can show, and the reading of SGR codes into them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

RED, GREEN, BLUE = 1, 2, 4
"""The bits of the eight colours: black 0, red 1, green 2, yellow 3, blue 4, magenta 5, cyan 6, white 7."""
WHITE = 7
_ESCAPE = re.compile(r"\x1b\[([\d;:]*)m|\x1b\][^\x1b\x07]*(?:\x1b\\|\x07)")


@dataclass(frozen=True, slots=True)
class Style:
    """``ink`` and ``paper`` are one of the eight colours, None the terminal's own."""

    bold: bool = False
    underline: bool = False
    ink: int | None = None
    paper: int | None = None


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one style."""

    text: str
    style: Style = PLAIN


Line = tuple[Run, ...]


def plain(line: Line) -> str:
    """The characters of a line."""
    return "".join(run.text for run in line)


def read_lines(text: str) -> list[Line]:
    """Lines of text with SGR codes, each with its runs; other codes must not be in it."""
    reader = _Reader()
    return [reader.line(line) for line in text.replace("\r", "").split("\n")]


class _Reader:
    """Goes on with the style that a line left."""

    def __init__(self) -> None:
        self._style, self._inverse = PLAIN, False

    def line(self, text: str) -> Line:
        runs: list[Run] = []
        at = 0
        for found in _ESCAPE.finditer(text):
            runs += self._run(text[at : found.start()])
            at = found.end()
            if found[1] is not None:
                self._read(found[1])
        return tuple(runs + self._run(text[at:]))

    def _run(self, text: str) -> list[Run]:
        return [Run(text, self._shown())] if text else []

    def _shown(self) -> Style:
        style = self._style
        if not self._inverse:
            return style
        return replace(style, ink=style.paper or 0, paper=WHITE if style.ink is None else style.ink)

    def _read(self, codes: str) -> None:
        numbers = [int(code or 0) for code in re.split("[;:]", codes)]
        while numbers:
            code = numbers.pop(0)
            if code in {38, 48}:
                self._style = replace(self._style, **{"ink" if code == 38 else "paper": _colour(numbers)})
            else:
                self._apply(code)

    def _apply(self, code: int) -> None:
        if code == 0:
            self._style, self._inverse = PLAIN, False
        elif code in {7, 27}:
            self._inverse = code == 7
        elif changes := _changes(code):
            self._style = replace(self._style, **changes)


def _changes(code: int) -> dict[str, bool | int | None]:
    match code:
        case 1 | 22:
            return {"bold": code == 1}
        case 4 | 24:
            return {"underline": code == 4}
        case _ if 30 <= code <= 37 or 90 <= code <= 97:
            return {"ink": code % 10}
        case _ if 40 <= code <= 47 or 100 <= code <= 107:
            return {"paper": code % 10}
        case 39:
            return {"ink": None}
        case 49:
            return {"paper": None}
        case _:
            return {}


def _colour(numbers: list[int]) -> int | None:
    """Takes the rest of an extended colour off the numbers."""
    kind = numbers.pop(0) if numbers else 0
    if kind == 5 and numbers:
        return indexed(numbers.pop(0))
    if kind == 2 and len(numbers) >= 3:
        red, green, blue = numbers[:3]
        del numbers[:3]
        return nearest(red, green, blue)
    return None


def indexed(number: int) -> int:
    """The nearest of the eight for one of the 256: sixteen, a cube of six levels, and 24 greys."""
    if number < 16:
        return number % 8
    if number >= 232:
        grey = 8 + 10 * (number - 232)
        return nearest(grey, grey, grey)
    number -= 16
    red, green, blue = (0 if level == 0 else 55 + 40 * level for level in (number // 36, number // 6 % 6, number % 6))
    return nearest(red, green, blue)


def nearest(red: int, green: int, blue: int) -> int:
    """The one of the eight with the same hue; greys become black or white."""
    strongest = max(red, green, blue)
    if strongest - min(red, green, blue) < strongest / 4:
        return WHITE if strongest >= 96 else 0
    half = strongest * 0.6
    return RED * (red > half) | GREEN * (green > half) | BLUE * (blue > half)
