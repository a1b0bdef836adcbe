"""Ways of spelling that people have in chats."""

import unicodedata


def bare(text: str) -> str:
    """The text without diacritics."""
    return "".join(mark for mark in unicodedata.normalize("NFD", text) if not unicodedata.combining(mark))


def careless(text: str) -> str:
    """The text without capitals and without a full stop at its end."""
    return text.rstrip(".").lower()


def bare_careless(text: str) -> str:
    """Neither diacritics nor capitals nor a full stop."""
    return careless(bare(text))
