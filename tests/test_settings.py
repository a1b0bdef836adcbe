"""Settings: the documented format, its defaults, and one helpful line for each mistake."""

from pathlib import Path

import pytest

from patzta.framework.sandbox import sandbox_settings
from patzta.permissions import Level, Rules, TrustedRole
from patzta.settings import ROOT, Settings, SettingsError, read_settings, read_shell_settings

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
    assert settings.cogs == ("lifecycle", "permissions", "communication", "evaluation", "model")
    assert settings.extensions == ("database", "model")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (
            "[permissions]\ndefalt = 0\n",
            2,
            "unknown key; did you mean 'default'? Allowed here are default, saved",
        ),
        ("[permissions]\ndefault = boss\n", 2, "default: 'boss' is no level; allowed are 0 (ignored), 1 (visible)"),
        ("[permissions]\ndefault = 4\n", 2, "'4' is no level"),
        ("[permissions]\nsaved =\n  1 4\n  2 9\n", 4, "saved: '9' is no level"),
        ("[permissions]\nsaved =\n  karel 4\n", 3, "saved: 'karel' is not a number; wanted is 'DISCORD_ID LEVEL'"),
        ("[permissions]\nsaved =\n  1\n", 3, "saved: '' is no level"),
        ("[permissions]\nsaved =\n  1 2\n  1 3\n", 4, "saved: 1 stands there twice"),
        ("[permissions]\nsaved =\n  11111111111111111111111 4\n", 3, "is not a number"),
        ("[DEFAULT]\ndefault = 3\n[permissions]\n", 1, "unknown section [DEFAULT]"),
        ("[permissions]\n[model]\npath = ~nobody-of-that-name/x\n", 3, "path: "),
        ("[permisions]\n", 1, "unknown section [permisions]; did you mean 'permissions'? Allowed are [permissions]"),
        ("[permissions]\n[xyz]\n", 2, "unknown section [xyz]. Allowed are [permissions]"),
        ("[permissions]\nsaved =\n  # mine\n  1 2\n\n  1 2\n", 6, "saved: 1 stands there twice"),
        ("[permissions]\nsaved = 1 2\n  2 9\n", 3, "saved: '9' is no level"),
        ("[permissions]\n  saved =\n    1 2\n    2 x\n", 4, "saved: 'x' is no level"),
        ("[permissions]\nsaved =\n  12 2\n  1 9 ; no\n", 4, "saved: '9' is no level"),
        ("[permissions]\nroles =\n  1 visible\n", 3, "roles: '1 visible' is not 'SERVER_ID ROLE LEVEL'"),
        ("[permissions]\nroles =\n  1 boss owner\n", 3, "roles: 'owner' is no level"),
        ("[permissions]\nroles =\n  home boss mod\n", 3, "roles: 'home' is not a number"),
        ("[permissions]\nnotice = maybe\n", 2, "notice: 'maybe' is neither yes nor no"),
        ("[permissions]\n[bot]\nname =\n", 3, "name: is empty; remove the key to get the default"),
        ("[permissions]\n[model]\npath =\n", 3, "path: is empty"),
        ("[permissions]\n[database]\nurl =\n", 3, "url: is empty"),
        ("[permissions]\n[database]\nurl = my.db\n", 3, "url: is no address like sqlite+aiosqlite:///FILE"),
        ("[permissions]\n[discord]\nguilds = 1 two\n", 3, "guilds: 'two' is not a number"),
        ("[permissions]\n[model]\ntop_p = high\n", 3, "top_p: 'high' is not a number from 0.01 to 1"),
        ("[permissions]\n[model]\ntop_p = 3\n", 3, "top_p: '3' is not a number from 0.01 to 1"),
        ("[permissions]\n[model]\nengine = cloud\n", 3, "engine: 'cloud' is none of local, openai"),
        ("[permissions]\n[model]\nurl = localhost:8000\n", 3, "url: 'localhost:8000' is no address like http://"),
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


