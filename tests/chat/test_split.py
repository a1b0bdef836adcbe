"""Long texts are cut into messages at sensible places."""

from hypothesis import given
from hypothesis import strategies as st

from patzta.chat.split import split


def test_what_fits_stays_whole() -> None:
    assert split("ahoj\n\njak je?", 2000) == ["ahoj\n\njak je?"]
    assert split("  \n ", 2000) == []


def test_it_cuts_between_paragraphs_then_lines_then_sentences_then_words() -> None:
    assert split("a" * 30 + "\n\n" + "b" * 30, 50) == ["a" * 30, "b" * 30]
    assert split("a" * 30 + "\n" + "b" * 30, 50) == ["a" * 30, "b" * 30]
    assert split("Je to tak. " * 6, 50) == ["Je to tak. Je to tak. Je to tak. Je to tak.", "Je to tak. Je to tak."]
    assert split("slovo " * 12, 50)[0] == "slovo slovo slovo slovo slovo slovo slovo slovo"
    assert split("x" * 100, 50) == ["x" * 50, "x" * 50]


def test_a_code_block_goes_on_in_the_next_message() -> None:
    lines = [f"print({number})" for number in range(20)]
    parts = split("hele:\n```python\n" + "\n".join(lines) + "\n```\nchápeš?", 100)
    assert all(part.count("```") % 2 == 0 for part in parts)
    assert all(part.startswith("```python\n") for part in parts[1:-1])
    code = [line for part in parts for line in part.splitlines() if line.startswith("print")]
    assert code == lines
    assert parts[-1].endswith("chápeš?")


@given(st.text(alphabet="ab .\n`", max_size=400), st.integers(40, 120))
def test_no_part_is_too_long_or_blank_and_nothing_is_lost(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(part.strip() and len(part) <= limit for part in parts)
    assert [c for part in parts for c in part if c in "ab."] == [c for c in text if c in "ab."]


@given(st.text(max_size=300), st.integers(40, 80))
def test_any_text_without_code_keeps_every_word(text: str, limit: int) -> None:
    plain = text.replace("`", "'")
    assert "".join("".join(split(plain, limit)).split()) == "".join(plain.split())
