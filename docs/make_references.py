"""Makes the references from the code: ``.venv/bin/python docs/make_references.py``.

The tables in settings.md, from the readers of the configs, and commands.md, from the trees of commands of both bots.
"""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import discord
from discord import app_commands

from patzta.framework.bot import Bot, module_name
from patzta.framework.gate import needed_level
from patzta.framework.scope import record_tasks
from patzta.inference.contract import GENERATE
from patzta.ini import IniFile
from patzta.jobs.contract import JOBS
from patzta.keys import BOTH, KEYS, SHELL_KEYS, Key
from patzta.settings import PATZTABOT, ROOT, SHELLBOT, Program, Settings, settings_in, shell_settings_in

BEGIN, END = "<!-- made by docs/make_references.py -->\n", "<!-- end -->\n"
NOTHING = Path(os.devnull)
ABOUT = """Every command and menu of both bots; [permissions](permissions.md) tells of the levels. In square brackets
stands what need not be said. shellbot obeys its admins alone, who are its owners.
"""
Defaults = dict[tuple[str, str], str]


def main() -> None:
    """Write both files."""
    for path, text in references().items():
        path.write_text(text, encoding="utf-8")


def references() -> dict[Path, str]:
    """What each file should hold."""
    settings = ROOT / "docs" / "settings.md"
    before, _, rest = settings.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    made = f"{before}{BEGIN}\n{settings_tables()}\n{END}{after}"
    return {settings: made, ROOT / "docs" / "commands.md": asyncio.run(commands())}


class Noting(IniFile):
    """A config in which nothing stands, and that notes which defaults its reader names."""

    def __init__(self) -> None:
        super().__init__(NOTHING, {}, others=os.environ)
        self.defaults: Defaults = {}

    def text(self, section: str, key: str, default: str) -> str:
        """See IniFile."""
        # Numbers and yes or no come through here, too.
        self.defaults[section, key] = default
        return super().text(section, key, default)

    def words(self, section: str, key: str, default: str) -> tuple[str, ...]:
        """See IniFile."""
        self.defaults[section, key] = default
        return super().words(section, key, default)


def _read(program: Program, ini: Noting) -> Settings:
    if program is PATZTABOT:
        return settings_in(ini, Path("data"), Path("data/models/me"))
    return shell_settings_in(ini, Path("data"), who=False)


def _defaults(program: Program) -> Defaults:
    ini = Noting()
    _read(program, ini)
    return ini.defaults


def settings_tables() -> str:
    """A table for each section, with both bots' defaults where they differ."""
    ours, shell = _defaults(PATZTABOT), _defaults(SHELLBOT)
    tables = [
        ("`[permissions]` of patztabot", _table("permissions", KEYS, ours, {})),
        ("`[permissions]` of shellbot", _table("permissions", SHELL_KEYS, shell, {})),
        *((f"`[{one}]`", _table(one, BOTH, ours, shell)) for one in BOTH),
        *(
            (f"`[{one}]` of patztabot", _table(one, KEYS, ours, {}))
            for one in KEYS
            if one not in BOTH and one != "permissions"
        ),
    ]
    return "\n".join(f"### {title}\n\n{table}" for title, table in tables)


def _table(section: str, keys: Mapping[str, Mapping[str, Key]], ours: Defaults, shell: Defaults) -> str:
    rows = [
        (f"`{key}`", said.default or _both(ours.get((section, key), ""), shell.get((section, key))), said.meaning)
        for key, said in keys[section].items()
    ]
    return _rows(("key", "default", "meaning"), rows)


def _both(ours: str, shell: str | None) -> str:
    if shell in {None, ours}:
        return _code(ours)
    return f"{_code(ours)}; shellbot: {_code(shell or '')}"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _rows(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


async def commands() -> str:
    """The whole of commands.md."""
    parts = [f"## {one.name}\n\n{await _commands_of(one)}" for one in (PATZTABOT, SHELLBOT)]
    return "\n".join([f"# Commands\n\n{BEGIN}\n{ABOUT}", *parts, END])


async def _commands_of(program: Program) -> str:
    """The commands of a bot with its usual cogs, an empty database, and services that nobody asks for anything."""
    with TemporaryDirectory() as folder:
        settings = replace(_read(program, Noting()), database=f"sqlite+aiosqlite:///{folder}/empty.db")
        async with Bot(settings) as bot:
            record_tasks(asyncio.get_running_loop())
            for key in (GENERATE, JOBS):
                bot.services.provided[key.name] = None
            for name in ("extensions.database", *(module_name("cogs", name) for name in settings.cogs)):
                await bot.plugins.load(name)
            return _slash(bot.tree) + _menus(bot.tree)


def _slash(tree: app_commands.CommandTree[Bot]) -> str:
    found = [one for one in tree.walk_commands() if isinstance(one, app_commands.Command)]
    rows = [
        (
            f"`/{one.qualified_name}`",
            needed_level(one).title,
            one.description,
            "<br>".join(map(_option, one.parameters)),
        )
        for one in sorted(found, key=lambda one: one.qualified_name)
    ]
    return _rows(("command", "level", "what it does", "options"), rows)


def _option(one: app_commands.Parameter) -> str:
    name = f"`{one.name}`" if one.required else f"[`{one.name}`]"
    return f"{name} {_allowed(one)}{one.description}"


def _allowed(one: app_commands.Parameter) -> str:
    """What it takes, in brackets: the choices, the range of numbers, or the kind; nothing for mere text."""
    if one.choices:
        return f"({', '.join(choice.name for choice in one.choices)}) "
    kind = one.type.name
    if kind in {"integer", "number"}:
        return f"({one.min_value:g} to {one.max_value:g}) " if one.max_value is not None else "(a number) "
    return {"string": "", "boolean": "(true or false) ", "attachment": "(a file) "}.get(kind, f"(a {kind}) ")


def _menus(tree: app_commands.CommandTree[Bot]) -> str:
    kinds = (discord.AppCommandType.message, discord.AppCommandType.user)
    rows = [
        (f"**{menu.name}**", needed_level(menu).title, inspect.getdoc(menu.callback) or "", f"a {kind.name}")
        for kind in kinds
        for menu in sorted(tree.get_commands(type=kind), key=lambda menu: menu.name)
    ]
    return "\n" + _rows(("menu, under *Apps*", "level", "what it does", "of"), rows) if rows else ""


if __name__ == "__main__":
    main()
