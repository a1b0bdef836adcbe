"""What the docs say of settings and commands is what there is."""

import importlib.util
import re
from types import ModuleType

import pytest

from patzta.keys import KEYS, SHELL_KEYS
from patzta.settings import PATZTABOT, ROOT, SHELLBOT
from patzta.store.tables import Table


@pytest.fixture(scope="module")
def making() -> ModuleType:
    """The script that makes the references."""
    spec = importlib.util.spec_from_file_location("make_references", ROOT / "docs" / "make_references.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_references_are_what_the_code_makes(making) -> None:
    made = making.references()
    assert [path.name for path in made] == ["settings.md", "commands.md"]
    stale = [path.name for path, text in made.items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run .venv/bin/python docs/make_references.py"


def test_the_references_name_every_key_and_both_defaults(making) -> None:
    text = making.settings_tables()
    known = {key for keys in (*KEYS.values(), *SHELL_KEYS.values()) for key in keys}
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.M)) == known
    assert f"`{PATZTABOT.extensions}`; shellbot: `{SHELLBOT.extensions}`" in text


@pytest.mark.parametrize(("program", "known"), [(PATZTABOT, KEYS), (SHELLBOT, SHELL_KEYS)])
def test_the_example_names_only_keys_that_exist(program, known) -> None:
    example = (ROOT / "config" / f"{program.config}.example").read_text()
    keys = re.findall(r"^#? ?(\w+)(?: =|:$)", example, re.M)
    assert keys
    assert set(keys) <= {key for keys in known.values() for key in keys}


def test_every_table_of_the_store_is_accounted_for() -> None:
    page = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", page, re.M)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(Table.metadata.tables)
