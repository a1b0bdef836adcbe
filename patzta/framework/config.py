"""Config and token of a live bot: found, created from the example, or asked for."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from patzta.settings import ROOT, Settings, SettingsError, read_settings

CONFIG = ROOT / "config"
HOW_TO_GET_ONE = (
    "Open https://discord.com/developers/applications, New Application, Bot, Reset Token, and put the token into that"
    " file. To try everything without Discord: bin/patztabot --sandbox"
)


def live_settings(folder: Path = CONFIG) -> Settings:
    """The config of patztabot, created from the example when missing. Raises SettingsError."""
    file = folder / "patztabot_config.ini"
    if not file.exists():
        shutil.copyfile(folder / "patztabot_config.ini.example", file)
        sys.stderr.write(f"Created {file} from its example.\n")
    keep_private(file)
    return read_settings(file)


def read_token(folder: Path = CONFIG) -> str:
    """The bot's secret. Raises SettingsError, which says how to get one."""
    file = folder / "patztabot_token.txt"
    if not file.exists():
        file.touch(mode=0o600)
    keep_private(file)
    token = file.read_text(encoding="utf-8").strip()
    if not token:
        raise SettingsError(f"{file} holds no token. {HOW_TO_GET_ONE}")
    return token


def keep_private(file: Path) -> None:
    """Let nobody but its owner read the file."""
    if file.stat().st_mode & 0o077:
        file.chmod(0o600)
