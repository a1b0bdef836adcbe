"""What the docs say of settings is what there is."""

import re

import pytest

from patzta.settings import KEYS, PATZTABOT, ROOT, SHELL_KEYS, SHELLBOT


def documented() -> dict[str, tuple[str, ...]]:
    """Sections and keys in the table of docs/settings.md."""
    found: dict[str, list[str]] = {}
    section = ""
    for row in re.findall(r"^\| (?:`\[(\w+)\]`)? ?\| `(\w+)` \|", (ROOT / "docs" / "settings.md").read_text(), re.M):
        section = row[0] or section
        found.setdefault(section, []).append(row[1])
    return {section: tuple(keys) for section, keys in found.items()}


def test_every_key_is_documented_and_every_documented_key_exists() -> None:
    assert documented() == KEYS


@pytest.mark.parametrize(("program", "known"), [(PATZTABOT, KEYS), (SHELLBOT, SHELL_KEYS)])
def test_the_example_names_only_keys_that_exist(program, known) -> None:
    example = (ROOT / "config" / f"{program.config}.example").read_text()
    keys = re.findall(r"^#? ?(\w+)(?: =|:$)", example, re.M)
    assert keys
    assert set(keys) <= {key for keys in known.values() for key in keys}
