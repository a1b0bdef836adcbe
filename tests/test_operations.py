"""docs/operations.md: the unit is one that systemd takes, and the copy of the database is whole."""

import re
import shutil
import sqlite3
import subprocess
from configparser import RawConfigParser
from contextlib import closing

import pytest

from patzta.settings import ROOT
from tests.markdown import blocks

PAGE = ROOT / "docs" / "operations.md"
(UNIT,) = (block.text for block in blocks(PAGE) if block.language == "systemd")
SETTINGS = {
    "Unit": {"Description"},
    "Service": {
        "ExecStart", "Restart", "RestartSec", "SuccessExitStatus", "RestartPreventExitStatus", "KillMode", "Delegate",
        "UMask",
    },
    "Install": {"WantedBy"},
}  # fmt: skip
"""Sections and settings of systemd.unit(5), systemd.service(5) and systemd.exec(5) that the unit may have."""


def complaints(unit: str, folder) -> str:
    """What systemd has to say against a unit; where there is none, the settings that it would not know."""
    return by_systemd(unit, folder) if shutil.which("systemd-analyze") else " ".join(by_name(unit))


def by_systemd(unit: str, folder) -> str:
    file = folder / "patztabot.service"
    file.write_text(unit.replace("%h/patzta", str(ROOT)))
    done = subprocess.run(
        ["systemd-analyze", "--user", "--man=no", "verify", file],
        capture_output=True,
        text=True,
        check=False,
        env={"XDG_RUNTIME_DIR": str(folder), "HOME": str(folder), "PATH": "/usr/bin:/bin"},
    )
    return "".join(line for line in done.stderr.splitlines(keepends=True) if file.name in line)


def by_name(unit: str) -> set[str]:
    parser = RawConfigParser(strict=True)
    parser.optionxform = str
    parser.read_string(unit)
    return {key for section in parser.sections() for key in parser[section] if key not in SETTINGS[section]}


@pytest.mark.parametrize("judge", [complaints, by_name])
def test_the_unit_is_one_that_systemd_takes(judge, tmp_path) -> None:
    folder = (tmp_path,) if judge is complaints else ()
    assert not judge(UNIT, *folder)
    assert "KilMode" in judge(UNIT.replace("KillMode", "KilMode"), *folder)


def test_the_unit_starts_a_program_that_there_is() -> None:
    command = re.search(r"^ExecStart=%h/patzta/(.+)$", UNIT, re.M)
    assert command
    assert shutil.which(ROOT / command[1])


def test_the_copy_of_a_database_in_use_is_whole(tmp_path, monkeypatch) -> None:
    command = re.search(r"sqlite3 data/patztabot\.db \"(.+)\"", PAGE.read_text())
    assert command
    monkeypatch.chdir(tmp_path)
    with closing(sqlite3.connect("used.db")) as used:
        used.execute("PRAGMA journal_mode=WAL")
        used.execute("CREATE TABLE t (x)")
        used.execute("INSERT INTO t VALUES (1)")
        used.commit()
        with closing(sqlite3.connect("used.db")) as other:
            other.execute(command[1])
    with closing(sqlite3.connect("patztabot-copy.db")) as copy:
        assert copy.execute("SELECT x FROM t").fetchall() == [(1,)]
