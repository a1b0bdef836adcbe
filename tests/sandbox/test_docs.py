"""docs/sandbox.md names every request of the control API and every option of the command, and its code runs."""

import asyncio
import re

import discord
import yarl

from patzta.sandbox import __main__, acts, control, experiments
from patzta.sandbox.pointing import pointed
from patzta.settings import ROOT
from tests.markdown import blocks
from tests.sandbox.bot import SmallBot
from tests.sandbox.test_fixtures import pytest_says

PAGE = ROOT / "docs" / "sandbox.md"
TEXT = PAGE.read_text(encoding="utf-8")
POINTING, CONFTEST, TEST = (block.text for block in blocks(PAGE) if block.language == "python")
NOWHERE = "127.0.0.1:9"


def test_the_table_is_the_control_api():
    routes = [*control.ROUTES, *acts.ROUTES, *experiments.ROUTES]
    real = {f"{route.method} {route.path.removeprefix(control.BASE).strip('/')}" for route in routes}
    assert set(re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) [a-z]+)`", TEXT)) == real


def test_the_options_are_documented(capsys):
    try:
        __main__.arguments(["--help"])
    except SystemExit:
        options = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    for_programs = {"--strict-port", "--end-with-parent", "--share"}
    assert {option for option in options if option not in TEXT} == for_programs


async def test_the_three_assignments_point_discord_here(sandbox, people):
    with pointed(f"http://{NOWHERE}", f"ws://{NOWHERE}"):
        exec(POINTING, {"discord": discord, "yarl": yarl, "url": sandbox.url, "gateway": sandbox.gateway})
        async with SmallBot() as bot:
            await bot.login(sandbox.token())
            assert bot.user.display_avatar.url.startswith(sandbox.url)
            connection = asyncio.create_task(bot.connect())
            await people.wait_for_bot("patztabot22")
            await bot.close()
            await connection


def test_the_example_of_a_test_passes(tmp_path):
    said = pytest_says(tmp_path, CONFTEST, TEST)
    assert re.search(r"^1 passed", said, re.M), said
