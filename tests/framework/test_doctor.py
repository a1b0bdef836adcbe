"""``--check``: each line, good and bad."""

import asyncio
import sqlite3

import pytest

from patzta.framework import doctor
from patzta.framework.doctor import check
from patzta.inference.persona import Persona
from patzta.permissions import Level
from patzta.sandbox.pointing import pointed
from patzta.settings import PATZTABOT
from patzta.store import grants
from patzta.store.database import Database
from patzta.store.migrate import upgrade

TOKEN = "MTIwMTM4NDAyMzAwMDAwMDAwMA.GabcdE.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"


@pytest.fixture
def folder(tmp_path):
    """A config folder in order, with a database that does not exist yet and without a model."""
    config = tmp_path / "patztabot_config.ini"
    config.write_text(
        f"[permissions]\nsaved =\n  1 owner\n  2 mod\n[database]\nurl = sqlite+aiosqlite:///{tmp_path}/x.db\n"
        "[plugins]\nextensions = database\n"
    )
    (tmp_path / "patztabot_token.txt").write_text(TOKEN + "\n")
    for file in tmp_path.iterdir():
        file.chmod(0o600)
    return tmp_path


@pytest.fixture(autouse=True)
def nowhere():
    """Discord, where a test has none of its own: an address at which nobody answers."""
    with pointed("http://127.0.0.1:1", "ws://127.0.0.1:1"):
        yield


def checked(folder, capsys) -> tuple[int, str]:
    code = asyncio.run(check(PATZTABOT, folder, folder))
    return code, capsys.readouterr().out


def test_everything_in_order(folder, capsys) -> None:
    code, said = checked(folder, capsys)
    assert code == 0
    lines = said.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("ok ")] == [
        "config:", "token:", "model:", "disk:", "database:"
    ]  # fmt: skip
    assert [line.split()[1] for line in lines if not line.startswith("ok ")] == ["discord:"], said
    assert TOKEN not in said
    assert not (folder / "x.db").exists(), "nothing is created"


def test_a_bad_config_is_exit_code_2(folder, capsys) -> None:
    (folder / "patztabot_config.ini").write_text("[permissions]\ndefalt = 1\n")
    code, said = checked(folder, capsys)
    assert code == 2
    assert "line 2: defalt: unknown key; did you mean 'default'?" in said


def test_a_missing_config_is_named(tmp_path, capsys) -> None:
    code, said = checked(tmp_path, capsys)
    assert code == 2
    assert "start bin/patztabot once" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("token", "said"), [("", "none"), ("hunter2", "something else"), ("a.b.c", "something else")])
def test_a_token_that_is_none(folder, capsys, token, said) -> None:
    (folder / "patztabot_token.txt").write_text(token)
    code, words = checked(folder, capsys)
    assert code == 1
    assert f"FAIL token: {folder}/patztabot_token.txt holds {said}" in words


def test_files_that_others_can_read(folder, capsys) -> None:
    (folder / "patztabot_token.txt").chmod(0o644)
    code, said = checked(folder, capsys)
    assert code == 0
    assert "warn files: others on this computer can read" in said


def test_a_model_that_is_missing(folder, capsys) -> None:
    config = folder / "patztabot_config.ini"
    config.write_text(config.read_text().replace("extensions = database", "") + f"[model]\npath = {folder}/none\n")
    code, said = checked(folder, capsys)
    assert code == 1
    assert f"FAIL model: {folder}/none" in said


def test_a_server_is_named_and_not_asked(folder, capsys) -> None:
    config, model = folder / "patztabot_config.ini", folder / "me"
    model.mkdir()
    Persona("Vilém", "../none", "0", "0").write(model)
    config.write_text(
        config.read_text().replace("extensions = database", "")
        + f"[model]\npath = {model}\nengine = openai\nkey = hush\nurl = http://127.0.0.1:1/v1\n"
    )
    code, said = checked(folder, capsys)
    assert code == 0
    assert f"ok   model: the double of Vilém in {model}" in said
    assert "ok   server: http://127.0.0.1:1/v1 is asked for me; whether it answers is not tried" in said
    assert "hush" not in said


def test_a_disk_that_is_nearly_full(folder, capsys, monkeypatch) -> None:
    monkeypatch.setattr(doctor, "LEAST_DISK", 2**60)
    code, said = checked(folder, capsys)
    assert code == 0
    assert "warn disk: only" in said


async def fill(url: str) -> None:
    await upgrade(url)
    database = Database(url)
    async with database.write() as session:
        await grants.save(session, 2, Level.ADMIN, by=1)
        await grants.save(session, 3, Level.ADMIN, by=1)
    await database.close()


def test_differences_between_config_and_store(folder, capsys) -> None:
    asyncio.run(fill(f"sqlite+aiosqlite:///{folder}/x.db"))
    code, said = checked(folder, capsys)
    assert code == 0
    assert "ok   database: revision" in said
    warning, _ = [line for line in said.splitlines() if line.startswith("warn")]
    assert warning == "warn permissions: 2: the config says mod, the store admin; it wins"


def test_a_database_from_a_newer_version(folder, capsys) -> None:
    asyncio.run(fill(f"sqlite+aiosqlite:///{folder}/x.db"))
    with sqlite3.connect(folder / "x.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    code, said = checked(folder, capsys)
    assert code == 1
    assert "FAIL database: revision 9999 is from a newer version" in said


def test_a_database_to_be_upgraded(folder, capsys) -> None:
    asyncio.run(fill(f"sqlite+aiosqlite:///{folder}/x.db"))
    with sqlite3.connect(folder / "x.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    assert "ok   database: revision 0001, upgraded at the next start" in checked(folder, capsys)[1]


def test_a_damaged_database(folder, capsys) -> None:
    (folder / "x.db").write_bytes(b"this is no database" * 100)
    code, said = checked(folder, capsys)
    assert code == 1
    assert "FAIL database: " in said
    assert "not a database" in said


def test_a_server_that_is_not_there(folder, capsys) -> None:
    config = folder / "patztabot_config.ini"
    config.write_text(
        config.read_text().replace(f"sqlite+aiosqlite:///{folder}/x.db", "postgresql+asyncpg://u:secret@127.0.0.1:1/x")
    )
    code, said = checked(folder, capsys)
    assert code == 1
    assert "FAIL database: postgresql+asyncpg://u:***@127.0.0.1:1/x" in said
    assert "secret" not in said


def test_the_sandbox_is_checked_too(tmp_path, capsys) -> None:
    code = asyncio.run(check(PATZTABOT, tmp_path, tmp_path, sandbox=True))
    assert code == 1, "no demo double was made yet"
    assert "FAIL model" in capsys.readouterr().out
