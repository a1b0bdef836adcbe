"""Settings: the documented format, its defaults, and one helpful line for each mistake."""

from pathlib import Path

import pytest

from patzta.permissions import Level
from patzta.settings import ROOT, SettingsError, read_settings

SEED = """[permissions]

# ignored by default (level 0)
default = 0

# the Discord user with given ID is the owner (level 4)
saved =
    620968062044209172 4
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "bot.ini"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_file_with_only_permissions_is_complete(tmp_path: Path) -> None:
    settings = read_settings(written(tmp_path, SEED))
    assert settings.rules.default is Level.IGNORED
    assert settings.rules.saved == {620968062044209172: Level.OWNER}
    assert settings.cogs == ("lifecycle", "permissions", "communication")
    assert settings.extensions == ("database", "model")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[permissions]\ndefalt = 0\n", 2, "defalt: unknown key; allowed here are default, saved"),
        ("[permissions]\ndefault = boss\n", 2, "default: 'boss' is no level; allowed are 0 (ignored), 1 (visible)"),
        ("[permissions]\ndefault = 4\n", 2, "'4' is no level"),
        ("[permissions]\nsaved =\n  1 4\n  2 9\n", 4, "saved: '9' is no level"),
        ("[permissions]\nsaved =\n  karel 4\n", 3, "saved: 'karel' is not a number; wanted is 'DISCORD_ID LEVEL'"),
        ("[permissions]\nsaved =\n  1\n", 3, "saved: '' is no level"),
        ("[permissions]\nsaved =\n  1 2\n  1 3\n", 4, "saved: 1 stands there twice"),
        ("[permissions]\nsaved =\n  11111111111111111111111 4\n", 3, "is not a number"),
        ("[DEFAULT]\ndefault = 3\n[permissions]\n", 1, "unknown section [DEFAULT]"),
        ("[permissions]\n[model]\npath = ~nobody-of-that-name/x\n", 3, "path: "),
        ("[permisions]\n", 1, "unknown section [permisions]; allowed are [permissions]"),
        ("[permissions]\n[model]\ntop_p = high\n", 3, "top_p: 'high' is not a number from 0.01 to 1"),
        ("[permissions]\n[model]\ntop_p = 3\n", 3, "top_p: '3' is not a number from 0.01 to 1"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(tmp_path: Path, text: str, line: int, said: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        read_settings(file)
    assert str(caught.value).startswith(f"{file}, line {line}: ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


NO_INI = ["default = 0\n", "[permissions]\ndefault = 0\ndefault = 1\n", "[permissions]\nwhat\n"]


@pytest.mark.parametrize("text", NO_INI)
def test_a_file_that_is_no_ini_is_one_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings(written(tmp_path, text))
    assert "bot.ini" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_tabs_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    settings = read_settings(written(tmp_path, "\ufeff[permissions]\nsaved =\n  7\t2\n"))
    assert settings.rules.saved == {7: Level.MOD}


def test_the_example_asks_for_the_owners_id() -> None:
    with pytest.raises(SettingsError, match=r"line 9: saved: put your own Discord user ID in place of YOUR_DISCORD_ID"):
        read_settings(ROOT / "config" / "patztabot_config.ini.example")
