"""Config and token of a live bot: found, created from the example, or asked for."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from patzta.settings import (
    PATZTABOT,
    ROOT,
    SHELLBOT,
    Program,
    Settings,
    SettingsError,
    read_settings,
    read_shell_settings,
)

CONFIG = ROOT / "config"
HOW_TO_GET_ONE = (
    "Open https://discord.com/developers/applications, New Application, Bot, Reset Token, and put the token into that"
    " file. To try everything without Discord: bin/{program} --sandbox"
)


def live_settings(folder: Path = CONFIG, program: Program = PATZTABOT) -> Settings:
    """The bot's config, created from the example when missing. Raises SettingsError."""
    file = folder / program.config
    if not file.exists():
        shutil.copyfile(folder / f"{program.config}.example", file)
        sys.stderr.write(f"Created {file} from its example.\n")
    keep_private(file)
    return read(program, file)


def read(program: Program, file: Path) -> Settings:
    """What the bot's config says. Raises SettingsError."""
    return read_settings(file) if program is PATZTABOT else read_shell_settings(file)


def shell_settings(folder: Path = CONFIG) -> Settings:
    """What shellbot's config says, for somebody who is on the machine anyway; the defaults where there is none."""
    file = folder / SHELLBOT.config
    return read_shell_settings(file if file.exists() else Path(os.devnull), who=False)


def read_token(folder: Path = CONFIG, program: Program = PATZTABOT) -> str:
    """The bot's secret. Raises SettingsError, which says how to get one."""
    file = folder / program.token
    if not file.exists():
        file.touch(mode=0o600)
    keep_private(file)
    token = file.read_text(encoding="utf-8").strip()
    if not token:
        raise SettingsError(f"{file} holds no token. {HOW_TO_GET_ONE.format(program=program.name)}")
    return token


def keep_private(file: Path) -> None:
    """Let nobody but its owner read the file."""
    if file.stat().st_mode & 0o077:
        file.chmod(0o600)
