"""Which language a person writes in a session."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from patzta.chat.conversation import Conversation
from patzta.chat.placeholders import without_placeholders

LETTERS = 40
"""Less than that says too little."""
SURE = 10.0
"""How much likelier, as a difference of logarithms, another language must be."""


def language(text: str) -> str | None:
    """The code of the likeliest language, such as ``cs``; None if the text is too short to tell."""
    return _ranked(text)[0][0] if _letters(text) >= LETTERS else None


def is_other(session: Conversation, double: str, wanted: Collection[str]) -> bool:
    """Whether the double surely writes none of the ``wanted`` languages, judged from all of its words together."""
    texts = [without_placeholders(message.text) for message in session.messages if message.author == double]
    whole = "\n".join(texts)
    if _letters(whole) < LETTERS:
        return False
    ranked = _ranked(whole)
    best = max((score for code, score in ranked if code in wanted), default=float("-inf"))
    return ranked[0][1] - best > SURE


def _ranked(text: str) -> list[tuple[str, float]]:
    """Languages and the logarithms of their likelihoods, the likeliest first."""
    import py3langid

    library: Any = py3langid
    return [(str(code), float(score)) for code, score in library.rank(text)]


def _letters(text: str) -> int:
    return sum(character.isalpha() for character in text)
