"""Cut a long text into messages where a reader would not mind."""

from __future__ import annotations

import re

FENCE = "```"
_PLACES = (r"\n\n+", r"\n", r"(?<=[.!?…])\s+", r"\s+")
"""Where to cut, best first: between paragraphs, lines, sentences, words."""
_CLOSING = len(FENCE) + 1


def split(text: str, limit: int) -> list[str]:
    """Parts of at most ``limit`` characters (at least 40), none of them blank; a code block that is cut goes on as one.

    White space at a cut is dropped, everything else stays in its order.
    """
    parts: list[str] = []
    rest, opening = text.strip(), ""
    if len(rest) <= limit:
        return [rest] if rest else []
    while rest.strip():
        whole, left = _cut(opening + rest, limit, len(opening))
        if _open_fence(whole):
            whole, left = _cut(opening + rest, limit - _CLOSING, len(opening))
        rest, opening = left, _open_fence(whole)
        parts.append(f"{whole.rstrip()}\n{FENCE}" if opening else whole.rstrip())
        if opening and rest.lstrip().startswith(FENCE):
            # Only the end of the block is left of it.
            rest, opening = rest.lstrip().removeprefix(FENCE), ""
    return [part for part in parts if part.strip()]


def _cut(text: str, limit: int, opening: int) -> tuple[str, str]:
    """``opening`` is how many characters of a code block's first line the text begins with."""
    if len(text) <= limit:
        return text, ""
    for place in _PLACES[1:2] if opening else _PLACES:
        # A cut near the beginning would make a burst of scraps.
        found = [match for match in re.finditer(place, text[: limit + 1]) if limit // 3 <= match.start() <= limit]
        if found:
            return text[: found[-1].start()], text[found[-1].end() :]
    return text[:limit], text[limit:]


def _open_fence(text: str) -> str:
    """The line that opened a code block which ``text`` leaves open, as it opens the next part; empty for none."""
    fences = re.findall(rf"{FENCE}([\w+#-]*)", text)
    return f"{FENCE}{fences[-1][:20]}\n" if len(fences) % 2 else ""
