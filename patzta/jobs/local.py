"""Jobs on this machine: a detached supervisor each."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import sys
from pathlib import Path
from typing import Any

from patzta.jobs import NotStarted
from patzta.jobs.asking import ask
from patzta.jobs.contract import Order
from patzta.jobs.evidence import Evidence, look
from patzta.jobs.supervisor.spec import Spec

SUPERVISOR = Path(__file__).parent / "supervisor"


class Local:
    """Starts supervisors; after that it is not needed any more."""

    name = "local"

    async def start(self, folder: Path, order: Order, spec: Spec) -> str:  # noqa: ARG002
        """Start the supervisor and wait until it is there; no engine id. Raises NotStarted."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", SUPERVISOR, folder),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            env={"PATH": os.defpath},
        )
        assert process.stdout
        line = await process.stdout.readline()
        await process.wait()
        answer = json.loads(line) if line else {"error": "its supervisor ended at once"}
        if problem := answer.get("error"):
            raise NotStarted(f"The job cannot be started: {problem}.")
        return ""

    async def look(self, folder: Path, engine_id: str) -> Evidence:  # noqa: ARG002
        """How the job is."""
        return look(folder)

    async def ask(self, folder: Path, request: dict[str, Any]) -> dict[str, Any]:
        """Ask its supervisor. Raises NotTaken."""
        return await ask(folder, request)

    async def cancel(self, folder: Path, engine_id: str, request: dict[str, Any]) -> None:  # noqa: ARG002
        """Have its supervisor end it. Raises NotTaken."""
        await ask(folder, request)


def argv(order: Order) -> list[str]:
    """The program with its arguments. Raises NotStarted when the command cannot be read."""
    if order.shell:
        return ["/bin/sh", "-c", order.command]
    try:
        words = shlex.split(order.command)
    except ValueError as error:
        raise NotStarted(f"The command cannot be read: {error}. Quote it as for a shell.") from error
    if not words:
        raise NotStarted("The command is empty.")
    return words
