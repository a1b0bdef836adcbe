"""A PostgreSQL server of the tests' own: in a temporary folder, reached by a unix socket only."""

import contextlib
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ACCOUNT = "postgres"
"""The system's account that runs it where the tests run as root, which PostgreSQL refuses."""


def find_programs() -> Path | None:
    """The folder with initdb and postgres: the newest one."""
    found = [Path(path).resolve().parent for path in [shutil.which("initdb")] if path]
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return next(
        (
            folder
            for folder in [*found, *debian[::-1]]
            if (folder / "postgres").exists() and (folder / "pg_isready").exists()
        ),
        None,
    )


class Server:
    """A running server; each test gets databases of its own."""

    def __init__(self, folder: Path, programs: Path, account: dict[str, Any]) -> None:
        self._folder = folder
        self._bin = programs
        self._account = account
        self._numbers = itertools.count(1)

    def new_database(self) -> str:
        """The address of an empty database."""
        name = f"test{next(self._numbers)}"
        self.run("createdb", "-U", ACCOUNT, name)
        return f"postgresql+asyncpg://{ACCOUNT}@/{name}?host={self._folder}"

    def run(self, program: str, *arguments: str) -> None:
        environment = {**os.environ, "PGHOST": str(self._folder)}
        done = subprocess.run(
            [self._bin / program, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
            **self._account,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")


@contextlib.contextmanager
def running(programs: Path, *options: str) -> Iterator[Server]:
    """Start a server with these settings (``fsync=off``), and end it."""
    account = {"user": ACCOUNT, "group": ACCOUNT, "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="pg-") as temporary:
        folder = Path(temporary)
        if account:
            shutil.chown(folder, ACCOUNT, ACCOUNT)
        server = Server(folder, programs, account)
        server.run("initdb", "-D", str(folder / "data"), "-U", ACCOUNT, "--auth=trust", "--no-sync")
        settings = ["listen_addresses=", f"unix_socket_directories={folder}", "max_connections=100", *options]
        process = subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", *(word for setting in settings for word in ("-c", setting))],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            **account,
        )
        try:
            wait_until_ready(server, process)
            yield server
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def wait_until_ready(server: Server, process: subprocess.Popen[bytes], within: float = 30) -> None:
    end = time.monotonic() + within
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(RuntimeError):
            return server.run("pg_isready", "-U", ACCOUNT)
        time.sleep(0.05)
    raise RuntimeError("PostgreSQL does not start")
