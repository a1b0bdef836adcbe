"""The supervisor's loop: terminal to log, requests to terminal, until the job and all its processes have ended."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import time

from patzta.jobs.supervisor import control, records, tree
from patzta.jobs.supervisor.child import start
from patzta.jobs.supervisor.ladder import KILL, SAVE, STOP, Ladder
from patzta.jobs.supervisor.log import LogWriter
from patzta.jobs.supervisor.signals import Signals
from patzta.jobs.supervisor.slots import Turn
from patzta.jobs.supervisor.spec import Spec
from patzta.jobs.supervisor.terminal import Terminal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

POLL = 0.5
"""Seconds between looks at the queue and the box, of which no event tells."""
BEAT = 10.0
"""Seconds between two signs of life, for those who cannot see this process."""
DRAIN = 1.0
"""Seconds after the last process of the job during which its terminal may still be open: a stranger holds it."""
GIVE_UP = 5.0
"""Seconds after KILL until what is left counts as a survivor: the kernel itself holds it."""

ENGINES = ("SLURM", "PBS", "CUDA_VISIBLE_DEVICES", "SCRATCHDIR", "TMPDIR", "HOSTNAME")
"""Beginnings of the names with which a cluster's engine tells a job where it is and what it may use."""

KILLED, WALLTIME, TERMINATED = "killed", "walltime", "terminated"


class SecondStart(Exception):
    """The job was started before: an engine that lost its memory starts jobs twice."""


