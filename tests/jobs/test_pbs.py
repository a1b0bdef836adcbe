"""What PBS is told, and how its answers are read. No PBS runs here: its answers are as its documentation has them."""

from pathlib import Path

import pytest

from patzta.jobs.cluster import Unreachable
from patzta.jobs.contract import Order, Status
from patzta.jobs.pbs import PBS

LISTED = """Job Id: 11.server
    Job_Name = patzta-1
    Job_Owner = me@front
    job_state = R
    queue = default
    Resource_List.ncpus = 1
    Resource_List.nodect = 1
    Resource_List.mem = 1gb
    Resource_List.walltime = 01:00:00
    resources_used.walltime = 00:10:00

Job Id: 12.server
    Job_Name = patzta-2
    Job_Owner = me@front
    job_state = Q
    queue = default
    Resource_List.ncpus = 1
    Resource_List.nodect = 1
    Resource_List.mem = 1gb
    Resource_List.walltime = 01:00:00
"""


@pytest.fixture
def answers(monkeypatch):
    """Command lines that were run, and what they answer."""
    given: dict[str, tuple[int, str, str]] = {}
    lines: list[str] = []

    async def command(line: str) -> tuple[int, str, str]:
        lines.append(line)
        return given[line.split()[0]]

    monkeypatch.setattr("patzta.jobs.batch.command", command)
    monkeypatch.setattr("patzta.jobs.pbs.command", command)
    return given, lines


def test_the_header() -> None:
    order = Order("x", options={"q": "gpu", "select": "1:ncpus=4:ngpus=1"})
    assert PBS().header(order, Path("/jobs/7"), 3725.0) == [
        "#PBS -N patzta-7",
        "#PBS -o /jobs/7/engine.out",
        "#PBS -j oe",
        "#PBS -r n",
        "#PBS -l walltime=3725",
        "#PBS -q gpu",
        "#PBS -l select=1:ncpus=4:ngpus=1",
    ]


@pytest.mark.asyncio
async def test_submitting_listing_and_the_end(answers) -> None:
    given, lines = answers
    given["qsub"] = 0, "11.server\n", ""
    given["qstat"] = 0, LISTED, ""
    assert await PBS().submit(Path("/a folder/batch.sh")) == "11.server"
    assert lines == ["qsub '/a folder/batch.sh'"]
    assert await PBS().places(["11.server", "12.server"]) == {"11.server": Status.RUNNING, "12.server": Status.QUEUED}
    assert lines[-1] == "qstat -f -w 11.server 12.server"
    given["qstat"] = 0, '{"Jobs": {"11.server": {"Exit_status": 271}}}', ""
    assert await PBS().exit_status("11.server") == 271


@pytest.mark.asyncio
async def test_a_server_that_is_away_says_nothing_of_jobs(answers) -> None:
    given, _ = answers
    given["qstat"] = 255, "", "Connection refused\nqstat: cannot connect to server server (errno=111)"
    with pytest.raises(Unreachable):
        await PBS().places(["11.server"])
    with pytest.raises(Unreachable):
        await PBS().exit_status("11.server")
    given["qstat"] = 153, "", "qstat: Unknown Job Id 11.server"
    assert await PBS().places(["11.server"]) == {}
    assert await PBS().exit_status("11.server") is None
