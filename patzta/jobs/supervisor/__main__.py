"""``python -I -S .../supervisor FOLDER``: supervise the job in FOLDER.

It goes to the background, and says on stdout, in a JSON line, that it is there or why not. With ``--shared`` it stays
in the foreground, for a cluster's batch script, and ends with the job's exit status; 75 means that the job was started
before.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time

# Nothing but the standard library is on the path of an isolated Python.
sys.path.insert(0, os.path.abspath(os.path.join(__file__, *[os.pardir] * 4)))

from patzta.jobs.supervisor import records
from patzta.jobs.supervisor.spec import Spec
from patzta.jobs.supervisor.supervise import SecondStart, Supervisor

AGAIN = 75
LOOKS = 50


def main(folder: str, *, shared: bool) -> int:
    """The exit status."""
    if not shared and not _daemon():
        return 0
    os.chdir(folder)
    os.umask(0o077)
    lock = os.open("lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(lock)
        supervisor = Supervisor(folder, Spec.read("."), shared=shared)
    except OSError as error:
        _say({"error": str(error)})
        return 1
    _say({"pid": os.getpid()})
    if not shared:
        _hide()
    try:
        return supervisor.run()
    except SecondStart:
        records.write(".", f"refused-{os.getpid()}.json", {"at": time.time()})
        return AGAIN


def _take(lock: int) -> None:
    """Raises OSError when another supervisor has it; who only looks at it has it for a moment."""
    for _ in range(LOOKS):
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.01)
    raise OSError("the job has a supervisor already")


def _say(answer: dict[str, object]) -> None:
    os.write(1, json.dumps(answer).encode() + b"\n")


def _daemon() -> bool:
    """Become nobody's child; whether this is the process that goes on."""
    if os.fork():
        return False
    os.setsid()
    return os.fork() == 0


def _hide() -> None:
    """Let go of whoever started this; complaints go into a file."""
    null = os.open(os.devnull, os.O_RDONLY)
    errors = os.open("supervisor.err", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for descriptor, target in ((null, 0), (errors, 1), (errors, 2)):
        os.dup2(descriptor, target)


def run() -> None:
    """By the command line."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--shared"]
    sys.exit(main(os.path.abspath(arguments[0]), shared="--shared" in sys.argv))


if __name__ == "__main__":
    run()
