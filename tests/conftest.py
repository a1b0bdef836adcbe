"""What all tests share: the demo double, and the rule that nothing required is skipped.

``TEST_REQUIRE=browser,openapi`` names what must be there; a test that would be skipped for want of it fails instead,
and with any name set, every skip fails the run.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from patzta.settings import ROOT
from patzta.store.database import Database
from patzta.store.migrate import upgrade
from tests import postgres as postgresql

REQUIRED = set(filter(None, os.environ.get("TEST_REQUIRE", "").split(",")))
DATA = ROOT / "data" / "tests"
"""What tests keep between runs: the demo double, trained once and again when its inputs change."""


def need(name: str, available: object, reason: str) -> None:
    """Skip the test when ``available`` is falsy, or fail it where ``name`` is required."""
    if not available:
        (pytest.fail if name in REQUIRED else pytest.skip)(reason)


def pytest_sessionstart() -> None:
    if "openapi" in REQUIRED and not Path(os.environ.get("DISCORD_OPENAPI", "")).is_file():
        pytest.exit("TEST_REQUIRE names openapi, but DISCORD_OPENAPI names no file", returncode=2)


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if REQUIRED and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def demo() -> Path:
    """The model folder of the demo double, made by the path that a first start takes."""
    subprocess.run([sys.executable, "-m", "patzta.training.demo", "--data", DATA], check=True)
    return DATA / "models" / "demo"


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    need("browser", found, "no chromium: apt install chromium")
    return str(found)


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgresql.Server]:
    """A PostgreSQL server."""
    programs = postgresql.find_programs()
    need("postgres", programs, "no PostgreSQL: apt install postgresql")
    assert programs
    with postgresql.running(programs, "fsync=off") as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/patzta.db"
    return request.getfixturevalue("postgres").new_database()


@pytest_asyncio.fixture
async def database(url) -> AsyncIterator[Database]:
    """One with all tables."""
    await upgrade(url)
    database = Database(url)
    yield database
    await database.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 4 MiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True, check=False
    )
    need("tmpfs", mounted.returncode == 0, "no tmpfs can be mounted here: it takes root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)
