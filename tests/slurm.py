"""A Slurm of one node on this machine, for tests, with two GPUs that are none. It takes root."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CONFIG = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={daemon}
AuthType=auth/munge
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MinJobAge=2
KillWait=5
SlurmctldTimeout=5
MessageTimeout=5
GresTypes=gpu
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=1000 Gres=gpu:2 State=UNKNOWN
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


@dataclass
class Slurm:
    """A running one; ``config`` is what SLURM_CONF names."""

    folder: Path
    config: Path
    processes: dict[str, subprocess.Popen[bytes]]

    def start(self, name: str, *options: str) -> None:
        with (self.folder / f"{name}.out").open("ab") as output:
            self.processes[name] = subprocess.Popen(
                [str(shutil.which(name, path=PATH)), "-D", *options],
                env=os.environ | {"SLURM_CONF": str(self.config)},
                stdout=output,
                stderr=output,
            )

    def stop(self, name: str) -> None:
        """End it as a crash would."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def wait_for_node(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            said = subprocess.run(
                ["sinfo", "-h", "-o", "%t"],
                env=os.environ | {"SLURM_CONF": str(self.config)},
                capture_output=True,
                text=True,
                check=False,
            )
            if said.stdout.strip() in {"idle", "mix", "alloc"}:
                return
            time.sleep(0.2)
        raise RuntimeError(f"no node: {said.stdout} {said.stderr}")


PATH = f"{os.environ['PATH']}:/usr/sbin:/sbin"


def available() -> bool:
    """Whether it can be run here."""
    return os.geteuid() == 0 and all(shutil.which(name, path=PATH) for name in ("slurmctld", "slurmd", "munged"))


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Slurm]:
    """Start it, and end it."""
    with contextlib.ExitStack() as stack:
        munge = _munge()
        if munge:
            stack.callback(_end, munge)
        config = folder / "slurm.conf"
        ports = [_free_port(), _free_port()]
        config.write_text(
            CONFIG.format(
                host=socket.gethostname(), folder=folder, controller=ports[0], daemon=ports[1], cpus=os.cpu_count()
            )
        )
        (folder / "gres.conf").write_text(f"Name=gpu File={folder}/gpu[0-1]\n")
        for number in range(2):
            (folder / f"gpu{number}").touch()
        (folder / "state").mkdir()
        (folder / "spool").mkdir()
        slurm = Slurm(folder, config, {})
        stack.callback(lambda: [_end(process) for process in slurm.processes.values()])
        slurm.start("slurmctld", "-c")
        slurm.start("slurmd")
        slurm.wait_for_node()
        yield slurm


def _munge() -> subprocess.Popen[bytes] | None:
    """Munge, unless it runs."""
    if subprocess.run(["munge", "-n"], capture_output=True, check=False).returncode == 0:
        return None
    Path("/run/munge").mkdir(exist_ok=True)
    shutil.chown("/run/munge", "munge", "munge")
    process = subprocess.Popen(["/usr/sbin/munged", "--foreground"], user="munge", group="munge")
    deadline = time.monotonic() + 20
    while subprocess.run(["munge", "-n"], capture_output=True, check=False).returncode:
        assert time.monotonic() < deadline, "munged does not answer"
        time.sleep(0.1)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
