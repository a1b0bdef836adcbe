"""What people type in a message, as the bytes that a terminal would send."""

from __future__ import annotations

import re

KEYS = {
    "UP": "\x1b[A",
    "DOWN": "\x1b[B",
    "RIGHT": "\x1b[C",
    "LEFT": "\x1b[D",
    "HOME": "\x1b[H",
    "END": "\x1b[F",
    "PGUP": "\x1b[5~",
    "PGDN": "\x1b[6~",
    "DEL": "\x1b[3~",
    "ESC": "\x1b",
    "TAB": "\t",
    "ENTER": "\r",
    "SPACE": " ",
    "BACKSPACE": "\x7f",
    **{f"F{number}": code for number, code in zip(range(1, 5), ("\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS"), strict=True)},
    **{f"F{number}": f"\x1b[{code}~" for number, code in zip(range(5, 11), (15, 17, 18, 19, 20, 21), strict=True)},
}
_KEY = re.compile(rf"\[({'|'.join(KEYS)}|\^[A-Z@\[\\\]_])\]|(?<!\S)\^([A-Z])(?!\S)")


def typed(text: str) -> bytes:
    """Text with ``[UP]``, ``[^C]`` and the like as keys; ends with Enter unless it ends with such a key.

    A lone ``^C`` is the key too.
    """
    ends_with_key = bool(text) and any(found.end() == len(text) for found in _KEY.finditer(text))
    data = _KEY.sub(_code, text.replace("\r\n", "\n").replace("\n", "\r"))
    return (data if ends_with_key else f"{data}\r").encode()


def _code(found: re.Match[str]) -> str:
    name = found[1] or f"^{found[2]}"
    return chr(ord(name[1]) & 0x1F) if name.startswith("^") else KEYS[name]
