"""The job's own process, on a terminal of its own."""

from __future__ import annotations

import contextlib
import os
import resource
import signal

from patzta.jobs.supervisor.spec import Spec
from patzta.jobs.supervisor.terminal import resize

OOM_SCORE = "500"
"""When memory runs out, the job goes before its supervisor."""


def start(spec: Spec) -> tuple[int, int]:
    """Run the job; its process id, and the terminal's other end. Raises OSError."""
    pid, master = os.forkpty()
    if pid == 0:
        try:
            _become(spec)
        except BaseException as error:  # noqa: BLE001  nothing may come back from here
            os.write(2, f"{error.__class__.__name__}: {error}\n".encode())
        finally:
            os._exit(127)
    os.set_blocking(master, False)
    return pid, master


def _become(spec: Spec) -> None:
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        with contextlib.suppress(OSError):  # KILL and STOP have no handler
            signal.signal(number, signal.SIG_DFL)
    resize(0, spec.rows, spec.columns)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w", encoding="ascii") as file:
        file.write(OOM_SCORE)
    _limit(spec)
    try:
        os.chdir(spec.cwd)
        os.execvpe(spec.argv[0], spec.argv, spec.env)  # noqa: S606
    except FileNotFoundError as error:
        missing = error.filename if error.filename == spec.cwd else spec.argv[0]
        os.write(2, f"{missing}: not found\n".encode())
    except OSError as error:
        os.write(2, f"{spec.argv[0]}: {error.strerror}\n".encode())
        os._exit(126)


def _limit(spec: Spec) -> None:
    limits = (
        (resource.RLIMIT_AS, spec.memory),
        (resource.RLIMIT_CPU, spec.cpu),
        (resource.RLIMIT_NOFILE, spec.files),
    )
    for kind, value in limits:
        if value is not None:
            hard = resource.getrlimit(kind)[1]
            most = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (most, most))
    if spec.niceness:
        os.nice(spec.niceness)
