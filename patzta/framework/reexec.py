"""Starting the program anew in the same process: what it hands to itself, and the exec."""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import Any, cast

log = logging.getLogger("patzta.reexec")

VARIABLE = "PATZTA_HANDED"
"""Of the environment: JSON, by name of who hands it over."""

Handed = dict[str, Any]


class StartAnew(Exception):
    """Raised where the bot has been closed to be started anew; ``handed`` goes to the successor."""

    def __init__(self, handed: Handed) -> None:
        super().__init__("the bot starts anew")
        self.handed = handed


def received() -> Handed:
    """What the program before handed over; nothing at a first start. Children do not get to see it."""
    try:
        handed: Any = json.loads(os.environ.pop(VARIABLE, "{}"))
    except ValueError:
        handed = None
    return cast("Handed", handed) if isinstance(handed, dict) else {}


def start_anew(handed: Handed) -> int:
    """Replace this program by itself, with the same arguments; returns an exit code only where that fails."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.environ[VARIABLE] = json.dumps(handed)
    try:
        os.execv(sys.executable, sys.orig_argv)  # noqa: S606  the same program, by its own arguments
    except OSError as error:
        sys.stderr.write(f"The bot cannot be started anew: {error}. Start it by hand.\n")
    return 1
