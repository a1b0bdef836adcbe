"""Training as a batch job: with PBS's variables, and given to a real Slurm."""

import hashlib
import json
import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from patzta.training.log import read_metrics
from tests import slurm as engine
from tests.bin.test_cluster import clone, until
from tests.conftest import need
from tests.training.tiny import make_base, make_dataset

SMALL = ("--base", "data/base", "--epochs", "1", "--rank", "8", "--max-tokens", "128", "--batch-tokens", "256")
ENDLESS = (*SMALL, "--replay", "0", "--epochs", "1000000", "--patience", "0", "--evaluate-every", "1000000")
QSTAT = """Job Id: 8.server
    Job_Name = train
    Resource_List.select = 1:ncpus=4:mem=32gb:ngpus=2:gpu_mem=40gb:scratch_local=40
\tgb
    Resource_List.walltime = 04:00:00
    Variable_List = PBS_O_HOME=/home/me,PBS_O_LANG=C
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """With a dataset where bin/train looks for one, a base, and a folder to call from."""
    folder = clone(tmp_path / "a clone" / "patzta")
    (folder / "sub").mkdir()
    make_dataset(folder / "data" / "datasets" / "me")
    make_base(folder / "data" / "base")
    return folder


def set_up(scratch: Path, checkout: Path) -> None:
    """As after bin/_setup.sh, with the libraries of the Python that runs the tests and the scratch's own code."""
    scratch.mkdir(parents=True)
    venv.create(scratch / ".venv", symlinks=True)
    (packages,) = scratch.glob(".venv/lib/python*/site-packages")
    (packages / "libraries.pth").write_text(f"{sysconfig.get_path('purelib')}\n../../../..\n")
    stamp = hashlib.sha256(b"".join((checkout / name).read_bytes() for name in ("setup.cfg", "constraints.txt")))
    (scratch / ".venv" / "installed").mkdir()
    for extra in ("data", "model"):
        made = scratch / ".venv" / "installed" / f"{extra}-{stamp.hexdigest()[:16]}"
        made.write_text(os.path.realpath(sys.executable))


