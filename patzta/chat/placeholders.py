"""What stands in a text for something that must not be learned: ``⟦phone 1⟧``, ``⟦link⟧``.

The brackets are mathematical ones that people do not type, so that they can be told from words, and so that a model can
be kept from writing them. What a person wrote in such brackets gets plain ones.
"""

import re
from collections.abc import Iterable

OPEN, CLOSE = "⟦", "⟧"
LINK = f"{OPEN}link{CLOSE}"
PLACEHOLDER = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")

URL = re.compile(
    r"(?:https?://|www\.)[^\s<>⟦⟧]+"
    r"|(?<![\w@.-])(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+"
    r"(?:com|org|net|info|eu|cz|sk|de|at|pl|uk|io|gg|me|tv|be|ly|gl|app|dev)\b(?![.\w@-]*@)(?:/[^\s<>⟦⟧]*)?",
    re.I,
)


def named(kind: str, number: int | None = None) -> str:
    """The placeholder of a kind; the number tells one thing of a kind from another."""
    return f"{OPEN}{kind}{'' if number is None else f' {number}'}{CLOSE}"


def plain_brackets(text: str) -> str:
    """The text with nothing in it that looks like a placeholder."""
    return text.replace(OPEN, "[[").replace(CLOSE, "]]") if OPEN in text or CLOSE in text else text


def links(text: str) -> list[tuple[int, int]]:
    """Where addresses of the web stand, without the full stop or bracket after one."""
    if "." not in text:
        return []
    return [(match.start(), match.start() + len(match[0].rstrip(".,;:!?)]"))) for match in URL.finditer(text)]


def without_links(text: str) -> str:
    """The text with placeholders for addresses of the web."""
    return replaced(text, ((start, end, LINK) for start, end in links(text)))


def without_placeholders(text: str) -> str:
    """The text without those."""
    return PLACEHOLDER.sub("", text)


class Swallow:
    """Takes placeholders out of a text that comes piece by piece; one that is not closed ends with its line."""

    def __init__(self) -> None:
        self._open = False

    def feed(self, text: str) -> str:
        """What is left of the next piece."""
        return "".join(character for character in text if self._passes(character))

    def _passes(self, character: str) -> bool:
        was, self._open = self._open, character == OPEN or (self._open and character not in (CLOSE, "\n"))
        return character == "\n" or not (was or self._open)


def replaced(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """The text with the stretches from ``start`` to before ``end``, which do not overlap, replaced."""
    for start, end, new in sorted(spans, reverse=True):
        text = text[:start] + new + text[end:]
    return text
