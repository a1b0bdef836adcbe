"""Mojibake: repaired exactly once, and never where there is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patzta.importers.mojibake import repair


def broken(text: str) -> str:
    return text.encode().decode("latin-1")


@pytest.mark.parametrize(
    "text", ["é", "Příliš žluťoučký kůň", "Š", "😅", "😠", "à", "Å", "❤", "👩‍👩‍👧", "🇨🇿", "👍🏽", "a\u00a0b"]
)
def test_repairs_what_meta_writes(text: str) -> None:
    assert repair(broken(text)) == text


def test_what_somebody_wrote_as_mojibake_survives() -> None:
    assert repair(broken("Ã©")) == "Ã©"


@pytest.mark.parametrize("text", ["café", "žluť", "漢字", "naïve é", "😂", "Ñandú"])
def test_text_that_was_never_broken_stays(text: str) -> None:
    assert repair(text) == text


def test_a_text_cut_inside_a_character_keeps_what_is_whole() -> None:
    assert repair(broken("koukej 😂")[:-1]) == "koukej "
    assert repair(broken("žluť")[:-1]) == "žlu"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_text_in_nfc_comes_back(text: str) -> None:
    import unicodedata

    text = unicodedata.normalize("NFC", text)
    assert repair(broken(text)) == text
