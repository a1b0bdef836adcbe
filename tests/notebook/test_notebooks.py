"""The notebooks run from top to bottom on the sample data."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from patzta.settings import ROOT

NOTEBOOKS = sorted((ROOT / "notebook").glob("*.ipynb"))


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_runs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=100, kernel_name="python3")
    client.resources["metadata"] = {"path": str(ROOT / "notebook")}
    client.execute(env={**os.environ, "PYTHONPATH": str(ROOT)})
    shown = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert any("image/png" in output.get("data", {}) or "image/svg+xml" in output.get("data", {}) for output in shown)


def test_they_are_committed_without_outputs() -> None:
    assert NOTEBOOKS
    for path in NOTEBOOKS:
        assert all(not cell.get("outputs") for cell in nbformat.read(path, as_version=4).cells)
