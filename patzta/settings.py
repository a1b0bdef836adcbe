"""Typed settings of patztabot, read from its ini file. A file with only ``[permissions]`` is complete."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from patzta.ini import IniFile, SettingsError
from patzta.permissions import Level, Rules

ROOT = Path(__file__).parents[1]
"""The checkout: relative paths in a config start here."""
DATA = Path(os.environ.get("PATZTA_DATA", ROOT / "data")).resolve()
"""What the bots keep."""

PLACEHOLDER = "YOUR_DISCORD_ID"
LONGEST_ID = 20
"""Digits of a 64-bit number."""
KEYS = {
    "permissions": ("default", "saved"),
    "plugins": ("extensions", "cogs"),
    "bot": ("name",),
    "database": ("url",),
    "model": ("path", "threads", "temperature", "top_p", "max_new_tokens"),
}


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which double is loaded and how it speaks.

    ``threads`` 0 leaves the choice to the worker, None elsewhere to the model.
    """

    path: Path
    threads: int
    temperature: float | None
    top_p: float | None
    max_new_tokens: int | None


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a config says; ``name`` is the prefix of the bot's channels."""

    rules: Rules
    extensions: tuple[str, ...]
    cogs: tuple[str, ...]
    name: str
    database: str
    model: ModelSettings


def read_settings(path: Path, data: Path = DATA, model: Path = DATA / "models" / "me") -> Settings:
    """Read a config that by default keeps its things in ``data`` and loads ``model``. Raises SettingsError."""
    ini = IniFile(path, KEYS)
    longest = ini.optional("model", "max_new_tokens", 1, 100_000)
    return Settings(
        rules=Rules(_level(ini, "default", ini.text("permissions", "default", "0"), Level.ADMIN), _saved(ini)),
        extensions=ini.words("plugins", "extensions", "database model"),
        cogs=ini.words("plugins", "cogs", "lifecycle permissions communication"),
        name=ini.text("bot", "name", "patztabot22"),
        database=ini.text("database", "url", f"sqlite+aiosqlite:///{data / 'patztabot.db'}"),
        model=ModelSettings(
            path=ROOT / _expanded(ini, ini.text("model", "path", str(model))),
            threads=int(ini.number("model", "threads", 0, 0, 1024)),
            temperature=ini.optional("model", "temperature", 0.01, 5),
            top_p=ini.optional("model", "top_p", 0.01, 1),
            max_new_tokens=None if longest is None else int(longest),
        ),
    )


def _expanded(ini: IniFile, path: str) -> Path:
    try:
        return Path(path or "/nowhere").expanduser()
    except RuntimeError as error:
        raise ini.error("model", "path", str(error)) from error


def _level(ini: IniFile, key: str, text: str, highest: Level, entry: str = "") -> Level:
    if text in {str(int(level)) for level in Level if level <= highest}:
        return Level(int(text))
    allowed = ", ".join(f"{int(level)} ({level.title})" for level in Level if level <= highest)
    raise ini.error("permissions", key, f"'{text}' is no level; allowed are {allowed}", entry)


def _saved(ini: IniFile) -> dict[int, Level]:
    saved: dict[int, Level] = {}
    for entry in ini.entries("permissions", "saved"):
        user, level = (*entry.split(None, 1), "")[:2]
        if user == PLACEHOLDER:
            raise ini.error("permissions", "saved", _OWN_ID, entry)
        if not (user.isascii() and user.isdigit() and len(user) <= LONGEST_ID):
            raise ini.error("permissions", "saved", f"'{user}' is not a number; wanted is 'DISCORD_ID LEVEL'", entry)
        if int(user) in saved:
            raise ini.error("permissions", "saved", f"{user} stands there twice", entry)
        saved[int(user)] = _level(ini, "saved", level.strip(), Level.OWNER, entry)
    return saved


_OWN_ID = (
    f"put your own Discord user ID in place of {PLACEHOLDER}. In Discord: Settings, Advanced, switch on Developer Mode;"
    " then right-click your name, Copy User ID"
)

__all__ = ["DATA", "PLACEHOLDER", "ROOT", "ModelSettings", "Settings", "SettingsError", "read_settings"]