class Pbs:
    """PBS's variables and commands; ``again`` holds what qsub was given."""

    def __init__(self, folder: Path, checkout: Path) -> None:
        self.checkout, self.scratch, self.again = checkout, folder / "scratch", folder / "again"
        self._tools = folder / "tools"
        self._tools.mkdir()
        self._tool("qsub", f'printf "%s\\n" "$PWD" "$@" > {self.again}')
        self._tool("qstat", f"cat <<'END'\n{QSTAT}END")

    def run(self, number: int, arguments: tuple[str, ...], **variables: str) -> subprocess.Popen[str]:
        environment = os.environ | {
            "PATH": f"{self._tools}:{os.environ['PATH']}",
            "OMP_NUM_THREADS": "1",
            "PBS_O_WORKDIR": str(self.checkout / "sub"),
            "PBS_O_QUEUE": "gpu",
            "PBS_JOBID": f"{number}.server",
            "SCRATCHDIR": str(self.scratch),
            "TRAIN_ARGUMENTS": " ".join(arguments),
        }
        script = self.checkout / "bin" / "metacentrum_train"
        return subprocess.Popen(
            ["bash", script], env=environment | variables, cwd="/", stdout=-1, stderr=subprocess.STDOUT, text=True
        )

    def _tool(self, name: str, script: str) -> None:
        (self._tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (self._tools / name).chmod(0o755)


@pytest.fixture
def pbs(tmp_path: Path, checkout: Path) -> Pbs:
    return Pbs(tmp_path, checkout)


@pytest.mark.parametrize(
    ("variables", "given", "processes"),
    [
        ({"CUDA_VISIBLE_DEVICES": "GPU-1,GPU-2,GPU-3", "PBS_NGPUS": "4"}, SMALL, "3"),
        ({"PBS_NGPUS": "2"}, SMALL, "2"),
        ({"PBS_NGPUS": "0"}, SMALL, "1"),
        ({"PBS_NGPUS": "2"}, ("prefer", "--model", "x"), None),
    ],
)
def test_all_gpus_of_the_allocation_are_used(pbs: Pbs, variables, given, processes) -> None:
    (pbs.checkout / "bin" / "train").write_text('#!/bin/sh\nprintf "%s\\n" "$PWD" "$@"\nexit 3\n')
    with pbs.run(1, given, **variables) as running:
        folder, *words = running.communicate()[0].splitlines()
    assert running.returncode == 3
    assert folder == str(pbs.checkout)
    # Of two, the later one counts.
    assert words[: -len(given)][:2] == (["--processes", processes] if processes else [])
    assert words[-len(given) :] == list(given)


def checkpoint(checkout: Path) -> Path:
    return checkout / "data" / "models" / "me.training" / "checkpoint"


def steps(checkout: Path) -> list[int]:
    return [row["step"] for row in read_metrics(checkpoint(checkout).parent)]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_with_the_variables_of_pbs(pbs: Pbs) -> None:
    """Two processes save and are queued again before the time is over; one goes on, and is ended by a signal."""
    set_up(pbs.scratch / "patzta-1.server", pbs.checkout)
    given = {"PBS_RESC_TOTAL_WALLTIME": "120", "SAVE_SECONDS": "60", "RESUBMIT": "yes"}
    with pbs.run(1, ENDLESS, **given, PBS_NGPUS="2") as running:
        said = running.communicate()[0]
    assert running.returncode == 1, said
    select = "select=1:ncpus=4:mem=32gb:ngpus=2:gpu_mem=40gb:scratch_local=40gb"
    folder, *options, variables, script = pbs.again.read_text().splitlines()
    assert (folder, script) == (str(pbs.checkout), "bin/metacentrum_train")
    assert options == ["-q", "gpu", "-l", select, "-l", "walltime=04:00:00", "-v"]
    assert {"RESUBMIT", "SAVE_SECONDS", "TRAIN_ARGUMENTS"} < set(variables.split(","))
    assert "PATZTA_ENDS" not in variables
    assert checkpoint(pbs.checkout).exists()
    assert list(pbs.scratch.iterdir()) == []

    done = len(steps(pbs.checkout))
    pbs.again.unlink()
    set_up(pbs.scratch / "patzta-2.server", pbs.checkout)
    with pbs.run(2, ENDLESS, **given | {"PBS_RESC_TOTAL_WALLTIME": "14400"}) as running:
        until(lambda: len(steps(pbs.checkout)) > done, 100)
        running.terminate()
        said = running.communicate()[0]
    assert running.returncode == 143, said
    assert steps(pbs.checkout) == [*range(1, len(steps(pbs.checkout)) + 1)]
    assert not pbs.again.exists()


@pytest.fixture
def slurm(tmp_path: Path, checkout: Path, monkeypatch):
    """A function that calls one of Slurm's commands from inside the checkout."""
    need("slurm", engine.available(), "no Slurm: apt install slurm-wlm munge, and be root")
    with engine.running(tmp_path) as running:
        monkeypatch.setenv("SLURM_CONF", str(running.config))
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        monkeypatch.setenv("OMP_NUM_THREADS", "1")

        def call(*words: str) -> str:
            return subprocess.run(words, cwd=checkout / "sub", stdout=-1, text=True, check=True).stdout

        yield call


def batch(tmp_path: Path, *options: str) -> tuple[str, ...]:
    return ("sbatch", *options, "--cpus-per-task=2", "--mem=500", f"--output={tmp_path}/said", "../bin/slurm_train")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_slurm_trains_on_two_gpus(slurm, checkout: Path, tmp_path: Path) -> None:
    set_up(tmp_path / "patzta-1", checkout)
    slurm(*batch(tmp_path, "--wait", "--gres=gpu:2", "--export=ALL,RESUBMIT=yes"), *SMALL)
    said = (tmp_path / "said").read_text()
    assert "done: held-out loss" in said
    assert said.endswith("data/models/me\n" * 2), "a line of each process"
    assert json.loads((checkout / "data" / "models" / "me" / "persona.json").read_text())["base"] == "../../base"
    assert not list(tmp_path.glob("patzta-*")), "the scratch is cleared"
    assert slurm("squeue", "-h", "-t", "pending,running") == "", "what is done is not queued again"


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_slurm_queues_what_is_not_done_again(slurm, checkout: Path, tmp_path: Path) -> None:
    """The time is over after two minutes; training is told when one is left."""
    set_up(tmp_path / "patzta-1", checkout)
    slurm(*batch(tmp_path, "--time=2", "--export=ALL,RESUBMIT=yes,SAVE_SECONDS=60"), *ENDLESS)
    until(lambda: slurm("squeue", "-h", "-o", "%T %r") == "PENDING BeginTime\n", 120)
    assert checkpoint(checkout).exists()
    assert not list(tmp_path.glob("patzta-*"))

    done = len(steps(checkout))
    set_up(tmp_path / "patzta-1", checkout)
    # In the second in which it ended Slurm refuses to start it.
    slurm("scontrol", "update", "JobId=1", "StartTime=now+3")
    until(lambda: len(steps(checkout)) > done, 100)
    slurm("scancel", "--batch", "-s", "TERM", "1")
    until(lambda: not slurm("squeue", "-h"), 60)
    assert steps(checkout) == [*range(1, len(steps(checkout)) + 1)]
