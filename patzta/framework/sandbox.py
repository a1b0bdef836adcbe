"""The sandbox as the bot sees it: a server process of its own that stands in for Discord."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import subprocess
import sys
from collections.abc import AsyncGenerator
from dataclasses import asdict, dataclass
from pathlib import Path

from patzta.framework import DiscordUnavailable
from patzta.framework.reexec import Handed, StartAnew
from patzta.sandbox.world import PEOPLE
from patzta.settings import PATZTABOT, SHELLBOT, Program, Settings, read_settings, read_shell_settings
from patzta.training.demo.prepare import model_folder

OWNER, FRIEND = "vilem", "bara"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running server: where it is, the token that it expects, and its process, which ends when ``lifeline`` (a file
    descriptor) is closed.
    """

    url: str
    gateway: str
    token: str
    pid: int
    lifeline: int


@contextlib.asynccontextmanager
async def running_sandbox(bot: str, port: int, handed: Handed | None = None) -> AsyncGenerator[Sandbox]:
    """Start the server, or go on with the one that was handed over; end it when left, but not for a new start.

    Raises DiscordUnavailable.
    """
    sandbox = _adopted(handed or {}) or await asyncio.to_thread(_start, bot, port)
    try:
        yield sandbox
    except StartAnew as again:
        os.set_inheritable(sandbox.lifeline, True)  # noqa: FBT003
        again.handed["sandbox"] = asdict(sandbox)
        raise
    except BaseException:
        await asyncio.to_thread(_end, sandbox)
        raise
    else:
        await asyncio.to_thread(_end, sandbox)


def _start(bot: str, port: int) -> Sandbox:
    token = secrets.token_urlsafe(32)
    options = ["--port", str(port), "--end-with-parent", "--bot", f"{bot}:{token}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "patzta.sandbox", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # Ctrl-C in a terminal reaches the bot alone, so that it can take its leave first.
        start_new_session=True,
    )
    assert process.stdin
    assert process.stdout
    lifeline = os.dup(process.stdin.fileno())
    process.stdin.close()
    with process.stdout as words:
        line = words.readline()
    process.returncode = 0  # _end waits for it, also after an exec
    if not line:
        os.close(lifeline)
        os.waitpid(process.pid, 0)
        raise DiscordUnavailable("The sandbox did not start; its own words are above.")
    ready = json.loads(line)
    return Sandbox(ready["url"], ready["gateway"], token, process.pid, lifeline)


def _adopted(handed: Handed) -> Sandbox | None:
    try:
        sandbox = Sandbox(**handed["sandbox"])
        os.set_inheritable(sandbox.lifeline, False)  # noqa: FBT003
        alive = os.waitpid(sandbox.pid, os.WNOHANG)[0] == 0
    except (KeyError, TypeError, OSError):
        return None
    return sandbox if alive else None


def _end(sandbox: Sandbox) -> None:
    os.close(sandbox.lifeline)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(sandbox.pid, 0)


def sandbox_settings(data: Path, program: Program = PATZTABOT) -> Settings:
    """The sandbox's own config, written when missing: its owner and a friend who may chat with the demo double.

    It has jobs, for ``/evaluate``.
    """
    folder = data / "sandbox"
    config = folder / program.config
    ids = {person.username: person.id for person in PEOPLE}
    if not config.exists():
        folder.mkdir(parents=True, exist_ok=True)
        text = {
            PATZTABOT: f"default = 0\nsaved =\n    {ids[OWNER]} 4\n    {ids[FRIEND]} 1\n\n"
            f"[plugins]\nextensions = {PATZTABOT.extensions} jobs\n",
            SHELLBOT: f"admins:\n    {ids[OWNER]}\n",
        }
        config.write_text(
            f"# The sandbox's own config; delete it to get a new one.\n[permissions]\n{text[program]}",
            encoding="utf-8",
        )
    return (
        read_settings(config, folder, model_folder(data))
        if program is PATZTABOT
        else read_shell_settings(config, folder)
    )
