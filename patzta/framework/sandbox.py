"""The sandbox as the bot sees it: a server process that stands in for Discord, and that bots share."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from patzta.framework import DiscordUnavailable
from patzta.framework.reexec import Handed, StartAnew
from patzta.sandbox.sharing import LOCK, SOCKET, STAYS
from patzta.sandbox.world import PEOPLE
from patzta.settings import PATZTABOT, SHELLBOT, Program, Settings, read_settings, read_shell_settings
from patzta.training.demo.prepare import model_folder

OWNER, FRIEND = "vilem", "bara"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running server: where it is, the token that it expects, its process if it was started here (else 0), and the
    descriptor of the socket that keeps it going.
    """

    url: str
    gateway: str
    token: str
    pid: int
    lifeline: int


@contextlib.asynccontextmanager
async def running_sandbox(
    bot: str, port: int, handed: Handed | None = None, folder: Path | None = None
) -> AsyncGenerator[Sandbox]:
    """Go on with the server that was handed over, join the one that other bots run by ``folder``, or start it.

    When left, but not for a new start, it ends unless others stay. Raises DiscordUnavailable.
    """
    sandbox = _adopted(handed or {}) or await asyncio.to_thread(_joined, bot, port, folder)
    try:
        yield sandbox
    except StartAnew as again:
        os.set_inheritable(sandbox.lifeline, True)  # noqa: FBT003
        again.handed["sandbox"] = asdict(sandbox)
        raise
    except BaseException:
        await asyncio.to_thread(_leave, sandbox)
        raise
    else:
        await asyncio.to_thread(_leave, sandbox)


def _joined(bot: str, port: int, folder: Path | None) -> Sandbox:
    """The server of the folder; one of its own without a folder, or where this bot is there already."""
    if folder is None:
        return _start(bot, port)
    folder.mkdir(0o700, parents=True, exist_ok=True)
    with (folder / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two that start at once: the second finds what the first has started
        token = secrets.token_urlsafe(32)
        connection, answer = _ask(folder, {"name": bot, "token": token})
        match answer:
            case {"url": str(url), "gateway": str(gateway)}:
                return Sandbox(url, gateway, token, 0, connection.detach())
            case {"taken": str(url)}:
                sys.stderr.write(f"{bot} is on the sandbox at {url} already: this one gets a sandbox of its own.\n")
                options: list[str] = []
            case _:
                options = ["--share", str(folder)]
        connection.close()
        return _start(bot, port, *options)


def _ask(folder: Path, question: dict[str, str]) -> tuple[socket.socket, Any]:
    """A connection to the server of the folder and its answer; None where there is no server."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # Through the folder's descriptor: a socket's own path may have 107 bytes only.
    descriptor = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    try:
        connection.connect(f"/proc/self/fd/{descriptor}/{SOCKET}")
        connection.sendall(json.dumps(question).encode() + b"\n")
        with connection.makefile("rb") as words:
            line = words.readline()
    except OSError:
        line = b""
    finally:
        os.close(descriptor)
    return connection, json.loads(line or "null")


def _start(bot: str, port: int, *options: str) -> Sandbox:
    token = secrets.token_urlsafe(32)
    options = ("--port", str(port), "--end-with-parent", "--bot", f"{bot}:{token}", *options)
    lifeline, stdin = socket.socketpair()
    with stdin:
        process = subprocess.Popen(
            [sys.executable, "-m", "patzta.sandbox", *options],
            stdin=stdin.fileno(),
            stdout=subprocess.PIPE,
            # Ctrl-C in a terminal reaches the bot alone, so that it can take its leave first.
            start_new_session=True,
        )
    assert process.stdout
    with process.stdout as words:
        line = words.readline()
    process.returncode = 0  # _leave waits for it, also after an exec
    if not line:
        lifeline.close()
        os.waitpid(process.pid, 0)
        raise DiscordUnavailable("The sandbox did not start; its own words are above.")
    ready = json.loads(line)
    return Sandbox(ready["url"], ready["gateway"], token, process.pid, lifeline.detach())


def _adopted(handed: Handed) -> Sandbox | None:
    try:
        sandbox = Sandbox(**handed["sandbox"])
        os.set_inheritable(sandbox.lifeline, False)  # noqa: FBT003
        lifeline = socket.socket(fileno=sandbox.lifeline)
    except (KeyError, TypeError, OSError):
        return None
    try:
        lifeline.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        lifeline.detach()
        return sandbox
    except OSError:
        pass
    lifeline.close()
    return None


def _leave(sandbox: Sandbox) -> None:
    """Returns when the server has let the bot go, or has ended."""
    with socket.socket(fileno=sandbox.lifeline) as lifeline, contextlib.suppress(OSError):
        lifeline.shutdown(socket.SHUT_WR)
        others = lifeline.recv(len(STAYS))
        if sandbox.pid and not others:
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