def test_levels_have_names_and_numbers_everywhere(tmp_path: Path) -> None:
    text = "[permissions]\ndefault = Visible\nsaved =\n  7 mod\nroles =\n  9 my dear friends visible\n  9 11 3\n"
    rules = read_settings(written(tmp_path, text)).rules
    assert rules.default is Level.VISIBLE
    assert rules.saved == {7: Level.MOD}
    assert rules.roles == (TrustedRole(9, "my dear friends", Level.VISIBLE), TrustedRole(9, "11", Level.ADMIN))


def test_a_relative_database_starts_at_the_checkout(tmp_path: Path) -> None:
    settings = read_settings(written(tmp_path, "[database]\nurl = sqlite+aiosqlite:///data/my.db\n"))
    assert settings.database == f"sqlite+aiosqlite:///{ROOT}/data/my.db"
    for url in ("sqlite+aiosqlite:////var/my.db", "postgresql+asyncpg://me:secret@host/name"):
        assert read_settings(written(tmp_path, f"[database]\nurl = {url}\n")).database == url


def test_the_environment_replaces_the_file(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("PATZTA_MODEL_TOP_P", "0.5")
    monkeypatch.setenv("PATZTA_PERMISSIONS_SAVED", "7 mod\n8 visible")
    settings = read_settings(written(tmp_path, SEED + "[model]\ntop_p = 0.9\n"))
    assert settings.model.top_p == 0.5
    assert settings.rules.saved == {7: Level.MOD, 8: Level.VISIBLE}


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("PATZTA_MODEL_TOP_P", "3", "the environment, PATZTA_MODEL_TOP_P: top_p: '3' is not a number from 0.01 to 1."),
        ("PATZTA_MODEL_TOPP", "1", "PATZTA_MODEL_TOPP is no setting; did you mean 'PATZTA_MODEL_TOP_P'?"),
        ("PATZTA_QQQQQQ", "1", "PATZTA_QQQQQQ is no setting"),
    ],
)
def test_a_mistake_in_the_environment_is_named(tmp_path: Path, monkeypatch, variable, value, said) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SettingsError) as caught:
        read_settings(written(tmp_path, SEED))
    assert said in str(caught.value)


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


def test_the_sandbox_finds_the_datasets_beside_the_models(tmp_path: Path) -> None:
    settings = sandbox_settings(tmp_path)
    assert settings.dataset.parent == tmp_path / "datasets"
    assert settings.dataset.name == settings.model.path.name


def test_the_sandbox_has_jobs_and_keeps_its_reports_to_itself(tmp_path: Path) -> None:
    settings = sandbox_settings(tmp_path)
    assert settings.extensions == ("database", "model", "jobs")
    assert settings.reports == tmp_path / "sandbox" / "reports"


def shell(folder: Path, text: str) -> Settings:
    return read_shell_settings(written(folder, text), folder)


def test_shellbots_admins_are_all_who_may_do_anything(tmp_path: Path) -> None:
    settings = shell(tmp_path, "[permissions]\nadmins:\n    620968062044209172\n    7\n")
    assert settings.rules == Rules(Level.IGNORED, {620968062044209172: Level.OWNER, 7: Level.OWNER})
    assert (settings.closed, settings.cogs) == (True, ("lifecycle", "jobs", "views"))
    assert settings.database == f"sqlite+aiosqlite:///{tmp_path}/shellbot.db"


@pytest.mark.parametrize("text", ["[permissions]\n", "[permissions]\nadmins =\n", ""])
def test_a_shellbot_without_admins_does_not_start(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="name who may use this bot"):
        shell(tmp_path, text)


def test_shellbots_example_cannot_be_used_as_it_is() -> None:
    with pytest.raises(SettingsError, match="put your own Discord user ID in place of YOUR_DISCORD_ID"):
        read_shell_settings(ROOT / "config" / "shellbot_config.ini.example")


def test_no_variable_makes_an_admin_of_shellbot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATZTA_PERMISSIONS_DEFAULT", "3")
    assert shell(tmp_path, "[permissions]\nadmins: 7\n").rules.default is Level.IGNORED
    monkeypatch.setenv("PATZTA_PERMISSIONS_ADMINS", "8")
    with pytest.raises(SettingsError, match="PATZTA_PERMISSIONS_ADMINS is no setting"):
        shell(tmp_path, "[permissions]\nadmins: 7\n")
