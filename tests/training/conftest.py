"""What the training tests share: made once, never changed."""

import os
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.training.tiny import make_dataset

    return make_dataset(tmp_path_factory.mktemp("dataset") / "dataset")


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch

    from tests.training.tiny import make_base

    torch.set_num_threads(1)  # two processes that share cores starve each other's OpenMP threads
    return make_base(tmp_path_factory.mktemp("base") / "base")
