"""`python -m patzta.sandbox`: run the local server until it is told to end.

When it is ready, one JSON line on stdout says where it is and with which tokens its bots log in; logs go to stderr.
Exit status: 0 ended as asked, 1 the port was taken, 2 wrong use.
"""

import argparse
import asyncio
import json
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from patzta.sandbox.app import build, new_state
from patzta.sandbox.errors import PortTaken
from patzta.sandbox.intents import PRIVILEGED
from patzta.sandbox.models import Bot, Json
from patzta.sandbox.rest.users import gateway_url
from patzta.sandbox.sharing import Company, new_bot
from patzta.sandbox.state import HEARTBEAT_S, State

HOST = "127.0.0.1"
DEFAULT_PORT = 8722
DEFAULT_BOT = "patztabot22"
PORTS_TRIED = 50

log = logging.getLogger("patzta.sandbox")


def arguments(argv: list[str] | None = None) -> argparse.Namespace:
    """The command line. Exits with status 2 on wrong use."""
    parser = argparse.ArgumentParser(
        "bin/sandbox", description="A local Discord for bots, with a web page. Docs: docs/sandbox.md"
    )
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 takes any free one (default: %(default)s)")
    parser.add_argument("--strict-port", action="store_true", help="fail when the port is in use")
    parser.add_argument(
        "--bot", action="append", metavar="NAME:TOKEN", help=f"may be repeated (default: {DEFAULT_BOT})"
    )
    parser.add_argument(
        "--without-intent",
        action="append",
        default=[],
        choices=sorted(PRIVILEGED),
        help="switch a privileged intent off for every bot",
    )
    parser.add_argument(
        "--shards", type=int, default=1, metavar="N", help="how many a bot that asks is told to use (default: 1)"
    )
    parser.add_argument(
        "--heartbeat",
        type=float,
        default=HEARTBEAT_S,
        metavar="S",
        help="seconds between heartbeats (default: %(default)s)",
    )
    parser.add_argument("--rate-limits", action="store_true", help="limit bots as Discord does (see limits.py)")
    parser.add_argument(
        "--record",
        type=Path,
        metavar="FILE",
        default=os.environ.get("PATZTA_SANDBOX_RECORD"),
        help="append each REST exchange and gateway event as a JSON line (default: what PATZTA_SANDBOX_RECORD names)",
    )
    parser.add_argument("--end-with-parent", action="store_true", help="end when stdin reaches its end")
    parser.add_argument(
        "--share",
        type=Path,
        metavar="FOLDER",
        help="let more bots in by a socket there, and end when the last has left (see sharing.py)",
    )
    return parser.parse_args(argv)


def bots(options: argparse.Namespace) -> list[Bot]:
    """The bots that the command line names. Exits with status 2 for a malformed one."""
    forbidden = sum({int(PRIVILEGED[name]) for name in options.without_intent})
    named = [item.partition(":") for item in options.bot or [f"{DEFAULT_BOT}:{secrets.token_urlsafe(32)}"]]
    if any(not name or not token for name, _, token in named):
        sys.exit("--bot wants NAME:TOKEN")
    return [new_bot(name, token, forbidden) for name, _, token in named]


def listen(port: int, *, strict: bool) -> socket.socket:
    """A bound socket: on the port, or on the next free one. Raises PortTaken."""
    for candidate in range(port, port + (1 if strict or port == 0 else PORTS_TRIED)):
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((HOST, candidate))
        except OSError:
            bound.close()
            continue
        if candidate != port:
            log.warning("port %d is in use; taking %d", port, candidate)
        return bound
    raise PortTaken(f"port {port} is in use; choose another with --port")


def announcement(state: State) -> Json:
    """The line for stdout."""
    return {
        "url": state.base_url,
        "gateway": gateway_url(state.base_url),
        "bots": {
            bot.user.username: {"id": bot.id, "token": bot.token, "application_id": bot.id}
            for bot in state.bots.values()
        },
    }


async def serve(options: argparse.Namespace) -> None:
    """Serve until SIGINT, SIGTERM or, where asked for, the end of stdin. Raises PortTaken."""
    bound = listen(options.port, strict=options.strict_port)
    state = new_state(bots(options))
    state.shards, state.heartbeat_s = options.shards, options.heartbeat
    state.base_url = f"http://{HOST}:{bound.getsockname()[1]}"
    runner = web.AppRunner(
        build(state, options.record, rate_limits=options.rate_limits), access_log=None, shutdown_timeout=2
    )
    await runner.setup()
    await web.SockSite(runner, bound).start()
    ended = _end_signals()
    company = Company(state, [bot.user.username for bot in state.bots.values()], ended)
    if options.share:
        await company.listen(options.share)
    if options.end_with_parent:
        _at_end_of_stdin(company.first_left)
    sys.stdout.write(json.dumps(announcement(state)) + "\n")
    sys.stdout.flush()
    log.info("open %s in a browser", state.base_url)
    try:
        await ended.wait()
    finally:
        await runner.cleanup()


def _end_signals() -> asyncio.Event:
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    return ended


def _at_end_of_stdin(call: Callable[[], None]) -> None:
    loop, stdin = asyncio.get_running_loop(), sys.stdin.fileno()

    def read() -> None:
        if not os.read(stdin, 4096):
            loop.remove_reader(stdin)
            call()

    loop.add_reader(stdin, read)


def main() -> int:
    """Run it and return the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    try:
        asyncio.run(serve(arguments()))
    except PortTaken as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
