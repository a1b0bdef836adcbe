"""A dataset, a base and a double of it, made once."""

from pathlib import Path

import pytest

from tests.training.conftest import base, dataset

__all__ = ["base", "dataset"]


@pytest.fixture(scope="session")
def double(tmp_path_factory: pytest.TempPathFactory, dataset: Path, base: Path) -> Path:
    from patzta.training.finetune import finetune
    from patzta.training.settings import Settings

    out = tmp_path_factory.mktemp("evaluated") / "me"
    settings = Settings(epochs=8, batch_tokens=256, max_tokens=128, learning_rate=1e-2, rank=8, replay=0.0, canaries=2)
    finetune(dataset, base, out, settings)
    return out
