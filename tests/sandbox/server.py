"""A sandbox in a process of its own, for any test that wants one.

    async with SandboxProcess() as sandbox:
        with pointed(sandbox.url, sandbox.gateway):
            ...

Leaving the block fails on gateway events that are not as Discord's, and when the environment names Discord's OpenAPI
description in DISCORD_OPENAPI, on exchanges that break it.
"""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from patzta.sandbox import process
from tests.gateway import Events
from tests.openapi import OpenAPI


class ContractBroken(AssertionError):
    """An exchange does not fit the OpenAPI description."""


@cache
def description() -> OpenAPI | None:
    """The description that the environment names, if any."""
    path = os.environ.get("DISCORD_OPENAPI")
    return OpenAPI(path) if path else None


@cache
def events() -> Events:
    """What gateway events must look like; with the description in more detail."""
    return Events(description())


def lines(record: Path) -> list[dict[str, Any]]:
    """Everything recorded, oldest first."""
    return [json.loads(line) for line in record.read_text(encoding="utf-8").splitlines()] if record.exists() else []


def exchanges(record: Path) -> list[dict[str, Any]]:
    """The REST exchanges that were carried out, oldest first."""
    return [line for line in lines(record) if "method" in line and not line["refused"]]


def violations(record: Path) -> list[str]:
    """What breaks the rules for gateway events, and where a description is named, for REST exchanges."""
    api = description()
    found = [problem for exchange in exchanges(record) for problem in api.check(exchange)] if api else []
    found += [problem for line in lines(record) if "event" in line for problem in events().check(line)]
    found += [
        f"{line['method']} {line['path']}: the sandbox has no such route"
        for line in lines(record)
        if line.get("unknown")
    ]
    return list(dict.fromkeys(found))


class SandboxProcess(process.SandboxProcess):
    """Records what is said and holds it against the descriptions when the block is left."""

    def __init__(self, *arguments: str, check_contract: bool = True, port: int = 0) -> None:
        super().__init__(*arguments, port=port)
        self._check_contract = check_contract
        self.record = Path(self.folder.name) / "exchanges.jsonl"
        self._arguments += ("--record", str(self.record))

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        await self.stop()
        problems = self.violations() if kind is None and self._check_contract else []
        await super().__aexit__()
        if problems:
            raise ContractBroken("\n".join(problems))

    def exchanges(self) -> list[dict[str, Any]]:
        """The REST exchanges so far, oldest first."""
        return exchanges(self.record)

    def violations(self) -> list[str]:
        """What is not as Discord's in what was said so far."""
        return violations(self.record)
