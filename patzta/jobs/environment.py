"""What jobs see of the environment: not the bot's secrets, nor what was meant for the bot alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

SECRET = re.compile(r"TOKEN|SECRET|PASSW|CREDENTIAL|PRIVATE|API_?KEY|ACCESS_?KEY|^PATZTA_|^DISCORD_", re.IGNORECASE)
OURS = frozenset(
    {
        # bin/ exports it for the bot; it would keep a user's script from importing its neighbours.
        "PYTHONSAFEPATH",
        # systemd's words to the bot's own unit.
        "NOTIFY_SOCKET",
        "LISTEN_FDS",
        "LISTEN_PID",
        "LISTEN_FDNAMES",
        "INVOCATION_ID",
        "JOURNAL_STREAM",
        "WATCHDOG_USEC",
        "WATCHDOG_PID",
        # The size of some other terminal.
        "LINES",
        "COLUMNS",
    }
)
MARK = "PATZTA_JOB"
"""The job's folder, in the environment of each of its processes: what a killed supervisor left can be found by it."""


def job_environment(
    environment: Mapping[str, str], passed: Collection[str], added: Mapping[str, str], folder: str
) -> dict[str, str]:
    """The environment of a job: the bot's without secrets, except for the names in ``passed``, and ``added``."""
    return (
        without_secrets(environment, passed)
        | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        | dict(added)
        | {MARK: folder}
    )


def without_secrets(environment: Mapping[str, str], passed: Collection[str] = ()) -> dict[str, str]:
    """Without secrets, and without what was meant for the bot alone."""
    return {
        name: value
        for name, value in environment.items()
        if name in passed or not (name in OURS or SECRET.search(name))
    }
