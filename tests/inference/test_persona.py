"""`persona.json`: what is written comes back, and damage is named."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from patzta.inference import BrokenModel
from patzta.inference.persona import Persona, Sampling, base_reference, base_sha256

PERSONA = Persona("Vilém Nový", "../base", "b" * 64, "f" * 64, Sampling(temperature=0.5))


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "models" / "vilem"
    folder.mkdir(parents=True)
    (tmp_path / "models" / "base").mkdir()
    (folder / "adapter_model.safetensors").write_bytes(b"weights")
    PERSONA.write(folder)
    return folder


def test_comes_back(model: Path) -> None:
    persona = Persona.read(model)
    persona.check(model)
    assert (persona.name, persona.base, persona.sampling) == (PERSONA.name, PERSONA.base, PERSONA.sampling)
    assert list(persona.files) == ["adapter_model.safetensors"]


def test_a_missing_base_is_named(model: Path) -> None:
    (model.parent / "base").rmdir()
    with pytest.raises(BrokenModel, match=f"base model {model.parent / 'base'} is missing"):
        Persona.read(model).check(model)


@pytest.mark.parametrize(
    "change",
    [{"name": None}, {"sampling": {"heat": 1}}, {"sampling": None}, {"transcript": 999}, {"files": 3}, {"base": 1}],
)
def test_a_file_with_other_content_is_refused(model: Path, change: dict[str, Any]) -> None:
    path = model / "persona.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(BrokenModel, match=str(model)):
        Persona.read(model)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b"{" * 10])
def test_a_file_that_is_no_persona_is_refused(model: Path, content: bytes) -> None:
    (model / "persona.json").write_bytes(content)
    with pytest.raises(BrokenModel, match=r"persona\.json"):
        Persona.read(model)


def test_a_folder_that_is_nowhere_is_named(tmp_path: Path) -> None:
    with pytest.raises(BrokenModel, match="nowhere"):
        Persona.read(tmp_path / "nowhere")


def test_changed_and_missing_files_are_named(model: Path) -> None:
    weights = model / "adapter_model.safetensors"
    weights.write_bytes(b"other")
    with pytest.raises(BrokenModel, match=r"adapter_model\.safetensors.*changed"):
        Persona.read(model).check(model)
    weights.unlink()
    with pytest.raises(BrokenModel, match=r"adapter_model\.safetensors.*missing"):
        Persona.read(model).check(model)


def test_the_base_is_named_so_that_both_can_move_together(tmp_path: Path) -> None:
    (tmp_path / "one/base").mkdir(parents=True)
    reference = base_reference(tmp_path / "one/base", tmp_path / "one/models/vilem")
    assert reference == "../../base"
    (tmp_path / "one").rename(tmp_path / "two")
    persona = Persona("Vilém", reference, "", "")
    assert persona.base_source(tmp_path / "two/models/vilem") == str(tmp_path / "two/base")
    assert base_reference("Qwen/Qwen3-0.6B", tmp_path) == "Qwen/Qwen3-0.6B"


def test_the_sum_of_a_base_sees_names_and_contents_of_its_weights(tmp_path: Path) -> None:
    (tmp_path / "a.safetensors").write_text("1")
    sums = [base_sha256(tmp_path)]
    (tmp_path / "README.md").write_text("changes nothing")
    assert base_sha256(tmp_path) == sums[0]
    (tmp_path / "a.safetensors").write_text("2")
    sums.append(base_sha256(tmp_path))
    (tmp_path / "a.safetensors").rename(tmp_path / "b.safetensors")
    sums.append(base_sha256(tmp_path))
    assert len(set(sums)) == 3


def test_needs_no_model_library() -> None:
    code = "import sys, patzta.inference.persona; assert not {'torch', 'transformers', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
