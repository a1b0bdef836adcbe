"""The cluster engines that this machine can reach."""

from __future__ import annotations

import shutil

from patzta.jobs.cluster import Cluster
from patzta.jobs.pbs import PBS
from patzta.jobs.slurm import Slurm

COMMANDS = {"sbatch": Slurm, "qsub": PBS}


def engines() -> list[Cluster]:
    """Those whose commands are here."""
    return [Cluster(engine()) for name, engine in COMMANDS.items() if shutil.which(name)]
