"""What the demo double is asked when it is judged. None of it stands in the export."""

from __future__ import annotations

from pathlib import Path

_FILE = Path(__file__).with_name("questions.txt")


def questions() -> tuple[list[str], list[str]]:
    """Ten to be read side by side with the base, and a hundred that only count."""
    shown, _, counted = _FILE.read_text(encoding="utf-8").strip().partition("\n\n")
    return shown.splitlines(), counted.splitlines()
