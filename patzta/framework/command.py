"""``bin/patztabot`` and ``bin/shellbot``: start the bot on Discord, or with ``--sandbox`` on a local page."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import platform
import signal
import sys
from asyncio import FIRST_COMPLETED as FIRST
from collections.abc import Coroutine
from typing import Any

import aiohttp
import discord

from patzta.errors import PatztaError
from patzta.framework import DiscordUnavailable, FrameworkError
from patzta.framework.bot import Bot
from patzta.framework.config import live_settings, read_token
from patzta.framework.doctor import check
from patzta.framework.invite import invite
from patzta.framework.logs import configure
from patzta.framework.panel import shown
from patzta.framework.reexec import Handed, StartAnew, received, start_anew
from patzta.framework.sandbox import OWNER, running_sandbox, sandbox_settings
from patzta.framework.say import say
from patzta.framework.watch import watch
from patzta.inference import BrokenModel
from patzta.sandbox.pointing import point_discord
from patzta.settings import DATA, PATZTABOT, Program
from patzta.training.demo.prepare import check as check_demo
from patzta.training.demo.prepare import model_folder

INTENT = (
    "Discord does not let the bot read messages: open https://discord.com/developers/applications, your application,"
    " Bot, Privileged Gateway Intents, and switch on Message Content Intent."
)


def main(program: Program = PATZTABOT) -> int:
    """Parse the command line and run; the exit code."""
    arguments = parse(program)
    configure(verbose=arguments.verbose, as_json=arguments.log_json)
    handed = received()
    try:
        if arguments.check:
            return asyncio.run(check(program, sandbox=arguments.sandbox))
        if arguments.invite:
            sys.stdout.write(f"{invite(program)}\n")
            return 0
        running = (sandbox if arguments.sandbox else live)(program, arguments, handed)
        return asyncio.run(until_signal(running))
    except StartAnew as again:
        return start_anew(again.handed)
    except PatztaError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except BrokenPipeError:
        # Whoever reads the answers has seen enough; Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE


def parse(program: Program) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=program.name, description=program.about)
    parser.add_argument("--sandbox", action="store_true", help="run on a local page instead of Discord")
    parser.add_argument(
        "--port",
        type=int,
        choices=range(65536),
        metavar="PORT",
        default=8722,
        help="the page's port (default: %(default)s, or the next)",
    )
    parser.set_defaults(say=[])
    if program is PATZTABOT:
        about = "write TEXT, print the answer, exit (with --sandbox)"
        parser.add_argument("--say", action="append", metavar="TEXT", help=about)
    parser.add_argument("--check", action="store_true", help="look whether everything is in order, and exit")
    parser.add_argument(
        "--invite", action="store_true", help="print the link that brings the bot to a server, and exit"
    )
    parser.add_argument("--watch", action="store_true", help="reload a cog as soon as it is saved")
    parser.add_argument("--log-json", action="store_true", help="log one JSON object a line")
    parser.add_argument("--verbose", action="store_true", help="log everything, message texts included")
    arguments = parser.parse_args()
    if arguments.say and not arguments.sandbox:
        parser.error("--say needs --sandbox")
    if arguments.invite and arguments.sandbox:
        parser.error("--invite is about Discord: the sandbox's bot is on its servers already")
    return arguments


async def until_signal(running: Coroutine[Any, Any, int]) -> int:
    """Run until done, or until Ctrl-C or a request to end, after which everything is closed in good order."""
    task = asyncio.create_task(running)
    caught: list[signal.Signals] = []

    def end(number: signal.Signals) -> None:
        caught.append(number)
        task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, end, number)
    try:
        return await task
    except asyncio.CancelledError:
        if not caught:
            raise
        return 128 + caught[0]


async def live(program: Program, arguments: argparse.Namespace, handed: Handed) -> int:
    """Run on Discord until shut down."""
    settings, token = live_settings(program=program), read_token(program=program)
    async with Bot(settings, beside=watch if arguments.watch else None, received=handed) as bot:
        await connect(bot, token)
    return ended(bot)


def ended(bot: Bot) -> int:
    """The exit code of a bot that was closed. Raises StartAnew when it was closed for that."""
    if bot.handing is not None:
        raise StartAnew(bot.handing)
    return 0


async def sandbox(program: Program, arguments: argparse.Namespace, handed: Handed) -> int:
    """Run on the sandbox: make the demo double first, then serve, or say what a script wants said."""
    settings = sandbox_settings(DATA, program)
    # Of machines that share storage, each has a server of its own.
    folder = DATA / "sandbox" / platform.node()
    async with running_sandbox(settings.name, arguments.port, handed, folder) as server:
        sys.stderr.write(f"The sandbox is at {server.url}\n")
        if "model" in settings.extensions and settings.model.path == model_folder(DATA):
            await have_demo()
        point_discord(server.url, server.gateway)
        async with (
            Bot(settings, guild_wait=0.2, beside=watch if arguments.watch else None, received=handed) as bot,
            shown(bot, server.url, server.token),
        ):
            connection = asyncio.create_task(connect(bot, server.token))
            ready = asyncio.create_task(bot.wait_until_ready())
            try:
                await asyncio.wait([connection, ready], return_when=FIRST)
                if arguments.say and not connection.done():
                    return await say(bot, server.url, OWNER, arguments.say)
                if not connection.done():
                    sys.stderr.write(f"Open {server.url} in a browser and write to {settings.name}. Ctrl-C ends it.\n")
                await connection
            finally:
                connection.cancel()
                ready.cancel()
                await asyncio.gather(connection, ready, return_exceptions=True)
        return ended(bot)


async def have_demo() -> None:
    """Make the demo double unless it is there, in a process that shows its progress. Raises FrameworkError."""
    try:
        check_demo(DATA)
    except BrokenModel as broken:
        if broken.path.exists():
            sys.stderr.write(f"{broken.path}: {broken.reason}; making the demo double anew.\n")
    else:
        return
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "patzta.training.demo", "--data", str(DATA), stdout=sys.stderr
    )
    try:
        code = await process.wait()
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        raise
    if code:
        raise FrameworkError("The demo double could not be made; the reason stands above. The next start tries again.")


async def connect(bot: Bot, token: str) -> None:
    """Log in and stay connected until the bot is closed. Raises DiscordUnavailable."""
    try:
        await bot.start(token)
    except discord.LoginFailure as error:
        raise DiscordUnavailable("Discord refused the token: copy a new one from the developer portal.") from error
    except discord.PrivilegedIntentsRequired as error:
        raise DiscordUnavailable(INTENT) from error
    except (discord.HTTPException, discord.ConnectionClosed, discord.GatewayNotFound) as error:
        raise DiscordUnavailable(f"Discord refused the bot: {error}. Try again later.") from error
    except (aiohttp.ClientError, OSError, AttributeError) as error:
        # A first handshake that is refused shows in discord.py as an AttributeError about 'sequence'.
        if isinstance(error, AttributeError) and error.name != "sequence":
            raise
        raise DiscordUnavailable(f"Discord cannot be reached: check the network connection. ({error})") from error