class Supervisor:
    """Runs the job in ``folder``, which is the current one. With ``shared``, those who watch are on other machines.

    Raises OSError where the folder cannot be written.
    """

    def __init__(self, folder: str, spec: Spec, *, shared: bool) -> None:
        self._spec = spec
        self._shared = shared
        if shared:
            spec.env |= {name: value for name, value in os.environ.items() if name.startswith(ENGINES)}
        self._number = int(os.path.basename(folder))
        self._signals = Signals()
        self._log = LogWriter(".")
        self._turn = Turn(spec.queue, self._number) if spec.queue else None
        # Its lock lasts as long as this refers to it.
        self._held: Turn | None = None
        self._server = control.Server(self._answer)
        self._group = tree.Group(f"patzta-job-{self._number}-{os.getpid()}")
        self._terminal: Terminal | None = None
        self._pid = 0
        self._status: int | None = None
        self._ladder: Ladder | None = None
        self._reason = ""
        self._started: float | None = None
        self._alone: float | None = None
        self._looked = self._beaten = 0.0

    def run(self) -> int:
        """The job's exit status as a shell gives it. Raises SecondStart."""
        tree.become_reaper()
        records.reserve(".", "exit.json")
        while True:
            now = time.monotonic()
            self._wait_and_run(now)
            self._end_of_child(now)
            if self._terminal:
                self._terminal.move()
            if self._is_over(now):
                break
            self._climb(now)
            self._serve(self._events(now))
        return self._finish()

    # Its turn

    def _wait_and_run(self, now: float) -> None:
        if self._terminal or self._ladder or (self._turn and not self._turn.come()):
            return
        self._turn, self._held = None, self._turn
        record = {"pid": os.getpid(), "boot": records.boot_id(), "host": socket.gethostname(), "started": time.time()}
        if not records.claim(".", "run.json", record):
            raise SecondStart
        self._started = now
        self._pid, master = start(self._spec)
        self._group.take(self._pid)
        self._terminal = Terminal(master, self._log)

    # Its end

    def _end_of_child(self, now: float) -> None:
        for pid, status in tree.reap():
            if pid == self._pid:
                self._status = status
                if not self._ladder or not self._ladder.is_last:
                    # What it left behind is asked to end, too.
                    self._ladder = Ladder(SAVE, self._spec.grace, now)

    def _is_over(self, now: float) -> bool:
        if self._terminal is None:
            return self._ladder is not None
        if self._status is None or self._terminal.blocked:
            return False
        if tree.descendants():
            sent = self._ladder.last_sent if self._ladder else None
            return sent is not None and now > sent + GIVE_UP
        self._alone = self._alone or now
        return self._terminal.hung_up or now > self._alone + DRAIN

    def _climb(self, now: float) -> None:
        """Send the signal that is due."""
        spec = self._spec
        if spec.walltime and self._started and not self._ladder and now >= self._started + spec.walltime:
            self._stop(Ladder(SAVE, spec.margin, now), WALLTIME)
        step = self._ladder.due(now) if self._ladder and self._terminal else None
        if step is None or self._terminal is None:
            return
        if step is signal.SIGINT:
            tree.send_to_groups(step, {self._pid, self._terminal.foreground()})
        elif step is signal.SIGTERM and self._status is None:
            tree.send(step, [self._pid])
        else:
            tree.send(step, tree.descendants())
        if step is signal.SIGKILL:
            self._group.kill()

    def _stop(self, ladder: Ladder, reason: str) -> None:
        if self._ladder is None:
            self._ladder, self._reason = ladder, reason

    def _finish(self) -> int:
        """Write down how it ended."""
        survivors = tree.descendants()
        self._log.close()
        code = exit_code(self._status)
        record = {
            "code": code if self._status is not None else None,
            "reason": self._reason,
            "ended": time.time(),
            "bytes": self._log.total,
            "survivors": survivors,
        }
        while True:
            try:
                records.write(".", "exit.json", record)
                break
            except OSError:
                # The disk is full to the last block: somebody will make room.
                time.sleep(POLL)
        self._server.close()
        self._group.remove()
        if self._turn:
            self._turn.leave()
        return code

    # Waiting for events

    def _events(self, now: float) -> list[int]:
        poll = select.poll()
        for descriptor in (self._signals.descriptor, *self._server.descriptors()):
            poll.register(descriptor, select.POLLIN)
        if self._terminal:
            descriptor, events = self._terminal.wanted()
            if events:
                poll.register(descriptor, events)
        wait = self._patience(now)
        return [descriptor for descriptor, _ in poll.poll(None if wait is None else max(0, wait) * 1000 + 1)]

    def _patience(self, now: float) -> float | None:
        """Seconds until something is to be looked at; None when events will tell."""
        waits = [self._terminal.patience()] if self._terminal else []
        waits += [POLL] if self._turn or self._shared else []
        waits += [DRAIN] if self._alone else []
        if self._ladder:
            waits.append(self._ladder.at - now)
        elif self._spec.walltime and self._started:
            waits.append(self._started + self._spec.walltime - now)
        return min((wait for wait in waits if wait is not None), default=None)

    def _serve(self, ready: list[int]) -> None:
        now = time.monotonic()
        for number in self._signals.clear():
            reason = WALLTIME if number == signal.SIGUSR1 else TERMINATED
            self._stop(Ladder(SAVE, self._spec.margin if reason == WALLTIME else self._spec.grace, now), reason)
        self._server.serve(ready)
        if now >= self._looked + POLL:
            self._looked = now
            control.serve_box(self._answer)
            self._beat(now)

    def _beat(self, now: float) -> None:
        if self._shared and now >= self._beaten + BEAT:
            self._beaten = now
            with contextlib.suppress(OSError), open("beat", "w", encoding="ascii") as file:
                file.write(str(time.time()))

    # Requests

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        match request["do"]:
            case "input" if self._terminal:
                problem = self._terminal.type(request["data"].encode("latin-1"))
                return {"error": problem} if problem else {}
            case "size":
                self._resize(int(request["rows"]), int(request["columns"]))
            case "stop":
                self._asked_to_stop(now=bool(request.get("now")))
            case "state":
                pass
            case _:
                return {"error": "not understood, or the job does not run yet"}
        return self._state()

    def _resize(self, rows: int, columns: int) -> None:
        self._spec.rows, self._spec.columns = max(1, min(rows, 1000)), max(1, min(columns, 1000))
        if self._terminal:
            self._terminal.resize(self._spec.rows, self._spec.columns)

    def _asked_to_stop(self, *, now: bool) -> None:
        at = time.monotonic()
        self._stop(Ladder(KILL if now else STOP, self._spec.grace, at), KILLED)
        if now and self._ladder:
            self._ladder.hurry(at)

    def _state(self) -> dict[str, Any]:
        terminal = self._terminal
        return {
            "state": "running" if terminal else "queued",
            "bytes": self._log.total,
            "stopping": self._reason,
            "blocked": bool(terminal and terminal.blocked),
            "echoes": terminal is None or terminal.echoes,
            "pending": terminal.pending if terminal else 0,
            "rows": self._spec.rows,
            "columns": self._spec.columns,
            "ends": self._ends(),
        }

    def _ends(self) -> float | None:
        """When its time is over, as the clock shows it."""
        if self._spec.walltime is None or self._started is None:
            return None
        return time.time() + self._started + self._spec.walltime - time.monotonic()


def exit_code(status: int | None) -> int:
    """As a shell gives it: 128 and the signal for a process that was killed by one; 1 for one that never ran."""
    code = 1 if status is None else os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code
