"""The batch scripts: checked by shellcheck, run with PBS's variables, and given to a real Slurm."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from patzta.settings import ROOT
from tests import slurm as engine
from tests.conftest import need

PROGRAMS = ("patztabot", "shellbot", "train")
SCRIPTS = [f"{engine}_{program}" for engine in ("metacentrum", "slurm") for program in PROGRAMS]


def test_shellcheck_finds_nothing() -> None:
    need("shellcheck", shutil.which("shellcheck"), "no shellcheck: apt install shellcheck")
    files = [
        file
        for file in (ROOT / "bin").iterdir()
        if file.read_bytes()[:40].lstrip(b"#! ").startswith((b"/bin", b"shell"))
    ]
    assert len(files) >= 10
    done = subprocess.run(["shellcheck", "-x", *files], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == ""


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_that_is_not_given_to_its_engine_says_so(script) -> None:
    done = subprocess.run(
        [ROOT / "bin" / script], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "give this file to" in done.stderr


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A clone somewhere else, without data."""
    return clone(tmp_path_factory.mktemp("a clone") / "patzta")


def clone(folder: Path) -> Path:
    shutil.copytree(
        ROOT, folder, ignore=shutil.ignore_patterns("data", ".venv*", ".git", "*cache*", "*.ini", "*token.txt")
    )
    (folder / "data").mkdir()
    return folder


def until(condition, within: float) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_with_the_variables_of_pbs(checkout, tmp_path) -> None:
    """From a subfolder, by a copy of the script; it queues itself again, and ends before its time is over."""
    (checkout / "sub").mkdir()
    scratch, tools = tmp_path / "scratch", tmp_path / "tools"
    scratch.mkdir()
    tools.mkdir()
    (tools / "qsub").write_text(f'#!/bin/sh\necho "$PWD $*" > {tmp_path}/again\n')
    (tools / "qsub").chmod(0o755)
    spooled = shutil.copy(checkout / "bin" / "metacentrum_shellbot", tmp_path / "spooled")
    environment = os.environ | {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PBS_O_WORKDIR": str(checkout / "sub"),
        "PBS_JOBID": "7.server",
        "PBS_RESC_TOTAL_WALLTIME": "180",
        "SCRATCHDIR": str(scratch),
        "RESUBMIT": "yes",
        "BOT_ARGUMENTS": "--sandbox --port 0",
    }
    environment.pop("PATZTA_DATA", None)
    with subprocess.Popen(["bash", spooled], env=environment, stderr=subprocess.PIPE, text=True) as running:
        said = running.communicate(timeout=300)[1]
    assert "Open http://127.0.0.1" in said, said
    folder, _, queued = (tmp_path / "again").read_text().partition(" -v ")
    variables, script = queued.split()
    assert (folder, script) == (str(checkout), "bin/metacentrum_shellbot")
    assert {"RESUBMIT", "BOT_ARGUMENTS"} < set(variables.split(","))
    assert (checkout / "data" / "sandbox" / "shellbot.db").exists()
    assert not (checkout / ".venv").exists()
    assert list(scratch.iterdir()) == []


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_given_to_slurm(checkout, tmp_path) -> None:
    need("slurm", engine.available(), "no Slurm: apt install slurm-wlm munge, and be root")
    with engine.running(tmp_path) as slurm:
        environment = os.environ | {"SLURM_CONF": str(slurm.config), "TMPDIR": str(tmp_path)}
        environment.pop("PATZTA_DATA", None)

        def call(*words: str) -> str:
            return subprocess.run(
                words, env=environment, cwd=checkout, capture_output=True, text=True, check=True
            ).stdout

        said = tmp_path / "said"
        submit = (
            "sbatch",
            "--parsable",
            "--time=30",
            f"--output={said}",
            "bin/slurm_shellbot",
            "--sandbox",
            "--port",
            "0",
        )
        number = call(*submit).strip()
        until(lambda: said.exists() and "Open http://127.0.0.1" in said.read_text(), 200)
        call("scancel", "--batch", "-s", "TERM", number)
        until(lambda: number not in call("squeue", "-h", "-o", "%i").split(), 60)
        assert not list(tmp_path.glob("patzta-*")), "the scratch is cleared"
